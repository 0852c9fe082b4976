import type { Draft } from '../../catalog/draft.js'
import type { FoundObject } from '../../catalog/find.js'
import type { ObjectRecord } from '../../catalog/records/object-record.js'
import { deleteMarker } from '../../commit/delete-marker.js'
import { lookAt } from '../../commit/looks.js'
import { type ObjectState, removeOnlyVersion, writeVersion } from '../../commit/object-change.js'
import { removeKey, removeNoncurrent } from '../../commit/versions-removal.js'
import type { EventName } from '../../contract/events.js'
import type { SweepAction } from '../../contract/lifecycle.js'
import { addEvent } from '../../outbox/add-event.js'
import { LIFECYCLE_ORIGIN } from '../../outbox/origins.js'
import { versionIdOf } from '../../rules/version-id.js'
import type { Works } from '../../works.js'
import type { DueVersion, KeyPlan } from './plan-key.js'

/**
 * Puts into the change what a plan says, what is told of it, and the row of the next look.
 *
 * @throws {@link EngineError} `EventBacklogFull`
 */
export function carryOut(works: Works, draft: Draft, plan: KeyPlan): void {
  const { target, state, current, noncurrent = [], all, nextLookMs } = plan
  if (state !== undefined) {
    if (current !== undefined) expireCurrent(works, draft, state)
    else if (all !== undefined) expireKey(works, draft, state, all)
    else expireNoncurrent(works, draft, state, noncurrent)
  }
  if (nextLookMs !== undefined) lookAt(draft, target, nextLookMs)
}

/** As a delete without a version id does it. */
function expireCurrent(works: Works, draft: Draft, state: ObjectState): void {
  if (state.bucket.versioning === undefined) {
    removeOnlyVersion(draft, state)
    tell(works, draft, state, 's3:ObjectRemoved:Delete', state.current!.record)
    return
  }
  const marker = writeVersion(draft, state, deleteMarker(works.ids.next(), state.nowMs))
  tell(works, draft, state, 's3:ObjectRemoved:DeleteMarkerCreated', marker)
}

/** A key that goes with all its versions is told of once. */
function expireKey(works: Works, draft: Draft, state: ObjectState, all: readonly DueVersion[]): void {
  removeKey(draft, state, all.map(foundOf))
  const { record } = state.current!
  const isLoneMarker = all[0]!.forecast.action === 'remove-delete-marker'
  const name = isLoneMarker
    ? 's3:ObjectRemoved:Delete'
    : record.isDeleteMarker
      ? 's3:LifecycleDelMarkerExpiration:Delete'
      : 's3:ObjectRemoved:DeleteAllVersions'
  tell(works, draft, state, name, record)
}

function expireNoncurrent(
  works: Works,
  draft: Draft,
  state: ObjectState,
  versions: readonly DueVersion[],
): void {
  removeNoncurrent(draft, state, versions.map(foundOf))
  // Some that go before the rest of their key are told of with it.
  for (const { found, forecast } of versions)
    if (forecast.action === 'remove-noncurrent')
      tell(works, draft, state, 's3:ObjectRemoved:Delete', found.record)
}

const tell = (works: Works, draft: Draft, state: ObjectState, name: EventName, record: ObjectRecord): void =>
  addEvent(works, draft, state, { name, record, origin: LIFECYCLE_ORIGIN })

const foundOf = ({ found }: DueVersion): FoundObject => found

/** What a plan comes to, told. */
export function actionsOf({ target, state, current, noncurrent, all }: KeyPlan): SweepAction[] {
  const due = current === undefined ? (all ?? noncurrent ?? []) : [current]
  return due.map(({ found, forecast }) => ({
    action: forecast.action,
    ...target,
    ...(state?.bucket.versioning === undefined ? {} : { versionId: versionIdOf(found.record) }),
    ruleId: forecast.ruleId,
    due: new Date(forecast.dueMs),
  }))
}
