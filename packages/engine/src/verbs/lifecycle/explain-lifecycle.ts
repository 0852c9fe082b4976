import {
  type FoundObject,
  findObject,
  formatUploadId,
  getBucket,
  type ObjectTarget,
} from '../../catalog/find.js'
import { indexingKey, uploadKey, uploadNameOf } from '../../catalog/keys.js'
import type { BucketRecord } from '../../catalog/records/bucket-record.js'
import { decodeIndexing } from '../../catalog/records/indexing-record.js'
import { decodeUpload } from '../../catalog/records/upload-record.js'
import { rowsUnder } from '../../catalog/scan.js'
import { type RuledVersion, ruledVersions } from '../../commit/ruled-versions.js'
import type { LifecycleExplanation, LifecycleForecast } from '../../contract/lifecycle.js'
import type { Cancel } from '../../contract/source.js'
import { limits } from '../../limits.js'
import { checkKeyName } from '../../rules/key-name.js'
import type { ActiveRules } from '../../rules/lifecycle/active-rules.js'
import {
  type Forecast,
  firstOf,
  forecastsFor,
  forecastsForUpload,
  judgeUpload,
  judgeVersion,
} from '../../rules/lifecycle/forecast.js'
import { mayRemove } from '../../rules/object-lock.js'
import { versionIdOf } from '../../rules/version-id.js'
import type { Works } from '../../works.js'

/** What will become of a key by itself, and why: by the rules that a sweep goes by. */
export async function explainLifecycle(
  works: Works,
  target: ObjectTarget,
  { signal }: Cancel,
): Promise<LifecycleExplanation> {
  signal?.throwIfAborted()
  checkKeyName(target.key)
  const bucket = await getBucket(works.kv, target.bucket)
  const rules = (await works.lifecycleRules.of(bucket)) ?? { rules: [], dayMs: 0 }
  const { object: current } = await findObject(works.kv, target)
  const indexing = await works.kv.get(indexingKey(bucket.bucketId))
  return {
    key: target.key,
    versions: current === undefined ? [] : await versionForecasts(works, target, current, rules),
    uploads: await uploadForecasts(works, target.key, bucket, rules),
    ...(indexing && { indexing: { keys: decodeIndexing(indexing.value).keys } }),
  }
}

async function versionForecasts(
  works: Works,
  target: ObjectTarget,
  current: FoundObject,
  rules: ActiveRules,
): Promise<LifecycleForecast[]> {
  const forecasts: LifecycleForecast[] = []
  for await (const version of ruledVersions(works.kv, target, current)) {
    const { facts, found } = version
    const next = firstOf(forecastsFor(rules, facts), works.clock.now())
    forecasts.push({
      ...(found.bucket.versioning !== undefined && { versionId: versionIdOf(found.record) }),
      isLatest: facts.isLatest,
      isDeleteMarker: facts.isDeleteMarker,
      since: new Date(facts.lastModifiedMs),
      verdicts: judgeVersion(rules, facts),
      ...(next && { next: { ...toNext(next), ...lockOf(works, version, next) } }),
    })
    if (forecasts.length === limits.forecastVersionsMax) break
  }
  return forecasts
}

/** What hides a version removes nothing, and waits for no lock. */
function lockOf(
  works: Works,
  { found }: RuledVersion,
  { action }: Forecast,
): Pick<NonNullable<LifecycleForecast['next']>, 'waitsFor' | 'retainUntil'> {
  const { record, bucket } = found
  const hides = action === 'expire' && bucket.versioning !== undefined
  if (hides || mayRemove(record, works.lockTime.nowMs(), false)) return {}
  if (record.legalHold === true) return { waitsFor: 'legal-hold' }
  return { waitsFor: 'retention', retainUntil: new Date(record.retention!.retainUntilMs) }
}

async function uploadForecasts(
  works: Works,
  key: string,
  { bucketId }: BucketRecord,
  rules: ActiveRules,
): Promise<LifecycleForecast[]> {
  const forecasts: LifecycleForecast[] = []
  for await (const row of rowsUnder(works.kv, uploadKey(bucketId, key, NO_BYTES))) {
    const { initiatedMs } = decodeUpload(row.value, `an upload of "${key}"`)
    const next = firstOf(forecastsForUpload(rules, { key, initiatedMs }), works.clock.now())
    forecasts.push({
      uploadId: formatUploadId(uploadNameOf(row.key).uploadId),
      since: new Date(initiatedMs),
      verdicts: judgeUpload(rules, { key, initiatedMs }),
      ...(next && { next: toNext(next) }),
    })
    if (forecasts.length === limits.forecastVersionsMax) break
  }
  return forecasts
}

const NO_BYTES = new Uint8Array(0)

const toNext = ({ action, ruleId, dueMs }: Forecast) => ({ action, ruleId, due: new Date(dueMs) })
