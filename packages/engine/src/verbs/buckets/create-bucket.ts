import { toBucketInfo } from '../../catalog/bucket-info.js'
import { bucketKey, documentKey } from '../../catalog/keys.js'
import { decodeBucket, encodeBucket } from '../../catalog/records/bucket-record.js'
import { encodeDocument } from '../../catalog/records/document.js'
import { commit } from '../../commit/commit.js'
import type { BucketInfo, CreateBucketOptions } from '../../contract/bucket.js'
import { EngineError } from '../../errors.js'
import { addEvent } from '../../outbox/add-event.js'
import { bucketIdFrom } from '../../rules/bucket-id.js'
import { checkBucketName } from '../../rules/bucket-name.js'
import { checkTags } from '../../rules/tags.js'
import type { Works } from '../../works.js'

export async function createBucket(
  works: Works,
  name: string,
  { ownerId, tags = {}, objectLock = false, signal, origin }: CreateBucketOptions,
): Promise<BucketInfo> {
  signal?.throwIfAborted()
  checkBucketName(name)
  checkTags(tags, 'bucket')
  const key = bucketKey(name)
  return commit(works, {
    turns: [name],
    read: (draft) => draft.get(key),
    decide: (row, draft) => {
      if (row !== undefined) throw taken(name, decodeBucket(row.value).ownerId === ownerId)
      const nowMs = works.clock.now()
      const record = {
        bucketId: bucketIdFrom(works.ids.next()),
        createdMs: nowMs,
        state: 'live' as const,
        ...(ownerId === undefined ? {} : { ownerId }),
        ...(objectLock ? { versioning: 'enabled' as const, objectLock } : {}),
      }
      if (objectLock) works.lockTime.begin(draft)
      draft.put(key, encodeBucket(record))
      if (Object.keys(tags).length > 0) {
        const { value, payload } = encodeDocument(tags)
        draft.put(documentKey(record.bucketId, 'tagging'), value, payload)
      }
      const { subscriptionRules: rules } = works.outbox
      const state = { target: { bucket: name, key: '' }, bucket: record, rules, nowMs }
      addEvent(works, draft, state, { name: 's3:BucketCreated:*', origin })
      return toBucketInfo(name, record)
    },
    // Where a policy is remembered, it was another bucket's of this name.
  }).finally(() => works.rightsChanges.add())
}

const taken = (bucket: string, ownedByCaller: boolean): EngineError =>
  ownedByCaller
    ? new EngineError('BucketAlreadyOwnedByYou', `Bucket "${bucket}" is there already, and it is yours.`, {
        bucket,
      })
    : new EngineError(
        'BucketAlreadyExists',
        `Bucket "${bucket}" is there already and belongs to another owner.`,
        {
          bucket,
        },
      )
