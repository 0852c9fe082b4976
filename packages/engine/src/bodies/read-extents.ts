import type { Body } from '../catalog/records/body.js'
import { isInBlob } from '../catalog/records/extent.js'
import type { Cancel } from '../contract/source.js'
import type { Works } from '../works.js'
import { extentsFrom } from './extents.js'
import { bytesInRow } from './row-bytes.js'
import type { Stretch } from './stored-bytes.js'

/** Small pieces are given out together, up to so many bytes: a stream's cost is by the chunk. */
const TOGETHER_BYTES = 64 * 1024

/**
 * The bytes of a stretch of a body that lies in blobs or in rows. The caller holds a pin on the body.
 *
 * @param options.borrows Whether the caller is done with a chunk when it asks for the next.
 */
export async function* readExtents(
  works: Works,
  body: Body,
  stretch: Stretch,
  { signal, borrows = false }: Cancel & { borrows?: boolean } = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  if (body.kind === 'inline') return
  const end = stretch.offset + stretch.length
  let pieces: Uint8Array[] = []
  let pieceBytes = 0
  const takePieces = () => {
    const taken = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
    pieces = []
    pieceBytes = 0
    return taken
  }
  for await (const { extent, at, row } of extentsFrom(works, body, stretch.offset)) {
    if (at >= end) break
    const skip = Math.max(0, stretch.offset - at)
    const length = Math.min(extent.length - skip, end - at - skip)
    if (length <= 0) continue
    const there = { offset: extent.offset + skip, length }
    const isFull = pieceBytes > 0 && pieceBytes + length > TOGETHER_BYTES
    if (isFull || (pieceBytes > 0 && isInBlob(extent))) yield takePieces()
    if (isInBlob(extent)) {
      yield* works.blobs.read(extent.blobId, there, { borrows, ...(signal && { signal }) })
    } else {
      signal?.throwIfAborted()
      const { owner } = extent
      pieces.push(
        await bytesInRow(works.kv, owner ?? body.bodyId, there, owner === undefined ? row : undefined),
      )
      pieceBytes += length
    }
  }
  if (pieceBytes > 0) yield takePieces()
}
