import { extentsKey, extentsOf, extentsOffsetOf, justAfter } from '../catalog/keys.js'
import type { Body } from '../catalog/records/body.js'
import type { Extent } from '../catalog/records/extent.js'
import { decodeExtents } from '../catalog/records/extent-row.js'
import { rowsBetween } from '../catalog/scan.js'
import type { Row } from '../kv/kv.js'
import type { Works } from '../works.js'
import { findExtentRow, missingExtents } from './row-bytes.js'

export interface PlacedExtent {
  readonly extent: Extent
  /** Offset of the extent's first byte within its body. */
  readonly at: number
  /** The row it stands in, where it stands in one. */
  readonly row?: Row
}

/** A row holds up to 512 extents: few at a time are plenty. */
const ROWS_AHEAD = 16

/**
 * The extents of a body from the one that holds byte `from` on, in order. Inline bodies have none.
 *
 * @throws {@link EngineError} `CorruptRecord` where a row of extents is missing: bytes are never left out.
 */
export async function* extentsFrom(works: Works, body: Body, from = 0): AsyncGenerator<PlacedExtent> {
  if (body.kind === 'inline') return
  if (body.kind === 'extents') {
    yield* placed(body.extents, 0, from)
    return
  }
  const begin = from > 0 ? await findExtentRow(works.kv, body.bodyId, from) : undefined
  const first = begin?.key ?? extentsOf(body.bodyId)
  const end = justAfter(extentsKey(body.bodyId, body.sizeBytes))
  let next = begin === undefined ? 0 : extentsOffsetOf(begin.key)
  for await (const row of rowsBetween(works.kv, first, end, ROWS_AHEAD)) {
    if (extentsOffsetOf(row.key) !== next) throw missingExtents(next)
    for (const { extent, at } of placed(decodeExtents(row.value), next, 0)) {
      const extentEnd = at + extent.length
      // Bytes were added since its record was read: this body ends before them.
      if (extentEnd > body.sizeBytes) break
      next = extentEnd
      if (next > from || extent.length === 0) yield { extent, at, row }
    }
  }
  if (next !== body.sizeBytes) throw missingExtents(next)
}

function* placed(extents: readonly Extent[], first: number, from: number): Generator<PlacedExtent> {
  let at = first
  for (const extent of extents) {
    if (at + extent.length > from || extent.length === 0) yield { extent, at }
    at += extent.length
  }
}
