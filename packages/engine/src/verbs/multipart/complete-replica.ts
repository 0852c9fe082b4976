import type { ExtentList } from '../../bodies/extent-list.js'
import { StagedIfNeeded } from '../../bodies/staged-if-needed.js'
import type { Draft } from '../../catalog/draft.js'
import type { FoundUpload, ObjectTarget } from '../../catalog/find.js'
import type { ObjectRecord } from '../../catalog/records/object-record.js'
import { commit } from '../../commit/commit.js'
import { turnOf } from '../../commit/object-change.js'
import { identityAt, infoAtPlace, readForPlace } from '../../commit/place-version.js'
import { datedFacts } from '../../commit/replica-facts.js'
import { mayReturn, removedBefore, takeReplica } from '../../commit/take-replica.js'
import { endUpload } from '../../commit/upload-end.js'
import type { ObjectInfo } from '../../contract/object.js'
import { isPlainEtag } from '../../rules/etag.js'
import type { StoredReplica } from '../../rules/replication/replica-of.js'
import type { Works } from '../../works.js'

interface Completion {
  readonly target: ObjectTarget
  readonly upload: FoundUpload
  readonly replicaOf: StoredReplica
  readonly list: ExtentList
  /** Has the commit rest on the upload and its parts. */
  check(draft: Draft): void
  /** The object that the parts make. */
  objectOf(given: Pick<ObjectRecord, 'recordId' | 'lastModifiedMs'> & Partial<ObjectRecord>): ObjectRecord
  /** The upload ends with this result. */
  finish(draft: Draft, nowMs: number, record: ObjectRecord, info: ObjectInfo, isUsed: boolean): ObjectInfo
}

/**
 * Makes of an upload's parts a version that was made in another store. Was it removed here meanwhile, the upload ends all the
 * same: nobody will complete it.
 */
export async function completeReplica(
  works: Works,
  { target, upload, replicaOf, list, check, objectOf, finish }: Completion,
): Promise<ObjectInfo> {
  const { place, lastModifiedMs, etag } = replicaOf
  const { retention, legalHold } = upload.record
  const lock = { ...(retention && { retention }), ...(legalHold === undefined ? {} : { legalHold }) }
  const ifNeeded = new StagedIfNeeded(list)
  const made = await commit(works, {
    turns: [turnOf(target)],
    staged: [ifNeeded],
    read: (draft) => {
      check(draft)
      return readForPlace(works, draft, target, place)
    },
    decide: (state, draft) => {
      ifNeeded.isNeeded = false
      const said = datedFacts({ tags: {}, lastModifiedMs, ...lock }, replicaOf)
      if (!mayReturn(state, said)) {
        endUpload(draft, upload, state.nowMs)
        return undefined
      }
      const identity = identityAt(works, place)
      const made = objectOf({
        ...identity,
        lastModifiedMs,
        ...(etag === undefined ? {} : { etag }),
        ...lock,
      })
      const record = etag !== undefined && isPlainEtag(etag) ? inOnePiece(made) : made
      const taken = takeReplica(draft, state, record, replicaOf)
      ifNeeded.isNeeded = taken.isNew
      const info = infoAtPlace(state, taken.record)
      return finish(draft, state.nowMs, taken.record, info, taken.isNew)
    },
  })
  if (made === undefined) throw removedBefore(place)
  return made
}

/** It was uploaded so in the other store: that it was sent in parts says nothing of it. */
function inOnePiece({ partCount: _parts, ...record }: ObjectRecord): ObjectRecord {
  return record
}
