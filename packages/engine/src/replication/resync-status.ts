import { objectNameOf, versionNameOf } from '../catalog/keys.js'
import type { ResyncRecord } from '../catalog/records/resync-record.js'
import type { ResyncStatus } from '../contract/replication.js'

/** A resync as a caller sees it. */
export function toResyncStatus(arn: string, record: ResyncRecord): ResyncStatus {
  const { resyncId, status, startedMs, endedMs, completed, failed } = record
  const key = keyOf(record)
  return {
    ...{ arn, resyncId, status, completed, failed },
    started: new Date(startedMs),
    ...(endedMs > 0 && { ended: new Date(endedMs) }),
    ...(key !== undefined && { key }),
  }
}

const VERSIONS = 'v'.charCodeAt(0)

function keyOf({ after }: ResyncRecord): string | undefined {
  if (after.byteLength === 0) return undefined
  return after[0] === VERSIONS ? versionNameOf(after).key : objectNameOf(after)
}
