import { Buffer } from 'node:buffer'
import type { KvStore, Row } from '../kv/kv.js'
import { placeOf } from '../rules/version-id.js'
import { afterAllUnder, justAfter, objectNameOf, type RowKey, versionKey, versionsOfKey } from './keys.js'
import type { ListedRange, ListedRows } from './listable.js'
import { ObjectView } from './records/object-record.js'

/**
 * A bucket's versions as one run of rows: those that have rows of their own, and the only versions of keys, which are
 * given the row key that they would have as one of several.
 */
export class VersionRows {
  readonly #kv: KvStore
  readonly #bucketId: Uint8Array
  /** The key whose newest version has been seen, and its row where it was given out. */
  #seen: { readonly key: string; readonly row?: RowKey } | undefined

  constructor(kv: KvStore, bucketId: Uint8Array) {
    this.#kv = kv
    this.#bucketId = bucketId
  }

  /** Whether this row is its key's newest. To be asked of the rows in their order. */
  isLatest(row: Row, key: string): boolean {
    if (key !== this.#seen?.key) this.#seen = { key, row: row.key }
    // A row that did not fit on one page is asked about again for the next.
    return this.#seen.row !== undefined && Buffer.compare(row.key, this.#seen.row) === 0
  }

  async scan(range: ListedRange): Promise<ListedRows> {
    await this.#lookBack(range.from)
    // A key that gets its second version leaves the first family for the other, never the other way: read in this
    // order it is found in one of them at least.
    const only = [await this.#onlyVersions('o', range), await this.#onlyVersions('d', range)]
    const { rows, more } = await this.#kv.scan(range)
    const found = [...only, { rows, next: more ? justAfter(rows.at(-1)!.key) : undefined }]
    const next = found.reduce<RowKey | undefined>((lowest, each) => lower(lowest, each.next), undefined)
    return { rows: merged(found, next), next }
  }

  /** Where a page begins among a key's versions, whether a newer one stands before it. */
  async #lookBack(from: RowKey): Promise<void> {
    const separator = separatorIn(from)
    if (separator < 0) return
    const key = objectNameOf(from.subarray(0, separator))
    if (key === this.#seen?.key) return
    const all = versionsOfKey(this.#bucketId, key)
    if (Buffer.compare(all, from) >= 0) return
    const { rows } = await this.#kv.scan({ from: all, to: from, limit: 1 })
    if (rows.length > 0) this.#seen = { key }
  }

  async #onlyVersions(family: 'o' | 'd', { from, to, limit }: ListedRange): Promise<ListedRows> {
    const range = { from: inFamily(family, from), to: inFamily(family, to), limit }
    if (Buffer.compare(range.from, range.to) >= 0) return { rows: [], next: undefined }
    const { rows, more } = await this.#kv.scan(range)
    const found: Row[] = []
    for (const row of rows) {
      const key = objectNameOf(row.key)
      const view = new ObjectView(row.value)
      if (view.isSummary) continue
      const placed = versionKey(this.#bucketId, key, placeOf(view))
      if (Buffer.compare(placed, from) >= 0) found.push({ ...row, key: placed })
    }
    const last = more ? objectNameOf(rows.at(-1)!.key) : undefined
    return {
      rows: found,
      next: last === undefined ? undefined : afterAllUnder(versionsOfKey(this.#bucketId, last)),
    }
  }
}

/** Up to where all were read, in order. What was moved between two reads is found twice, and given once. */
function merged(found: readonly ListedRows[], end: RowKey | undefined): Row[] {
  const runs = found
    .map(({ rows }) => rows.filter(({ key }) => end === undefined || Buffer.compare(key, end) < 0))
    .filter((rows) => rows.length > 0)
  if (runs.length < 2) return runs[0] ?? []
  const rows = runs.flat().sort((a, b) => Buffer.compare(a.key, b.key))
  return rows.filter(({ key }, at) => at === 0 || Buffer.compare(key, rows[at - 1]!.key) !== 0)
}

const lower = (a: RowKey | undefined, b: RowKey | undefined): RowKey | undefined =>
  a === undefined || (b !== undefined && Buffer.compare(b, a) < 0) ? b : a

const NAME_AT = 1 + 16

const separatorIn = (key: RowKey): number => key.indexOf(0, NAME_AT)

/** The same bound among keys' own rows, which have nothing behind the key. */
function inFamily(family: 'o' | 'd', bound: RowKey): RowKey {
  const separator = separatorIn(bound)
  const key = Uint8Array.from(separator < 0 ? bound : bound.subarray(0, separator))
  key[0] = family.charCodeAt(0)
  return key
}
