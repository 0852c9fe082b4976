import type { Draft } from '../catalog/draft.js'
import { type FoundObject, findObject, type ObjectTarget, type VersionTarget } from '../catalog/find.js'
import { getObjectRecord } from '../catalog/get-version.js'
import { toObjectInfo } from '../catalog/object-info.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import { encodeObject, type ObjectRecord } from '../catalog/records/object-record.js'
import type { ObjectInfo } from '../contract/object.js'
import { busy } from '../errors.js'
import { limits } from '../limits.js'
import { addEvent, type Happening } from '../outbox/add-event.js'
import type { Works } from '../works.js'
import { rulesOfBucket } from './bucket-rules.js'
import { carryFacts, type Fact } from './carry.js'
import { commit } from './commit.js'
import { lookSoon } from './looks.js'
import { checkLive, putSummary, turnOf } from './object-change.js'
import { findReplicationState } from './replication-state.js'

/**
 * Changes what is said of an object, such as its tags. The record keeps its identity, and so its bytes, their
 * references, its age and its place among versions.
 */
export async function changeFacts(
  works: Works,
  target: VersionTarget,
  fact: Fact,
  decide: (
    record: ObjectRecord,
    found: { readonly bucket: BucketRecord; readonly nowMs: number },
  ) => ObjectRecord,
  happening: Omit<Happening, 'record'>,
): Promise<ObjectInfo> {
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const changed = await commit(works, {
      turns: [turnOf(target)],
      read: async (draft) => {
        const version = await getObjectRecord(draft, target)
        checkLive(version.bucket, target)
        const { object: current } = await findObject(draft, target)
        const rules = await rulesOfBucket(works, version.bucket)
        const { bucket } = version
        const known = await findReplicationState(draft, { target, bucket, ...rules }, version.record)
        return { version, current, ...rules, known, payload: await payloadOf(works, version) }
      },
      decide: ({ version, current, rules, lifecycle, replication, known, payload }, draft) => {
        if (payload === 'changed') return payload
        const { bucket } = version
        const nowMs = works.clock.now()
        const record = decide(version.record, { bucket, nowMs })
        draft.put(version.row.key, encodeObject(record), payload)
        // Its tags and its lock matter to rules.
        lookSoon(draft, { target, lifecycle, nowMs })
        if (current !== undefined) summarise(draft, target, current, record)
        carryFacts(draft, { target, bucket, replication, nowMs }, { version: record, fact, known })
        addEvent(works, draft, { target, bucket, rules, nowMs }, { ...happening, record })
        return toObjectInfo(target.key, record, bucket)
      },
    })
    if (changed !== 'changed') return changed
  }
  throw busy(target)
}

/** Where the key's own row is a summary of the version that has changed, it says so too. */
export function summarise(
  draft: Draft,
  target: ObjectTarget,
  current: FoundObject,
  record: ObjectRecord,
): void {
  const { summary, recordId } = current.record
  if (summary === undefined || Buffer.compare(recordId, record.recordId) !== 0) return
  putSummary(draft, { bucket: current.bucket, target, current }, record, summary.nullVersion)
}

/** A small body rides on the row, and is written again with it. */
function payloadOf(works: Works, { row, record }: FoundObject) {
  const isInline = record.body.kind === 'inline' && record.sizeBytes > 0
  return isInline ? works.kv.readPayload(row.key, row.revision) : undefined
}
