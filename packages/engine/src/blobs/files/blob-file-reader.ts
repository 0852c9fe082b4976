import type { DiskFile } from '../../disk.js'
import { corruptBlob } from '../../errors.js'
import type { BlobId } from '../blobs.js'
import {
  BLOCK_BYTES,
  type BlobLayout,
  CHECKSUM_BYTES,
  type Checksum,
  decodeFooter,
  FOOTER_BYTES,
  trailerEntryAt,
} from './blob-format.js'
import { allocate } from './buffer-budget.js'
import { readFailure } from './disk-failure.js'

/** So many checksums are read at a time: those of 32 MiB. */
const TRAILER_PAGE_ENTRIES = 512

/** One open blob file whose footer was found good. Hands out verified blocks; knows nothing of streams. */
export class BlobFileReader {
  readonly layout: BlobLayout
  readonly #id: BlobId
  readonly #seed: bigint
  readonly #file: DiskFile
  readonly #checksum: Checksum
  /** A stretch of the trailer, and the block whose checksum it begins with. */
  #page: { readonly firstBlock: number; readonly view: DataView }

  private constructor(
    id: BlobId,
    file: DiskFile,
    checksum: Checksum,
    layout: BlobLayout,
    trailerEnd: Uint8Array,
  ) {
    this.#id = id
    this.#seed = BigInt(id)
    this.#file = file
    this.#checksum = checksum
    this.layout = layout
    const entries = Math.min(layout.blockCount, Math.floor(trailerEnd.byteLength / CHECKSUM_BYTES))
    this.#page = {
      firstBlock: layout.blockCount - entries,
      view: viewOf(trailerEnd.subarray(trailerEnd.byteLength - entries * CHECKSUM_BYTES)),
    }
  }

  /** Reads the footer, and the last checksums with it: of most blobs that is all of them. The file stays the caller's. */
  static async open(id: BlobId, file: DiskFile, checksum: Checksum): Promise<BlobFileReader> {
    const fileBytes = await file.size()
    const tailBytes = Math.min(fileBytes, TRAILER_PAGE_ENTRIES * CHECKSUM_BYTES + FOOTER_BYTES)
    const tail = await readFully(id, file, fileBytes - tailBytes, tailBytes)
    const footerAt = Math.max(0, tailBytes - FOOTER_BYTES)
    const layout = decodeFooter(tail.subarray(footerAt), id, fileBytes, checksum)
    if ('wrong' in layout) throw corruptBlob(id, layout.wrong, fileBytes - tailBytes + footerAt)
    return new BlobFileReader(id, file, checksum, layout, tail.subarray(0, footerAt))
  }

  /**
   * The payload's bytes from `offset`, which is the start of a block, to `end`, which is one or the end of the
   * payload. All of them verified.
   */
  async readBlocks(offset: number, end: number): Promise<Uint8Array> {
    const bytes = await readFully(this.#id, this.#file, offset, end - offset)
    for (let at = offset; at < end; at += BLOCK_BYTES) {
      const block = bytes.subarray(at - offset, at - offset + BLOCK_BYTES)
      if (this.#checksum(block, this.#seed) !== (await this.#expected(at / BLOCK_BYTES))) {
        throw corruptBlob(this.#id, `the block at offset ${at} fails its checksum`, at)
      }
    }
    return bytes
  }

  async #expected(block: number): Promise<bigint> {
    const { firstBlock, view } = this.#page
    const entry = block - firstBlock
    if (entry >= 0 && entry * CHECKSUM_BYTES < view.byteLength)
      return view.getBigUint64(entry * CHECKSUM_BYTES, true)
    const count = Math.min(TRAILER_PAGE_ENTRIES, this.layout.blockCount - block)
    const at = trailerEntryAt(this.layout, block)
    const page = viewOf(await readFully(this.#id, this.#file, at, count * CHECKSUM_BYTES))
    this.#page = { firstBlock: block, view: page }
    return page.getBigUint64(0, true)
  }
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

async function readFully(id: BlobId, file: DiskFile, offset: number, length: number): Promise<Uint8Array> {
  const bytes = allocate(length)
  for (let read = 0; read < length; ) {
    const count = await file.read(bytes.subarray(read), offset + read).catch((error: unknown) => {
      throw readFailure(id, error, offset + read)
    })
    if (count === 0) throw corruptBlob(id, `its file ends at ${offset + read}`, offset + read)
    read += count
  }
  return bytes
}
