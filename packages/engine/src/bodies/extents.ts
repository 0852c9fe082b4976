import { afterAllUnder, extentsKey, extentsOf, extentsOffsetOf, justAfter } from '../catalog/keys.js'
import type { Body, Extent } from '../catalog/records/body.js'
import { decodeExtents } from '../catalog/records/extent-row.js'
import { rowsBetween } from '../catalog/scan.js'
import { EngineError } from '../errors.js'
import type { Works } from '../works.js'

export interface PlacedExtent {
  readonly extent: Extent
  /** Offset of the extent's first byte within its body. */
  readonly at: number
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
  const all = extentsOf(body.bodyId)
  const end = afterAllUnder(all)
  let key = all
  if (from > 0) {
    // The row that holds a byte is the last one that begins at or before it.
    const { rows } = await works.kv.scan({
      from: all,
      to: justAfter(extentsKey(body.bodyId, from)),
      limit: 1,
      reverse: true,
    })
    if (rows[0] !== undefined) key = rows[0].key
  }
  let next = key === all ? 0 : extentsOffsetOf(key)
  for await (const row of rowsBetween(works.kv, key, end, ROWS_AHEAD)) {
    const first = extentsOffsetOf(row.key)
    if (first !== next) throw gap(next)
    const extents = decodeExtents(row.value)
    for (const { length } of extents) next += length
    yield* placed(extents, first, from)
  }
  if (next !== body.sizeBytes) throw gap(next)
}

const gap = (offset: number): EngineError<'CorruptRecord'> =>
  new EngineError('CorruptRecord', `The row of a body's extents at byte ${offset} is missing.`, {
    key: `extents at byte ${offset}`,
  })

function* placed(extents: readonly Extent[], first: number, from: number): Generator<PlacedExtent> {
  let at = first
  for (const extent of extents) {
    if (at + extent.length > from || extent.length === 0) yield { extent, at }
    at += extent.length
  }
}
