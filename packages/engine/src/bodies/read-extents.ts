import { type Body, isInBlob } from '../catalog/records/body.js'
import type { Cancel } from '../contract/source.js'
import type { Works } from '../works.js'
import { extentsFrom } from './extents.js'
import { bytesInRow } from './row-bytes.js'
import type { Stretch } from './stored-bytes.js'

/**
 * The bytes of a stretch of a body that lies in blobs. The caller holds a pin on the body.
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
  const { bodyId } = body
  const end = stretch.offset + stretch.length
  for await (const { extent, at } of extentsFrom(works, body, stretch.offset)) {
    if (at >= end) return
    const skip = Math.max(0, stretch.offset - at)
    const length = Math.min(extent.length - skip, end - at - skip)
    if (length <= 0) continue
    const there = { offset: extent.offset + skip, length }
    if (!isInBlob(extent)) {
      yield await bytesInRow(works.kv, extent.owner ?? bodyId, there)
      signal?.throwIfAborted()
      continue
    }
    yield* works.blobs.read(extent.blobId, there, { borrows, ...(signal && { signal }) })
  }
}
