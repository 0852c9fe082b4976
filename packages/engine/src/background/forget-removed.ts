import { Buffer } from 'node:buffer'
import { Draft } from '../catalog/draft.js'
import { type RowKey, removedVersionKey } from '../catalog/keys.js'
import type { Deferred } from '../catalog/records/deferred-record.js'
import { decodeRemovedVersion } from '../catalog/records/removed-version-record.js'
import { allTargets } from '../catalog/replication-targets.js'
import { deferForgetting } from '../commit/removed-version.js'
import { limits } from '../limits.js'
import { replicationQueues } from '../outbox/replication-queue.js'
import type { Works } from '../works.js'

/**
 * A version that was removed for good is not remembered any longer, unless something still waits to be carried over from its bucket:
 * what is that old may be about it.
 */
export async function forgetRemoved(
  works: Works,
  done: RowKey,
  removed: Extract<Deferred, { kind: 'removed-version' }>,
): Promise<void> {
  const { bucketId, key, place } = removed
  const nowMs = works.clock.now()
  const draft = new Draft(works.kv)
  draft.freesSpace = true
  const rowKey = removedVersionKey(bucketId, key, place)
  const row = await draft.get(rowKey)
  // Removed once more since: that has work of its own.
  const isOver =
    row !== undefined && decodeRemovedVersion(row.value).removedMs + limits.removedVersionKeptMs <= nowMs
  if (isOver && (await isBehind(works, bucketId)))
    deferForgetting(draft, removed, nowMs + limits.removedVersionKeptAgainMs)
  else if (isOver) draft.delete(rowKey)
  draft.delete(done)
  await works.kv.commit(draft.toChange())
}

/** A target whose row is damaged may be the bucket's. */
async function isBehind({ kv, outbox }: Works, bucketId: Uint8Array): Promise<boolean> {
  for await (const { targetId, record } of allTargets(kv)) {
    if (record && Buffer.compare(record.sourceBucketId, bucketId) !== 0) continue
    for (const queue of replicationQueues(targetId)) if (outbox.backlog(queue).waiting > 0) return true
  }
  return false
}
