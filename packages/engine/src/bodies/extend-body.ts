import type { Draft } from '../catalog/draft.js'
import { extentsKey } from '../catalog/keys.js'
import type { Body } from '../catalog/records/body.js'
import type { Extent } from '../catalog/records/extent.js'
import { decodeExtents, encodeExtents } from '../catalog/records/extent-row.js'
import type { Row } from '../kv/kv.js'
import type { Works } from '../works.js'
import type { StagedBody } from './stage.js'

/** A body that bytes are to be added to, which nothing else may share. */
export interface Extended {
  readonly body: Body
  /** The bytes of an inline body. */
  readonly payload?: Uint8Array | undefined
  /** The row at its end, of a long body: it holds no bytes. */
  readonly tail?: Row | undefined
}

/**
 * Adds bytes at the end of a body, which is long from then on: one row more, whatever its size, with small bytes as
 * the row's payload. What is there stays where it is. Who reads the body as it was before goes on reading that: its
 * record says where it ended.
 */
export function extendBody(
  works: Works,
  draft: Draft,
  { body, payload, tail }: Extended,
  added: StagedBody,
): Extract<Body, { kind: 'long' }> {
  const bodyId = body.kind === 'inline' ? works.ids.next() : body.bodyId
  const put = (offset: number, extents: readonly Extent[], bytes: Uint8Array | undefined) =>
    draft.put(extentsKey(bodyId, offset), encodeExtents(extents), bytes)
  let extentCount = 0
  if (body.kind === 'long') {
    extentCount = body.extentCount
  } else {
    const first =
      body.kind === 'inline'
        ? [{ blobId: 0, offset: 0, length: body.sizeBytes }]
        : body.extents.filter(({ length }) => length > 0).map(({ part: _, ...extent }) => extent)
    put(0, first, payload)
    extentCount = first.length
  }
  const before = tail === undefined ? [] : decodeExtents(tail.value)
  put(body.sizeBytes, [...before, added.extentAt(body.sizeBytes)], added.payload)
  return {
    kind: 'long',
    bodyId,
    sizeBytes: body.sizeBytes + added.sizeBytes,
    extentCount: extentCount + 1,
  }
}
