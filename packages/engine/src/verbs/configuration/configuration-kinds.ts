import { getBucket } from '../../catalog/find.js'
import { encodeBucket } from '../../catalog/records/bucket-record.js'
import { changeBucket } from '../../commit/bucket-change.js'
import type { BucketConfiguration, ConfigurationKind } from '../../contract/configuration.js'
import { checkCors } from '../../rules/cors.js'
import { checkObjectLockChange } from '../../rules/object-lock.js'
import { parsePolicy } from '../../rules/policy/parse-policy.js'
import { checkTags } from '../../rules/tags.js'
import { checkVersioningChange } from '../../rules/versioning-state.js'
import { documentKind } from './document-kind.js'
import type { Kind } from './kind.js'
import { lifecycle } from './lifecycle-kind.js'
import { getNotification, setNotification } from './notification.js'
import { replication } from './replication-kind.js'

/** A field of the bucket's record, since every write asks for it. */
const versioning: Kind<BucketConfiguration['versioning']> = {
  async get(works, bucket) {
    return (await getBucket(works.kv, bucket)).versioning
  },
  set: (works, bucket, value) =>
    changeBucket(works, bucket, ({ row, record }, draft) => {
      const wanted = checkVersioningChange(bucket, record, value)
      if (wanted !== record.versioning) draft.put(row.key, encodeBucket({ ...record, versioning: wanted }))
    }),
}

/** Fields of the bucket's record too: every new version is locked by them. */
const objectLock: Kind<BucketConfiguration['objectLock']> = {
  async get(works, bucket) {
    const { objectLock, defaultRetention } = await getBucket(works.kv, bucket)
    return objectLock === true ? { ...(defaultRetention && { defaultRetention }) } : undefined
  },
  set: (works, bucket, value) =>
    changeBucket(works, bucket, ({ row, record }, draft) => {
      const { defaultRetention } = checkObjectLockChange(bucket, record, value)
      const { defaultRetention: _before, ...rest } = record
      const wanted = { ...rest, objectLock: true, ...(defaultRetention && { defaultRetention }) }
      draft.put(row.key, encodeBucket(wanted))
      if (record.objectLock !== true) works.lockTime.begin(draft)
    }),
}

const tagging = documentKind<BucketConfiguration['tagging']>('tagging', (tags) => checkTags(tags, 'bucket'))

const cors = documentKind<BucketConfiguration['cors']>('cors', checkCors)

const policyDocument = documentKind<BucketConfiguration['policy']>('policy', (text, bucket) => {
  parsePolicy(text, 'bucket', { bucket })
})
const policy: typeof policyDocument = {
  ...policyDocument,
  set: (works, bucket, value, options) =>
    works.bucketPolicies.changing(bucket, () => policyDocument.set(works, bucket, value, options)),
}

/** A document, and a token of it in the bucket's record: every write asks whether anybody is to be told. */
const notification: Kind<BucketConfiguration['notification']> = {
  get: getNotification,
  set: setNotification,
}

/** Every kind has its place. A missing one does not compile. */
export const configurationKinds: { readonly [K in ConfigurationKind]: Kind<BucketConfiguration[K]> } = {
  versioning,
  tagging,
  objectLock,
  cors,
  policy,
  lifecycle,
  notification,
  replication,
}
