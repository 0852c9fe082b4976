import type { FoundObject, ObjectTarget } from '../catalog/find.js'
import { toObjectInfo } from '../catalog/object-info.js'
import { encodeObject, type ObjectRecord } from '../catalog/records/object-record.js'
import type { ObjectInfo } from '../contract/object.js'
import { busy, noSuchKey } from '../errors.js'
import { limits } from '../limits.js'
import type { Works } from '../works.js'
import { commit } from './commit.js'
import { readForChange, turnOf } from './object-change.js'

/**
 * Changes what is said of an object, such as its tags. The record keeps its identity, and so its bytes, their
 * references and its age.
 */
export async function changeFacts(
  works: Works,
  target: ObjectTarget,
  decide: (record: ObjectRecord, nowMs: number) => ObjectRecord,
): Promise<ObjectInfo> {
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const changed = await commit(works, {
      turns: [turnOf(target)],
      read: async (draft) => {
        const { current, nowMs } = await readForChange(works, draft, target)
        if (current === undefined) throw noSuchKey(target.bucket, target.key)
        return { current, nowMs, payload: await payloadOf(works, current) }
      },
      decide: ({ current, nowMs, payload }, draft) => {
        if (payload === 'changed') return payload
        const record = decide(current.record, nowMs)
        draft.put(current.row.key, encodeObject(record), payload)
        return toObjectInfo(target.key, record)
      },
    })
    if (changed !== 'changed') return changed
  }
  throw busy(target)
}

/** A small body rides on the row, and is written again with it. */
function payloadOf(works: Works, { row, record }: FoundObject) {
  const isInline = record.body.kind === 'inline' && record.sizeBytes > 0
  return isInline ? works.kv.readPayload(row.key, row.revision) : undefined
}
