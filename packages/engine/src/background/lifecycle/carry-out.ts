import type { Draft } from '../../catalog/draft.js'
import type { FoundObject } from '../../catalog/find.js'
import { deleteMarker } from '../../commit/delete-marker.js'
import { lookAt } from '../../commit/looks.js'
import { type ObjectState, removeOnlyVersion, writeVersion } from '../../commit/object-change.js'
import { removeKey, removeNoncurrent } from '../../commit/versions-removal.js'
import type { SweepAction } from '../../contract/lifecycle.js'
import { versionIdOf } from '../../rules/version-id.js'
import type { Works } from '../../works.js'
import type { DueVersion, KeyPlan } from './plan-key.js'

/** Puts into the change what a plan says, and the row of the next look. */
export function carryOut(works: Works, draft: Draft, plan: KeyPlan): void {
  const { target, state, current, noncurrent = [], all, nextLookMs } = plan
  if (state !== undefined) {
    if (current !== undefined) expireCurrent(works, draft, state)
    else if (all !== undefined) removeKey(draft, state, all.map(foundOf))
    else removeNoncurrent(draft, state, noncurrent.map(foundOf))
  }
  if (nextLookMs !== undefined) lookAt(draft, target, nextLookMs)
}

/** As a delete without a version id does it. */
function expireCurrent(works: Works, draft: Draft, state: ObjectState): void {
  if (state.bucket.versioning === undefined) {
    removeOnlyVersion(draft, state)
    return
  }
  writeVersion(draft, state, deleteMarker(works.ids.next(), state.nowMs))
  draft.freesSpace = true // In the end: what it hides can go for good.
}

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
