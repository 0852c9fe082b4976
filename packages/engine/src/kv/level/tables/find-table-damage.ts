import { join } from 'node:path'
import { createCRC32, type IHasher } from 'hash-wasm'
import { type Disk, readWholeFile } from '../../../disk.js'
import { bufferView } from '../../buffer-view.js'
import { BLOCK_TRAILER_BYTES, type BlockHandle, readFooter, readHandles } from './table-blocks.js'

const CASTAGNOLI = 0x82f63b78

/**
 * Checks every block of every table of a LevelDB that does not compress. LevelDB itself writes these checksums and
 * here never reads them. Answers the first damage found, or undefined; also when it is stopped.
 */
export async function findTableDamage(
  disk: Disk,
  directory: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const crc = await createCRC32(CASTAGNOLI)
  for (const name of await disk.list(directory)) {
    if (!/\.(ldb|sst)$/.test(name)) continue
    if (signal.aborted) return undefined
    const table = await readTable(disk, join(directory, name))
    const damage = table === undefined ? undefined : tableDamage(table, crc)
    if (damage !== undefined) return `${name}: ${damage}`
  }
  return undefined
}

async function readTable(disk: Disk, path: string): Promise<Buffer | undefined> {
  try {
    return bufferView(await readWholeFile(disk, path))
  } catch (error) {
    // A table that was merged into others meanwhile. One that is missed is found missing when LevelDB opens.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function tableDamage(table: Buffer, crc: IHasher): string | undefined {
  try {
    const footer = readFooter(table)
    const [metaindex, index] = [readBlock(table, footer.metaindex, crc), readBlock(table, footer.index, crc)]
    for (const handle of [...readHandles(metaindex), ...readHandles(index)]) readBlock(table, handle, crc)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function readBlock(table: Buffer, { offset, sizeBytes }: BlockHandle, crc: IHasher): Buffer {
  const end = offset + sizeBytes
  if (end + BLOCK_TRAILER_BYTES > table.byteLength)
    throw new RangeError(`a block at ${offset} reaches beyond the end`)
  crc.init()
  crc.update(table.subarray(offset, end + 1))
  const calculated = Number.parseInt(crc.digest('hex'), 16)
  if (unmask(table.readUInt32LE(end + 1)) !== calculated) throw new Error(`the block at ${offset} is damaged`)
  return table.subarray(offset, end)
}

/** LevelDB stores checksums rotated and shifted, lest a checksum of checksums be weak. */
function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0
  return ((rotated >>> 17) | (rotated << 15)) >>> 0
}
