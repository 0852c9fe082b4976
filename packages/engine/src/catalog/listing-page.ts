import { Buffer } from 'node:buffer'
import type { Listed, ListingPage, ListOptions } from '../contract/listing.js'
import { invalidArgument } from '../errors.js'
import type { KvStore, Row } from '../kv/kv.js'
import { commonPrefixOf } from '../rules/common-prefix.js'
import { afterAllUnder, justAfter, type RowKey } from './keys.js'
import type { Listable, ListedRange, ListedRows } from './listable.js'

/** One page from where the options say on. @throws {@link EngineError} `InvalidArgument` for an id that cannot be one. */
export async function readPage<T, K extends string>(
  kv: KvStore,
  listable: Listable<T, K>,
  options: ListOptions,
  pageLimit: number,
): Promise<ListingPage<T, K>> {
  const { prefix = '', delimiter = '', signal } = options
  const entries: Listed<T, K>[] = []
  if (pageLimit === 0) return { entries }
  const end = afterAllUnder(under(listable, prefix))
  const scan = listable.scan?.bind(listable) ?? ((range: ListedRange) => scanFamily(kv, listable, range))
  let from = await firstKey(listable, options)
  let last: { startAfter: string; startAfterId?: string } | undefined
  // With a delimiter most rows may be skipped: begin with few, read more while they are of use and fewer where not.
  let step = delimiter === '' ? pageLimit + 1 : Math.min(32, pageLimit + 1)
  while (Buffer.compare(from, end) < 0) {
    signal?.throwIfAborted()
    const { rows, next } = await scan({ from, to: end, limit: step })
    let jumped = false
    let passedOver = 0 // Of the last rows, those that are rolled up with the common prefix just returned.
    for (const row of rows) {
      const name = nameOf(listable, row)
      const rolledUp = commonPrefixOf(name.key, prefix, delimiter)
      if (jumped && rolledUp === last?.startAfter) {
        passedOver++
        continue
      }
      passedOver = 0
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
    if (!jumped) step = Math.min(step * 4, 1_000)
    else if (passedOver * 2 > rows.length) step = Math.max(Math.floor(step / 4), 8)
    else step = Math.min(step * 2, 1_000)
  }
  return { entries }
}

async function scanFamily<T, K extends string>(
  kv: KvStore,
  { family, idBytes }: Listable<T, K>,
  range: ListedRange,
): Promise<ListedRows> {
  const { rows, more } = await kv.scan(
    idBytes === undefined ? { ...range, textAfterBytes: family.byteLength } : range,
  )
  return { rows, next: more ? justAfter(rows.at(-1)!.key) : undefined }
}

const under = (listable: { family: RowKey }, text: string): RowKey =>
  Buffer.concat([listable.family, Buffer.from(text)])

/** The first row key that may hold an entry after the start asked for. */
async function firstKey<T, K extends string>(
  listable: Listable<T, K>,
  options: ListOptions,
): Promise<RowKey> {
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
  if (row.text !== undefined) return { key: row.text }
  const { buffer, byteOffset, byteLength } = row.key
  const rest = Buffer.from(buffer, byteOffset + family.byteLength, byteLength - family.byteLength)
  if (idBytes === undefined) return { key: rest.toString('utf8') }
  const keyEnd = rest.byteLength - idBytes - 1
  return { key: rest.toString('utf8', 0, keyEnd), id: rest.subarray(keyEnd + 1) }
}
