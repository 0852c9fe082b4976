import type { Draft } from '../catalog/draft.js'
import type { ObjectTarget } from '../catalog/find.js'
import { dueKeyKey, dueUploadKey } from '../catalog/keys.js'
import type { ObjectRecord } from '../catalog/records/object-record.js'
import type { ActiveRules } from '../rules/lifecycle/active-rules.js'
import { firstOf, forecastsForUpload, type VersionFacts } from '../rules/lifecycle/forecast.js'
import { nextLook, wholeSecond } from '../rules/lifecycle/next-look.js'

/**
 * What a change does so that lifecycle rules find their work without searching: it writes down, in its own commit, when
 * the key has to be looked at. Of every key for which rules have something to do there is a row no later than that.
 */
interface Changed {
  readonly target: ObjectTarget
  readonly lifecycle?: ActiveRules | undefined
  readonly nowMs: number
}

/** Another version is current. `former`: the one that was, where it stays. */
export function lookAfterWrite(
  draft: Draft,
  { target, lifecycle, nowMs }: Changed,
  written: ObjectRecord,
  former: ObjectRecord | undefined,
): void {
  if (lifecycle === undefined) return
  const isAlone = former === undefined
  const dueMs = nextLook(
    lifecycle,
    { ...factsOf(target.key, written), isLatest: true, isAlone },
    former && { ...factsOf(target.key, former), isLatest: true, isAlone },
    nowMs,
  )
  if (dueMs !== undefined) lookAt(draft, target, dueMs)
}

/** Something else has changed, which may matter or not: whoever looks will know. */
export function lookSoon(draft: Draft, { target, lifecycle, nowMs }: Changed): void {
  if (lifecycle !== undefined) lookAt(draft, target, wholeSecond(nowMs))
}

export function lookAt(draft: Draft, { bucket, key }: ObjectTarget, dueMs: number): void {
  draft.look(dueMs, dueKeyKey(dueMs, bucket, key))
}

/** An upload was begun. */
export function lookAfterUpload(
  draft: Draft,
  { target, lifecycle }: Changed,
  uploadId: Uint8Array,
  initiatedMs: number,
): void {
  if (lifecycle === undefined) return
  const first = firstOf(forecastsForUpload(lifecycle, { key: target.key, initiatedMs }))
  if (first !== undefined) lookAtUpload(draft, target, uploadId, first.dueMs)
}

export function lookAtUpload(
  draft: Draft,
  { bucket, key }: ObjectTarget,
  uploadId: Uint8Array,
  dueMs: number,
): void {
  draft.look(dueMs, dueUploadKey(dueMs, bucket, key, uploadId))
}

/** What rules ask of a record, but for its place among versions. */
export const factsOf = (
  key: string,
  record: ObjectRecord,
): Omit<VersionFacts, 'isLatest' | 'isAlone' | 'successorMs' | 'newerNoncurrent'> => ({
  key,
  sizeBytes: record.sizeBytes,
  tags: record.tags,
  isDeleteMarker: record.isDeleteMarker,
  lastModifiedMs: record.lastModifiedMs,
})
