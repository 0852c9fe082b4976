import type { Row, ScanOptions, ScanPage } from '../kv.js'
import { TextRow } from '../text-row.js'
import type { RowIndex } from './index/row-index.js'

/** One more than asked for is read: it says whether there are more. */
export async function scanRows(index: RowIndex, options: ScanOptions): Promise<ScanPage> {
  const { limit, textAfterBytes } = options
  const range = { ...options, limit: limit + 1 }
  const prefix = textAfterBytes === undefined ? undefined : prefixOf(options, textAfterBytes)
  const rows = prefix === undefined ? await bytesRows(index, range) : await textRows(index, range, prefix)
  const more = rows.length > limit
  if (more) rows.pop()
  return { rows, more }
}

async function bytesRows(index: RowIndex, range: ScanOptions): Promise<Row[]> {
  const found = await index.scan(range)
  return found.map(([key, { value, revision, payloadBytes }]) => ({ key, value, revision, payloadBytes }))
}

async function textRows(index: RowIndex, range: ScanOptions, prefix: Uint8Array): Promise<Row[]> {
  const found = await index.scanText(range)
  return found.map(([key, row]) => new TextRow(prefix, key.slice(prefix.byteLength), row))
}

/** Undefined where it is not ASCII: LevelDB makes text of a whole key, and of other bytes it cannot make any. */
function prefixOf({ from }: ScanOptions, byteLength: number): Uint8Array | undefined {
  const prefix = new Uint8Array(from.subarray(0, byteLength))
  return prefix.byteLength === byteLength && prefix.every((byte) => byte < 0x80) ? prefix : undefined
}
