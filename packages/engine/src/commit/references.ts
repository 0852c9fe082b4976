import type { Draft } from '../catalog/draft.js'
import { keptBodyKey, referenceKey } from '../catalog/keys.js'
import type { Body } from '../catalog/records/body.js'
import { encodeOwned, ownedBy } from '../catalog/records/deferred-record.js'

const NOTHING = new Uint8Array(0)

/** A record that names a body: its identity keeps the references it holds. */
export interface Holder {
  readonly recordId: Uint8Array
  readonly shared: boolean
  readonly body: Body
}

/**
 * The record goes, or gets another body: its hold on the bytes ends with this commit. A body that was never
 * shared is free at once; a shared one when its last reference has gone, and until then what it owns stays
 * written down.
 */
export function releaseBody(draft: Draft, holder: Holder, nowMs: number): void {
  const owned = ownedBy(holder.body)
  if (owned === undefined) return
  if (!holder.shared) {
    draft.defer(nowMs, owned.bodyId, { kind: 'body', owned })
    return
  }
  draft.delete(referenceKey(owned.bodyId, holder.recordId))
  draft.putOnce(keptBodyKey(owned.bodyId), encodeOwned(owned)) // Another holder may go in the same change.
  draft.defer(nowMs, holder.recordId, { kind: 'shared-body', bodyId: owned.bodyId })
}

/** One more holder of a body. References come only from a live holder whose row the commit checks. */
export function referToBody(draft: Draft, bodyId: Uint8Array, holderId: Uint8Array): void {
  draft.put(referenceKey(bodyId, holderId), NOTHING)
}
