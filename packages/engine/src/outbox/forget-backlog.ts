import { eventsOf } from '../catalog/keys.js'
import { rowsUnder } from '../catalog/scan.js'
import type { KvStore } from '../kv/kv.js'
import type { Outbox } from './outbox.js'
import { REMOVED_AT_ONCE, removeRows } from './remove-rows.js'

/** All that waits for somebody who has gone for good. */
export async function forgetBacklog(
  { kv, outbox }: { readonly kv: KvStore; readonly outbox: Outbox },
  target: string,
): Promise<void> {
  const keys: Uint8Array[] = []
  for (const family of ['waiting', 'dead', 'gap'] as const)
    for await (const { key } of rowsUnder(kv, eventsOf(family, target))) {
      keys.push(key)
      if (keys.length === REMOVED_AT_ONCE) await removeRows(kv, keys.splice(0))
    }
  await removeRows(kv, keys)
  outbox.forget(target)
}
