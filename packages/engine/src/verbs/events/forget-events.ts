import { eventsOf } from '../../catalog/keys.js'
import { rowsUnder } from '../../catalog/scan.js'
import { removeRows } from '../../outbox/remove-rows.js'
import type { Works } from '../../works.js'

/** All that waits for somebody who has gone for good. */
export async function forgetEvents(works: Works, target: string): Promise<void> {
  const keys: Uint8Array[] = []
  for (const family of ['waiting', 'dead', 'gap'] as const)
    for await (const { key } of rowsUnder(works.kv, eventsOf(family, target))) keys.push(key)
  await removeRows(works.kv, keys)
  works.outbox.forget(target)
}
