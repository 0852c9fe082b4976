import type { ServedCall } from './served-call.js'

const ITEMS = 1_000

/** Gives what is iterated over so many at a time, the first at once. */
export async function sendItems(call: ServedCall, all: AsyncIterable<unknown>): Promise<void> {
  let items: unknown[] = []
  for await (const item of all) {
    // Only what another follows is not the last.
    if (items.length === ITEMS) {
      call.answer(['items', call.id, items, false])
      items = []
      if (!(await call.isWanted())) return
    }
    items.push(item)
  }
  call.answer(['items', call.id, items, true])
}
