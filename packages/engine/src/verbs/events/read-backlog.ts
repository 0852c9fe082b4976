import { eventNumberOf } from '../../catalog/keys.js'
import type { EngineEvent } from '../../contract/events.js'
import { EngineError } from '../../errors.js'
import { Acknowledgements } from '../../outbox/acknowledgements.js'
import type { Backlog } from '../../outbox/backlog.js'
import { BacklogReader } from '../../outbox/backlog-reader.js'
import { gapsTurn, readGaps } from '../../outbox/gaps.js'
import { removeRows } from '../../outbox/remove-rows.js'
import { readEvent } from '../../outbox/to-event.js'
import type { Works } from '../../works.js'

/**
 * The events of a backlog for one reader in this process, who acknowledges each by asking for the next.
 *
 * @throws {@link EngineError} `EventsDropped`, once, where some are missing; `EngineClosed`.
 */
export async function* readBacklog(
  works: Works,
  target: string,
  subscriber: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<EngineEvent> {
  const { outbox, kv } = works
  const backlog = outbox.backlog(target)
  const stopped = signal === undefined ? outbox.closed : AbortSignal.any([signal, outbox.closed])
  const reader = new BacklogReader(kv, backlog)
  const acknowledgements = new Acknowledgements(kv, backlog, reader)
  outbox.acknowledging.add(acknowledgements)
  const tellGapBefore = (number: number) => tellGap(works, backlog, subscriber, number)
  try {
    for await (const row of reader.rows(stopped, () => tellGapBefore(Number.POSITIVE_INFINITY))) {
      await tellGapBefore(eventNumberOf(row.key))
      yield readEvent(row).event
      await acknowledgements.add(row.key)
    }
    stopped.throwIfAborted()
  } finally {
    outbox.acknowledging.delete(acknowledgements)
    await acknowledgements.stop()
  }
}

/** Told once, in its place among the events: whoever asks again gets what came after. */
async function tellGap(works: Works, backlog: Backlog, subscriber: string, before: number): Promise<void> {
  if (backlog.gapRows === 0) return
  using _turn = await works.turns.acquire(gapsTurn(backlog.target))
  const gaps = await readGaps(works.kv, backlog.target)
  const gap = gaps.find(({ rows }) => eventNumberOf(rows[0]!.key) < before)
  if (gap === undefined) return
  await removeRows(
    works.kv,
    gap.rows.map(({ key }) => key),
  )
  backlog.gapRows -= gap.rows.length
  const { count, fromMs, toMs } = gap.whole
  const details = { subscriber, count, from: new Date(fromMs), to: new Date(toMs) }
  const message = `${count} events for "${subscriber}" were dropped, because too many waited.`
  throw new EngineError('EventsDropped', message, details)
}
