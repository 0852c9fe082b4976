import { type FoundObject, foundObject, type ObjectTarget } from '../catalog/find.js'
import { versionsOfKey } from '../catalog/keys.js'
import { rowsUnder } from '../catalog/scan.js'
import type { KvStore } from '../kv/kv.js'
import type { VersionFacts } from '../rules/lifecycle/forecast.js'
import { factsOf } from './looks.js'

export interface RuledVersion {
  readonly found: FoundObject
  readonly facts: VersionFacts
}

/**
 * A key's versions, the newest first, each with what lifecycle rules ask of it. As many as there are: whoever takes them
 * stops when he has enough.
 */
export async function* ruledVersions(
  kv: KvStore,
  target: ObjectTarget,
  current: FoundObject,
): AsyncGenerator<RuledVersion, void, undefined> {
  const { bucket, record } = current
  if (record.summary === undefined) {
    yield { found: current, facts: { ...factsOf(target.key, record), isLatest: true, isAlone: true } }
    return
  }
  // What is newest is known only to be alone when no other follows it.
  let newest: FoundObject | undefined
  let successorMs: number | undefined
  let newerNoncurrent = 0
  for await (const row of rowsUnder(kv, versionsOfKey(bucket.bucketId, target.key), PAGE_ROWS)) {
    const found = foundObject(bucket, target, row)
    if (newest === undefined) {
      newest = found
      continue
    }
    if (successorMs === undefined) {
      yield latest(target, newest, false)
      successorMs = newest.record.lastModifiedMs
    }
    const facts = { ...factsOf(target.key, found.record), isLatest: false, isAlone: false }
    yield { found, facts: { ...facts, successorMs, newerNoncurrent } }
    successorMs = found.record.lastModifiedMs
    newerNoncurrent++
  }
  if (newest !== undefined && successorMs === undefined) yield latest(target, newest, true)
}

const PAGE_ROWS = 100

const latest = (target: ObjectTarget, found: FoundObject, isAlone: boolean): RuledVersion => ({
  found,
  facts: { ...factsOf(target.key, found.record), isLatest: true, isAlone },
})
