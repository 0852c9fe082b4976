import { Buffer } from 'node:buffer'
import type { Listed, Listing, ListingPage, ListOptions } from '../contract/listing.js'
import { invalidArgument } from '../errors.js'
import type { Awaitable, KvStore, Row } from '../kv/kv.js'
import { limits } from '../limits.js'
import { commonPrefixOf } from '../rules/common-prefix.js'
import { afterAllUnder, justAfter, type RowKey } from './keys.js'

/** How one family of rows is listed: rows of one key may be several, told apart by an id behind the key. */
export interface Listable<T, K extends string> {
  readonly type: K
  /** What all keys of the family begin with; the listed key follows. */
  readonly family: RowKey
  /** Bytes behind the key within a row's key: a NUL and an id, where several rows may share a key. */
  readonly idBytes?: number
  /** Undefined for a row that is not to be listed. */
  read(row: Row, name: { key: string; id?: Uint8Array }): T | undefined
  /**
   * From the text of an id, as a caller gives it, to its bytes; undefined if it cannot be one. Empty: it names none
   * that is there, and the key's entries are listed from the first on.
   */
  parseId?(id: string, key: string): Awaitable<Uint8Array | undefined>
  formatId?(id: Uint8Array, info: T): string
  /** How rows are read, where they are not simply those of the family. */
  scan?(range: ListedRange): Promise<ListedRows>
}

export interface ListedRange {
  readonly from: RowKey
  readonly to: RowKey
  /** Rows at most. */
  readonly limit: number
}

export interface ListedRows {
  readonly rows: readonly Row[]
  /** Where to go on; undefined when the range is exhausted. */
  readonly next: RowKey | undefined
}

type Options = ListOptions

/** One page, or all pages one after the other. `open` is called once, when the first page is asked for. */
export function listing<T, K extends string>(
  kv: KvStore,
  options: Options,
  open: () => Promise<Listable<T, K>>,
): Listing<T, K> {
  const pageLimit = Math.min(options.limit ?? limits.listPageDefault, limits.listPageMax)
  if (!Number.isInteger(pageLimit) || pageLimit < 0)
    throw new RangeError('A page holds a whole number of entries.')
  return {
    async page() {
      return readPage(kv, await open(), options, pageLimit)
    },
    async *[Symbol.asyncIterator]() {
      const listable = await open()
      const { startAfter: _key, startAfterId: _id, ...rest } = options
      const read = (from: Options) => {
        const page = readPage(kv, listable, from, limits.listPageDefault)
        page.catch(() => {}) // Whoever goes on is told; whoever stops need not be.
        return page
      }
      let page: Promise<ListingPage<T, K>> | undefined = read(options)
      while (page !== undefined) {
        const { entries, next }: ListingPage<T, K> = await page
        // The store reads on while the caller looks at what there is.
        page = next && read({ ...rest, ...next })
        yield* entries
      }
    },
  }
}

async function readPage<T, K extends string>(
  kv: KvStore,
  listable: Listable<T, K>,
  options: Options,
  pageLimit: number,
): Promise<ListingPage<T, K>> {
  const { prefix = '', delimiter = '', signal } = options
  const entries: Listed<T, K>[] = []
  if (pageLimit === 0) return { entries }
  const end = afterAllUnder(under(listable, prefix))
  const scan = listable.scan?.bind(listable) ?? ((range: ListedRange) => scanFamily(kv, range))
  let from = await firstKey(listable, options)
  let last: { startAfter: string; startAfterId?: string } | undefined
  // With a delimiter most rows may be skipped: begin with few, read more while nothing is rolled up.
  let step = delimiter === '' ? pageLimit + 1 : Math.min(32, pageLimit + 1)
  while (Buffer.compare(from, end) < 0) {
    signal?.throwIfAborted()
    const { rows, next } = await scan({ from, to: end, limit: step })
    let jumped = false
    for (const row of rows) {
      if (jumped && Buffer.compare(row.key, from) < 0) continue // Rolled up with the common prefix just returned.
      const name = nameOf(listable, row)
      const rolledUp = commonPrefixOf(name.key, prefix, delimiter)
      const info = listable.read(row, name)
      if (info === undefined) continue
      if (entries.length === pageLimit) return { entries, next: last! }
      if (rolledUp !== undefined) {
        entries.push({ type: 'common-prefix', prefix: rolledUp })
        last = { startAfter: rolledUp }
        from = afterAllUnder(under(listable, rolledUp))
        jumped = true
      } else {
        entries.push({ type: listable.type, info })
        last = { startAfter: name.key }
        if (name.id !== undefined) last.startAfterId = listable.formatId!(name.id, info)
      }
    }
    if (next === undefined) return { entries }
    if (Buffer.compare(next, from) > 0) from = next
    step = jumped ? 32 : Math.min(step * 4, 1_000)
  }
  return { entries }
}

async function scanFamily(kv: KvStore, range: ListedRange): Promise<ListedRows> {
  const { rows, more } = await kv.scan(range)
  return { rows, next: more ? justAfter(rows.at(-1)!.key) : undefined }
}

const under = (listable: { family: RowKey }, text: string): RowKey =>
  Buffer.concat([listable.family, Buffer.from(text)])

/** The first row key that may hold an entry after the start asked for. */
async function firstKey<T, K extends string>(listable: Listable<T, K>, options: Options): Promise<RowKey> {
  const { prefix = '', delimiter = '', startAfter, startAfterId } = options
  const begin = under(listable, prefix)
  if (startAfter === undefined || startAfter === '') return begin
  // A start at or inside a common prefix lies behind it: the prefix was returned, with all it rolls up.
  const rolledUp = commonPrefixOf(startAfter, prefix, delimiter)
  const start =
    rolledUp === undefined
      ? await afterEntry(listable, startAfter, startAfterId)
      : afterAllUnder(under(listable, rolledUp))
  return Buffer.compare(start, begin) > 0 ? start : begin
}

async function afterEntry<T, K extends string>(
  listable: Listable<T, K>,
  key: string,
  id: string | undefined,
): Promise<RowKey> {
  const row = under(listable, key)
  if (listable.idBytes === undefined) return justAfter(row)
  // Behind the key stand a NUL and the id. Without an id, all entries of the key are passed over.
  if (id === undefined) return Buffer.concat([row, Uint8Array.of(1)])
  const idBytes = await listable.parseId!(id, key)
  if (idBytes === undefined) throw invalidArgument('startAfterId', id)
  if (idBytes.byteLength === 0) return row
  return justAfter(Buffer.concat([row, Uint8Array.of(0), idBytes]))
}

function nameOf<T, K extends string>(
  { family, idBytes }: Listable<T, K>,
  row: Row,
): { key: string; id?: Uint8Array } {
  const { buffer, byteOffset, byteLength } = row.key
  const rest = Buffer.from(buffer, byteOffset + family.byteLength, byteLength - family.byteLength)
  if (idBytes === undefined) return { key: rest.toString('utf8') }
  const keyEnd = rest.byteLength - idBytes - 1
  return { key: rest.toString('utf8', 0, keyEnd), id: rest.subarray(keyEnd + 1) }
}
