import { Buffer } from 'node:buffer'
import type { Draft } from '../catalog/draft.js'
import type { FoundObject } from '../catalog/find.js'
import { type ObjectState, putSummary } from './object-change.js'
import { releaseBody } from './references.js'
import { forgetReplicationState } from './replication-state.js'

/**
 * Several noncurrent versions of a key go for good; their bytes are let go. The current one stays. Whoever decides has
 * them checked.
 */
export function removeNoncurrent(draft: Draft, state: ObjectState, versions: readonly FoundObject[]): void {
  const { current } = state
  const summary = current?.record.summary
  if (current === undefined || summary === undefined || versions.length === 0) return
  draft.freesSpace = true
  for (const version of versions) takeAway(draft, state, version)
  if (versions.some(({ record }) => record.isNullVersion === true))
    putSummary(draft, state, current.record, undefined)
}

/** A key goes with all versions that it has. */
export function removeKey(draft: Draft, state: ObjectState, versions: readonly FoundObject[]): void {
  const { current, nowMs } = state
  if (current === undefined) return
  draft.freesSpace = true
  for (const version of versions)
    if (Buffer.compare(version.row.key, current.row.key) !== 0) takeAway(draft, state, version)
  if (current.record.summary === undefined) {
    releaseBody(draft, current.record, nowMs)
    forgetReplicationState(draft, state, current.record)
  }
  draft.delete(current.row.key)
}

function takeAway(draft: Draft, state: ObjectState, { row, record }: FoundObject): void {
  releaseBody(draft, record, state.nowMs)
  draft.delete(row.key)
  forgetReplicationState(draft, state, record)
}
