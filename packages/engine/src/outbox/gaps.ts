import { Draft } from '../catalog/draft.js'
import { eventsOf } from '../catalog/keys.js'
import { decodeEventGap, type EventGapRecord, encodeEventGap } from '../catalog/records/event-record.js'
import { rowsUnder } from '../catalog/scan.js'
import type { KvStore } from '../kv/kv.js'

/** Events dropped within this time of each other are one gap. */
const JOINED_MS = 60_000
const FOLDED_AT_ONCE = 500

/** A stretch of time in which events were dropped, and the rows that say so. */
export interface FoundGap {
  readonly whole: EventGapRecord
  readonly rows: readonly { readonly key: Uint8Array; readonly gap: EventGapRecord }[]
}

/** Whoever reads or changes the gaps of a target takes this turn: they are many rows, and are read as one. */
export const gapsTurn = (target: string): readonly string[] => [`gaps of ${target}`]

/** The gaps of a target, oldest first. */
export async function readGaps(kv: KvStore, target: string): Promise<FoundGap[]> {
  const gaps: { whole: EventGapRecord; rows: { key: Uint8Array; gap: EventGapRecord }[] }[] = []
  for await (const row of rowsUnder(kv, eventsOf('gap', target))) {
    const gap = decodeEventGap(row.value)
    const last = gaps.at(-1)
    if (last === undefined || gap.fromMs - last.whole.toMs > JOINED_MS) {
      gaps.push({ whole: gap, rows: [{ key: row.key, gap }] })
    } else {
      last.whole = join(last.whole, gap)
      last.rows.push({ key: row.key, gap })
    }
  }
  return gaps
}

const join = (a: EventGapRecord, b: EventGapRecord): EventGapRecord => ({
  fromMs: Math.min(a.fromMs, b.fromMs),
  toMs: Math.max(a.toMs, b.toMs),
  count: a.count + b.count,
})

/** Has one row for each gap, and answers how many others have gone. Each dropped event has left one of its own: to count together would have made commits wait. */
export async function foldGaps(kv: KvStore, target: string): Promise<number> {
  let removed = 0
  for (const { rows } of await readGaps(kv, target)) {
    const [first, ...others] = rows
    let folded = first!.gap
    for (let at = 0; at < others.length; at += FOLDED_AT_ONCE) {
      const joined = others.slice(at, at + FOLDED_AT_ONCE)
      folded = joined.reduce((sum, { gap }) => join(sum, gap), folded)
      const draft = new Draft(kv)
      draft.freesSpace = true
      draft.put(first!.key, encodeEventGap(folded))
      for (const { key } of joined) draft.delete(key)
      await kv.commit(draft.toChange())
      removed += joined.length
    }
  }
  return removed
}
