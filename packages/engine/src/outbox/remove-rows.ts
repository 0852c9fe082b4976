import { Draft } from '../catalog/draft.js'
import type { RowKey } from '../catalog/keys.js'
import type { KvStore } from '../kv/kv.js'

/** So many go in one commit. */
export const REMOVED_AT_ONCE = 500

/** Deletes rows that nobody needs any more, also where the disk is full. */
export async function removeRows(kv: KvStore, keys: readonly RowKey[]): Promise<void> {
  for (let at = 0; at < keys.length; at += REMOVED_AT_ONCE) {
    const draft = new Draft(kv)
    draft.freesSpace = true
    for (const key of keys.slice(at, at + REMOVED_AT_ONCE)) draft.delete(key)
    await kv.commit(draft.toChange())
  }
}
