import type { ActiveRules } from '../rules/lifecycle/active-rules.js'
import { isDue } from '../rules/lifecycle/days.js'
import { firstOf, forecastsFor, forecastsForUpload } from '../rules/lifecycle/forecast.js'
import { mayRemove } from '../rules/object-lock.js'
import type { ModelObject, ReferenceStore, Target } from './reference-store.js'

/** What a sweep of the model did. */
export interface ModelSweep {
  /** Each as `action bucket/key`. */
  readonly actions: string[]
  /** The keys of which markers became current, with the markers' names, in the order in which they were made. */
  readonly marked: { readonly bucket: string; readonly key: string; readonly name: string }[]
}

/** All that lifecycle rules have due, found by looking at everything. `hide` makes a key's current version a marker's. */
export function sweepModel(store: ReferenceStore, dayMs: number, hide: (target: Target) => void): ModelSweep {
  const done: ModelSweep = { actions: [], marked: [] }
  for (const [bucket, { lifecycle, objects, uploads }] of store.buckets) {
    if (lifecycle === undefined) continue
    const active: ActiveRules = { rules: lifecycle, dayMs }
    for (const key of [...objects.keys()])
      for (;;) {
        const actions = sweepKey(store, { bucket, key }, active, hide)
        if (actions.length === 0) break
        done.actions.push(...actions.map((action) => `${action} ${bucket}/${key}`))
        const [current] = objects.get(key) ?? []
        if (actions[0] === 'expire' && current !== undefined)
          done.marked.push({ bucket, key, name: current.versionId })
      }
    for (const [id, { key, initiatedMs, completed }] of [...uploads]) {
      const first = firstOf(forecastsForUpload(active, { key, initiatedMs }))
      if (completed !== undefined || first === undefined || !isDue(first.dueMs, store.clock.now())) continue
      uploads.delete(id)
      done.actions.push(`abort-upload ${bucket}/${key}`)
    }
  }
  return done
}

function sweepKey(
  store: ReferenceStore,
  target: Target,
  active: ActiveRules,
  hide: (target: Target) => void,
): string[] {
  const nowMs = store.clock.now()
  const { objects } = store.bucket(target.bucket)
  const versions = store.versions(target)
  const isFree = ({ lock }: ModelObject) => mayRemove(lock, nowMs, false)
  const due = versions.map(({ info, tags }, at) => {
    const first = firstOf(
      forecastsFor(active, {
        ...{ key: target.key, sizeBytes: info.sizeBytes, tags, isDeleteMarker: info.isDeleteMarker },
        ...{ lastModifiedMs: info.lastModifiedMs, isLatest: at === 0, isAlone: versions.length === 1 },
        ...(at > 0 && { successorMs: versions[at - 1]!.info.lastModifiedMs, newerNoncurrent: at - 1 }),
      }),
      nowMs,
    )
    return first !== undefined && isDue(first.dueMs, nowMs) ? first.action : undefined
  })
  const [ofCurrent] = due
  if (ofCurrent === 'expire') {
    hide(target)
    return ['expire']
  }
  if (ofCurrent !== undefined && versions.every(isFree)) {
    objects.delete(target.key)
    return versions.map(() => ofCurrent)
  }
  const left = versions.filter((version, at) => at === 0 || due[at] === undefined || !isFree(version))
  if (left.length > 0) objects.set(target.key, left)
  return versions.slice(left.length).map(() => 'remove-noncurrent')
}
