import { Buffer } from 'node:buffer'
import { isReplicationQueue, replicationQueues } from '../../outbox/replication-queue.js'
import { formatPlace, placeOf } from '../../rules/version-id.js'
import { leavingBuckets, type Picture } from './picture.js'
import { idOf } from './stored-rows.js'

/** What is known of a version's way to other stores goes with the version. */
function* stateOfNothing({ rows }: Picture) {
  const leaving = leavingBuckets(rows)
  const there = new Set(
    rows.objects.map(({ bucketId, key, record }) => `${bucketId} ${key}\0${formatPlace(placeOf(record))}`),
  )
  for (const { bucketId, key, place } of rows.replicationStates)
    if (!leaving.has(bucketId) && !there.has(`${bucketId} ${key}\0${place}`))
      yield `replication of "${key}", version ${place}, is known, and there is no such version`
}

/** Of a version that is still to go to a target a row waits for that target. */
function* pendingInVain({ rows }: Picture) {
  const buckets = new Map(rows.buckets.map(({ id, name }) => [id, name]))
  const waiting = new Set(
    rows.events
      .filter(({ target }) => isReplicationQueue(target))
      .map(({ target, record }) => `${target} ${record.bucket}/${record.key}\0${record.versionId}`),
  )
  for (const { bucketId, key, place, state } of rows.replicationStates) {
    const bucket = buckets.get(bucketId)
    if (bucket === undefined) continue
    for (const { targetId, status } of state.targets) {
      if (status === 'completed' || !rows.replicationTargets.has(idOf(targetId))) continue
      const isWaiting = replicationQueues(targetId).some((queue) =>
        waiting.has(`${queue} ${bucket}/${key}\0${place}`),
      )
      if (!isWaiting) yield `"${key}", version ${place}, is ${status} and waits for nothing`
    }
  }
}

/** What is remembered as removed is forgotten some day. */
function* removedForEver({ rows }: Picture) {
  const leaving = leavingBuckets(rows)
  const forgotten = new Set(
    rows.deferred.flatMap(({ work }) =>
      work.kind === 'removed-version'
        ? [`${idOf(work.bucketId)} ${work.key}\0${Buffer.from(work.place).toString('hex')}`]
        : [],
    ),
  )
  for (const removed of rows.removedVersions)
    if (!forgotten.has(removed) && !leaving.has(removed.slice(0, 32)))
      yield `the removal of ${removed} is remembered for ever`
}

/** What is there again is not remembered as removed. */
function* removedAndThere({ rows }: Picture) {
  const removed = new Set(rows.removedVersions)
  for (const { bucketId, key, record } of rows.objects)
    if (removed.has(`${bucketId} ${key}\0${formatPlace(placeOf(record))}`))
      yield `"${key}", version ${formatPlace(placeOf(record))}, is remembered as removed, and is there`
}

export const replicationRules = {
  'state-of-nothing': stateOfNothing,
  'pending-in-vain': pendingInVain,
  'removed-for-ever': removedForEver,
  'removed-and-there': removedAndThere,
}
