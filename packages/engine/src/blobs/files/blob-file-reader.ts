import type { DiskFile } from '../../disk.js'
import { corruptBlob } from '../../errors.js'
import type { BlobId, BlobStretch } from '../blobs.js'
import {
  BLOCK_BYTES,
  type BlobLayout,
  blockCountOf,
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

/** What is to be read with the very first call. */
export interface FirstRead {
  readonly stretch: BlobStretch
  /** Where to, if it need not be memory of their own. With room for what is read along. */
  readonly buffer?: Uint8Array | undefined
}

/** Bytes of the file that were read before they were asked for, not yet verified. */
interface Early {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** One open blob file whose footer was found good. Hands out verified blocks; knows nothing of streams. */
export class BlobFileReader {
  readonly layout: BlobLayout
  readonly #id: BlobId
  readonly #seed: bigint
  readonly #file: DiskFile
  readonly #checksum: Checksum
  readonly #early: Early | undefined
  /** A stretch of the trailer, and the block whose checksum it begins with. */
  #page: { readonly firstBlock: number; readonly view: DataView }

  private constructor(
    id: BlobId,
    file: DiskFile,
    checksum: Checksum,
    { layout, trailerEnd }: Tail,
    early: Early | undefined,
  ) {
    this.#id = id
    this.#seed = BigInt(id)
    this.#file = file
    this.#checksum = checksum
    this.#early = early
    this.layout = layout
    const entries = Math.min(layout.blockCount, Math.floor(trailerEnd.byteLength / CHECKSUM_BYTES))
    this.#page = {
      firstBlock: layout.blockCount - entries,
      view: viewOf(trailerEnd.subarray(trailerEnd.byteLength - entries * CHECKSUM_BYTES)),
    }
  }

  /**
   * Reads the footer, and the last checksums with it: of most blobs that is all of them. The file stays the caller's.
   *
   * @param first Is read together with what would follow it if it ended the blob: of a small blob that is asked for
   * whole, one call then reads all there is.
   */
  static async open(
    id: BlobId,
    file: DiskFile,
    checksum: Checksum,
    first?: FirstRead,
  ): Promise<BlobFileReader> {
    const early = first && (await readEarly(id, file, first))
    const tail =
      (early && findTail(id, early, first.stretch, checksum)) ?? (await readTail(id, file, checksum))
    return new BlobFileReader(id, file, checksum, tail, early)
  }

  /** Whether reading these blocks needs no more from the disk. */
  holds(offset: number, end: number): boolean {
    if (this.#early === undefined || offset < this.#early.offset) return false
    return end <= this.#early.offset + this.#early.bytes.byteLength
  }

  /**
   * The payload's bytes from `offset`, which is the start of a block, to `end`, which is one or the end of the
   * payload. All of them verified.
   *
   * @param buffer Where to, if it need not be memory of their own.
   */
  async readBlocks(offset: number, end: number, buffer?: Uint8Array): Promise<Uint8Array> {
    const bytes = this.holds(offset, end)
      ? this.#early!.bytes.subarray(offset - this.#early!.offset, end - this.#early!.offset)
      : await readFully(this.#id, this.#file, offset, end - offset, buffer)
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

interface Tail {
  readonly layout: BlobLayout
  /** The last checksums, as many as were read. */
  readonly trailerEnd: Uint8Array
}

/** From the start of the stretch's first block to the end of its last, or of the footer if that were the blob's last. */
async function readEarly(
  id: BlobId,
  file: DiskFile,
  { stretch: { offset, length }, buffer }: FirstRead,
): Promise<Early | undefined> {
  const start = offset - (offset % BLOCK_BYTES)
  const end = offset + length
  const blocks = blockCountOf(end)
  if (blocks > TRAILER_PAGE_ENTRIES) return undefined
  // A byte more than the file may have: getting it means that the file goes on.
  const stop = Math.max(blocks * BLOCK_BYTES, end + blocks * CHECKSUM_BYTES + FOOTER_BYTES + 1)
  const bytes = buffer?.subarray(0, stop - start) ?? allocate(stop - start)
  return { offset: start, bytes: bytes.subarray(0, await fill(id, file, start, bytes)) }
}

/** The tail, if what was read early ends with the file and the stretch with the blob. */
function findTail(
  id: BlobId,
  early: Early,
  { offset, length }: BlobStretch,
  checksum: Checksum,
): Tail | undefined {
  const payloadBytes = offset + length
  const trailerAt = payloadBytes - early.offset
  const footerAt = trailerAt + blockCountOf(payloadBytes) * CHECKSUM_BYTES
  if (early.bytes.byteLength !== footerAt + FOOTER_BYTES) return undefined
  const fileBytes = early.offset + early.bytes.byteLength
  const layout = decodeFooter(early.bytes.subarray(footerAt), id, fileBytes, checksum)
  return 'wrong' in layout ? undefined : { layout, trailerEnd: early.bytes.subarray(trailerAt, footerAt) }
}

async function readTail(id: BlobId, file: DiskFile, checksum: Checksum): Promise<Tail> {
  const fileBytes = await file.size()
  const tailBytes = Math.min(fileBytes, TRAILER_PAGE_ENTRIES * CHECKSUM_BYTES + FOOTER_BYTES)
  const tail = await readFully(id, file, fileBytes - tailBytes, tailBytes)
  const footerAt = Math.max(0, tailBytes - FOOTER_BYTES)
  const layout = decodeFooter(tail.subarray(footerAt), id, fileBytes, checksum)
  if ('wrong' in layout) throw corruptBlob(id, layout.wrong, fileBytes - tailBytes + footerAt)
  return { layout, trailerEnd: tail.subarray(0, footerAt) }
}

async function readFully(
  id: BlobId,
  file: DiskFile,
  offset: number,
  length: number,
  buffer: Uint8Array = allocate(length),
): Promise<Uint8Array> {
  const bytes = buffer.subarray(0, length)
  const read = await fill(id, file, offset, bytes)
  if (read < length) throw corruptBlob(id, `its file ends at ${offset + read}`, offset + read)
  return bytes
}

/** How many bytes there were, the buffer's length at most. */
async function fill(id: BlobId, file: DiskFile, offset: number, bytes: Uint8Array): Promise<number> {
  for (let read = 0; ; ) {
    const count = await file.read(bytes.subarray(read), offset + read).catch((error: unknown) => {
      throw readFailure(id, error, offset + read)
    })
    read += count
    if (count === 0 || read === bytes.byteLength) return read
  }
}
