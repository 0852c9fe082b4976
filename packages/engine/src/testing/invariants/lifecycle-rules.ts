import { factsOf } from '../../commit/looks.js'
import type { ActiveRules } from '../../rules/lifecycle/active-rules.js'
import {
  firstOf,
  forecastsFor,
  forecastsForUpload,
  type VersionFacts,
} from '../../rules/lifecycle/forecast.js'
import type { Picture } from './picture.js'
import type { StoredRows } from './stored-rows.js'

type Versions = StoredRows['objects']

/** Of what falls due some day there is a row that has it looked at by then. */
function* lateLook({ rows, nowMs }: Picture) {
  // What came to be due when its time was long over is looked at soon: within the second.
  const soonMs = nowMs + 1_000

  const keys = new Map<string, Versions>()
  for (const version of rows.objects) {
    const name = `${version.bucketId} ${version.key}`
    keys.set(name, [...(keys.get(name) ?? []), version])
  }
  for (const { id, name: bucket } of rows.buckets) {
    const rules = rows.lifecycles.get(id)
    if (rules === undefined || rows.indexings.has(id)) continue
    for (const [name, versions] of keys) {
      if (!name.startsWith(`${id} `)) continue
      const key = versions[0]!.key
      yield* judge(
        `"${key}" of "${bucket}"`,
        firstDue(rules, versions),
        rows.looks.get(`${bucket}\0${key}`),
        soonMs,
      )
    }
    for (const [uploadId, { bucketId, key, record }] of rows.uploads) {
      if (bucketId !== id) continue
      const due = firstOf(forecastsForUpload(rules, { key, initiatedMs: record.initiatedMs }))?.dueMs
      yield* judge(`upload ${uploadId}`, due, rows.looks.get(`${bucket}\0${key}\0${uploadId}`), soonMs)
    }
  }
}

function* judge(what: string, dueMs: number | undefined, lookMs: number | undefined, soonMs: number) {
  if (dueMs === undefined || (lookMs !== undefined && lookMs <= Math.max(dueMs, soonMs))) return
  const look = lookMs === undefined ? 'never' : new Date(lookMs).toISOString()
  yield `${what} is due at ${new Date(dueMs).toISOString()} and looked at ${look}`
}

/** Of versions that nothing keeps: those that object lock keeps may have been looked at in vain. */
function firstDue(rules: ActiveRules, versions: Versions): number | undefined {
  const isKept = versions.some(({ record }) => record.retention !== undefined || record.legalHold === true)
  if (isKept) return undefined
  let successorMs: number | undefined
  let first: number | undefined
  for (const [at, { key, record }] of versions.entries()) {
    const facts: VersionFacts = {
      ...factsOf(key, record),
      isLatest: at === 0,
      isAlone: versions.length === 1,
      ...(successorMs === undefined ? {} : { successorMs, newerNoncurrent: at - 1 }),
    }
    const dueMs = firstOf(forecastsFor(rules, facts))?.dueMs
    if (dueMs !== undefined) first = Math.min(dueMs, first ?? dueMs)
    successorMs = record.lastModifiedMs
  }
  return first
}

export const lifecycleRules = { 'late-look': lateLook }
