import type { KvStore, Row } from '../kv/kv.js'
import { afterAllUnder, justAfter, type RowKey } from './keys.js'

const PAGE_ROWS = 500

/** All rows under a prefix, in order, a page at a time: between two pages the store goes on. */
export const rowsUnder = (kv: KvStore, prefix: RowKey, pageRows = PAGE_ROWS): AsyncGenerator<Row> =>
  rowsBetween(kv, prefix, afterAllUnder(prefix), pageRows)

/** The same from one key (inclusive) to another (exclusive). */
export async function* rowsBetween(
  kv: KvStore,
  first: RowKey,
  end: RowKey,
  pageRows = PAGE_ROWS,
): AsyncGenerator<Row> {
  for (let from = first; ; ) {
    const { rows, more } = await kv.scan({ from, to: end, limit: pageRows })
    yield* rows
    if (!more) return
    from = justAfter(rows.at(-1)!.key)
  }
}
