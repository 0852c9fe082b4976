import {
  type FoundUpload,
  formatUploadId,
  getUpload,
  type Lookup,
  type ObjectTarget,
  type UploadTarget,
} from '../../catalog/find.js'
import type { RowKey } from '../../catalog/keys.js'
import { commit } from '../../commit/commit.js'
import { lookAtUpload } from '../../commit/looks.js'
import { uploadTurn } from '../../commit/part-change.js'
import { endUpload } from '../../commit/upload-end.js'
import type { SweepAction } from '../../contract/lifecycle.js'
import { isEngineError } from '../../errors.js'
import { isDue } from '../../rules/lifecycle/days.js'
import { type Forecast, firstOf, forecastsForUpload } from '../../rules/lifecycle/forecast.js'
import type { Works } from '../../works.js'
import type { SweepTime } from './plan-key.js'

export interface DueUpload {
  readonly row: RowKey
  readonly target: ObjectTarget
  readonly uploadId: Uint8Array
}

/** Looks at an upload, and aborts it if that is due. */
export async function sweepUpload(
  works: Works,
  due: DueUpload,
  time: SweepTime,
  { dryRun }: { dryRun: boolean },
): Promise<SweepAction | undefined> {
  const target = { ...due.target, uploadId: formatUploadId(due.uploadId) }
  if (dryRun) {
    const first = await forecastOf(works, due.target.key, await find(works.kv, target))
    return first !== undefined && isDue(first.dueMs, time.nowMs) ? told(target, first) : undefined
  }
  return commit(works, {
    // A completion under way has its turn. What parts are being sent will find no upload.
    turns: [uploadTurn(target)],
    read: async (draft) => {
      const upload = await find(draft, target)
      return { upload, forecast: await forecastOf(works, due.target.key, upload) }
    },
    decide: ({ upload, forecast }, draft) => {
      const isNow = forecast !== undefined && isDue(forecast.dueMs, time.nowMs)
      if (isNow) endUpload(draft, upload!, works.clock.now())
      else if (forecast !== undefined) lookAtUpload(draft, due.target, due.uploadId, forecast.dueMs)
      draft.freesSpace = true // A row of a look takes the place of another.
      draft.deleteUnlessPut(due.row)
      return isNow ? told(target, forecast) : undefined
    },
  })
}

/** The bucket or the upload may be gone. */
async function find(lookup: Lookup, target: UploadTarget): Promise<FoundUpload | undefined> {
  try {
    return await getUpload(lookup, target)
  } catch (error) {
    if (isEngineError(error, 'NoSuchUpload') || isEngineError(error, 'NoSuchBucket')) return undefined
    throw error
  }
}

async function forecastOf(
  works: Works,
  key: string,
  upload: FoundUpload | undefined,
): Promise<Forecast | undefined> {
  const rules = upload && (await works.lifecycleRules.of(upload.bucket))
  if (upload === undefined || rules === undefined) return undefined
  return firstOf(forecastsForUpload(rules, { key, initiatedMs: upload.record.initiatedMs }))
}

const told = (target: UploadTarget, { action, ruleId, dueMs }: Forecast): SweepAction => ({
  action,
  ...target,
  ruleId,
  due: new Date(dueMs),
})
