import { Draft } from '../catalog/draft.js'
import {
  afterAllUnder,
  deletedOf,
  documentsOf,
  existingKey,
  objectsOf,
  removedVersionsOf,
  replicationStatesOf,
  replicationTargetKey,
  resyncKey,
  uploadsOf,
  versionsOf,
} from '../catalog/keys.js'
import { decodeObject } from '../catalog/records/object-record.js'
import { targetsOfBucket } from '../catalog/replication-targets.js'
import { releaseBody } from '../commit/references.js'
import type { Row } from '../kv/kv.js'
import { forgetBacklog } from '../outbox/forget-backlog.js'
import { removeRows } from '../outbox/remove-rows.js'
import { replicationQueues } from '../outbox/replication-queue.js'
import type { Works } from '../works.js'

/** Rows of a commit: each may bring three more, of its body. */
const ROWS = 250

/**
 * Lets go of some of what a bucket that has gone left behind: its uploads under way, its documents, and its objects where
 * it was removed with them. Nobody can change any of it: all changes check the bucket's row. True if nothing is left.
 */
export async function clearBucket(works: Works, bucketId: Uint8Array): Promise<boolean> {
  const { kv, clock } = works
  const take = async (family: Uint8Array, letGo: (row: Row, draft: Draft) => void): Promise<boolean> => {
    const { rows } = await kv.scan({ from: family, to: afterAllUnder(family), limit: ROWS })
    if (rows.length === 0) return false
    const draft = new Draft(kv)
    draft.freesSpace = true
    for (const row of rows) {
      draft.delete(row.key)
      letGo(row, draft)
    }
    await kv.commit(draft.toChange())
    return true
  }
  const letGoOfUpload = ({ key }: Row, draft: Draft): void => {
    const uploadId = key.slice(-16)
    draft.defer(clock.now(), uploadId, { kind: 'parts', uploadId, used: new Set() })
  }
  const letGoOfObject = ({ value }: Row, draft: Draft): void => {
    const record = decodeObject(value, 'an object of a bucket that has gone')
    // The bytes of which a summary tells are held by the version's own row.
    if (record.summary === undefined) releaseBody(draft, record, clock.now())
  }
  if (await take(uploadsOf(bucketId), letGoOfUpload)) return false
  for (const family of [objectsOf(bucketId), deletedOf(bucketId), versionsOf(bucketId)])
    if (await take(family, letGoOfObject)) return false
  const nothingMore = (): void => {}
  for (const family of [replicationStatesOf(bucketId), removedVersionsOf(bucketId)])
    if (await take(family, nothingMore)) return false
  for await (const { targetId } of targetsOfBucket(kv, bucketId)) {
    await works.replicationTargets.forget(targetId) // Nothing is carried over to it any more.
    for (const queue of replicationQueues(targetId)) await forgetBacklog(works, queue)
    // The target last: by it the rest is found.
    await removeRows(kv, [existingKey(targetId), resyncKey(targetId), replicationTargetKey(targetId)])
  }
  return !(await take(documentsOf(bucketId), nothingMore))
}
