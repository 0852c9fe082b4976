import { join } from 'node:path'
import { type Disk, readWholeFile } from '../../../disk.js'
import { bufferView } from '../../buffer-view.js'
import { hasChecksum } from './crc32c.js'
import { readLiveTables } from './manifest.js'
import { BLOCK_TRAILER_BYTES, type BlockHandle, readFooter, readHandles } from './table-blocks.js'

/**
 * Checks every block of every table in use by a LevelDB that does not compress. LevelDB itself writes these checksums
 * and here never reads them. Answers the first damage found, or undefined; also when it is stopped.
 */
export async function findTableDamage(
  disk: Disk,
  directory: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    for (const [number, sizeBytes] of await liveTables(disk, directory)) {
      if (signal.aborted) return undefined
      const table = await readTable(disk, directory, number)
      if (table !== undefined) checkTable(table, sizeBytes, number)
      // It may have been merged into others meanwhile.
      else if ((await liveTables(disk, directory)).has(number)) return `table ${number} is missing`
    }
    return undefined
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
}

/** What the tables in use take. @throws RangeError where the manifest is damaged. */
export async function tablesSizeBytes(disk: Disk, directory: string): Promise<number> {
  const sizes = await liveTables(disk, directory)
  return [...sizes.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0)
}

async function liveTables(disk: Disk, directory: string): Promise<Map<number, number>> {
  const current = await readWholeFile(disk, join(directory, 'CURRENT'))
  const name = Buffer.from(current).toString().trim()
  if (!/^MANIFEST-\d+$/.test(name)) throw new RangeError('CURRENT names no manifest')
  return readLiveTables(bufferView(await readWholeFile(disk, join(directory, name))))
}

/** Undefined where it is not there under either of the names that a table may have. */
async function readTable(disk: Disk, directory: string, number: number): Promise<Buffer | undefined> {
  for (const suffix of ['ldb', 'sst']) {
    try {
      const name = `${String(number).padStart(6, '0')}.${suffix}`
      return bufferView(await readWholeFile(disk, join(directory, name)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return undefined
}

/** @throws RangeError where a block, or its place, is not what was written. */
function checkTable(table: Buffer, sizeBytes: number, number: number): void {
  try {
    if (table.byteLength !== sizeBytes) throw new RangeError(`${table.byteLength} bytes of ${sizeBytes}`)
    const { metaindex, index } = readFooter(table)
    for (const block of [metaindex, index])
      for (const handle of readHandles(readBlock(table, block))) readBlock(table, handle)
  } catch (error) {
    throw new RangeError(`table ${number} is damaged: ${(error as Error).message}`, { cause: error })
  }
}

function readBlock(table: Buffer, { offset, sizeBytes }: BlockHandle): Buffer {
  const end = offset + sizeBytes
  if (end + BLOCK_TRAILER_BYTES > table.byteLength)
    throw new RangeError(`a block at ${offset} reaches beyond the end`)
  if (!hasChecksum(table.subarray(offset, end + 1), table.readUInt32LE(end + 1)))
    throw new RangeError(`the block at ${offset} is not what was written`)
  return table.subarray(offset, end)
}
