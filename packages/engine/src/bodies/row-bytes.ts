import { extentsKey, extentsOf, extentsOffsetOf, justAfter } from '../catalog/keys.js'
import { EngineError } from '../errors.js'
import type { KvStore, Row } from '../kv/kv.js'

/** The row of extents that holds a byte of a body: the last one that begins at or before it. */
export async function findExtentRow(
  kv: KvStore,
  bodyId: Uint8Array,
  offset: number,
): Promise<Row | undefined> {
  const key = extentsKey(bodyId, offset)
  const first = await kv.get(key)
  if (first !== undefined) return first
  const { rows } = await kv.scan({ from: extentsOf(bodyId), to: justAfter(key), limit: 1, reverse: true })
  return rows[0]
}

/**
 * Bytes that a body carries in the payloads of its own rows. Whoever reads them holds a pin on that body or on one
 * that borrows from it.
 *
 * @param known The row, where it is at hand.
 * @throws {@link EngineError} `CorruptRecord` where the row is missing or short: bytes are never left out.
 */
export async function bytesInRow(
  kv: KvStore,
  bodyId: Uint8Array,
  { offset, length }: { readonly offset: number; readonly length: number },
  known?: Row,
): Promise<Uint8Array> {
  const row = known ?? (await findExtentRow(kv, bodyId, offset))
  if (row === undefined) throw missingExtents(offset)
  const payload = await kv.readPayload(row.key, row.revision)
  const at = offset - extentsOffsetOf(row.key)
  if (payload === 'changed' || payload.byteLength < at + length) throw missingExtents(offset)
  return payload.subarray(at, at + length)
}

export const missingExtents = (offset: number): EngineError<'CorruptRecord'> =>
  new EngineError('CorruptRecord', `The row of a body's extents at byte ${offset} is missing.`, {
    key: `extents at byte ${offset}`,
  })
