import assert from 'node:assert/strict'
import test from 'node:test'
import { type OperationName, operations, type Profile } from '@aquifer/http-adapter'
import { type Answered, S3InMemory } from './s3-in-memory.js'

const bytes = 'the object that must come to no harm'

/** A bucket and an object stand there; whatever is refused must leave both as they are. */
async function standing(profile: Profile): Promise<S3InMemory> {
  const s3 = await S3InMemory.open({ profile })
  await s3.engine.createBucket('bucket', {})
  await s3.engine.bucket('bucket').put('some/key', Buffer.from(bytes), { metadata: { a: 'b' } })
  return s3
}

async function assertUnharmed(s3: S3InMemory, what: string): Promise<void> {
  assert.equal((await s3.ask('GET', '/bucket/some/key')).text, bytes, what)
  assert.equal((await s3.ask('HEAD', '/bucket/some/key')).headers['x-amz-meta-a'], 'b', what)
  assert.equal((await s3.ask('HEAD', '/bucket')).status, 200, what)
  const keys = []
  for await (const entry of s3.engine.bucket('bucket').list())
    keys.push(entry.type === 'object' && entry.info.key)
  assert.deepEqual(keys, ['some/key'], what)
}

/** Asks for an operation the way its row says, with a body that would do as an object's. */
async function askFor(s3: S3InMemory, name: OperationName): Promise<Answered> {
  const row = operations[name]
  if ('sameWireAs' in row) return askFor(s3, row.sameWireAs)
  const url = row.route.split(' ')[1]!.replace('{b}', 'bucket').replace('{k}', 'some/key')
  const headers = Object.fromEntries(
    row.headers.map(({ name, value }) => [
      name,
      name === 'host' ? `${value}us-east-1.amazonaws.com` : value || '0',
    ]),
  )
  const hasBody = row.method === 'PUT' || row.method === 'POST'
  return s3.ask(row.method, url, { headers, ...(hasBody ? { body: '<Nothing/>' } : {}) })
}

/** The AIStor page's list of unsupported operations, with where it sends people instead. */
const unsupportedByPage: Partial<Record<OperationName, string>> = {
  GetObjectAcl: 'policies',
  PutObjectAcl: 'policies',
  GetBucketInventoryConfiguration: '',
  PutBucketInventoryConfiguration: '',
  DeleteBucketInventoryConfiguration: '',
  GetBucketMetricsConfiguration: 'notifications',
  PutBucketMetricsConfiguration: 'notifications',
  DeleteBucketMetricsConfiguration: 'notifications',
  PutBucketWebsite: 'caddy or nginx',
  GetBucketLogging: 'notifications',
  PutBucketLogging: 'notifications',
  PutBucketAccelerateConfiguration: '',
  DeleteBucketAccelerateConfiguration: '',
  PutBucketRequestPayment: '',
  DeleteBucketRequestPayment: '',
  PutBucketAcl: 'policies',
  HeadBucketAcl: '',
  GetPublicAccessBlock: '',
  PutPublicAccessBlock: '',
  DeletePublicAccessBlock: '',
  GetBucketOwnershipControls: '',
  PutBucketOwnershipControls: '',
  DeleteBucketOwnershipControls: '',
  GetBucketIntelligentTieringConfiguration: '',
  PutBucketIntelligentTieringConfiguration: '',
  ListBucketIntelligentTieringConfigurations: '',
  DeleteBucketIntelligentTieringConfiguration: '',
  GetBucketAnalyticsConfiguration: 'notifications',
  // The page is silent on these writes, of families it refuses.
  PutBucketAnalyticsConfiguration: 'notifications',
  DeleteBucketAnalyticsConfiguration: 'notifications',
  DeleteBucketWebsite: 'caddy or nginx',
  // S3 Express mode only.
  AppendObject: 'S3 Express mode',
  RenameObject: 'S3 Express mode',
  CreateSession: 'S3 Express mode',
  ListDirectoryBuckets: 'S3 Express mode',
}

/** Reads of what was never set, as S3 answers them. */
const neutralAnswers: Partial<Record<OperationName, [status: number, answer: RegExp]>> = {
  GetBucketAccelerateConfiguration: [
    200,
    /<AccelerateConfiguration xmlns="[^"]+"><\/AccelerateConfiguration>$/,
  ],
  GetBucketRequestPayment: [200, /<Payer>BucketOwner<\/Payer>/],
  GetBucketAbac: [200, /<Status>Disabled<\/Status>/],
  GetBucketAcl: [
    200,
    /<Owner><ID>owner-id<.*<Grant><Grantee .*xsi:type="CanonicalUser"><ID>owner-id<.*<Permission>FULL_CONTROL</,
  ],
  GetBucketEncryption: [404, /<Code>ServerSideEncryptionConfigurationNotFoundError</],
  DeleteBucketEncryption: [204, /^$/],
  GetBucketWebsite: [404, /<Code>NoSuchWebsiteConfiguration</],
  ListBucketAnalyticsConfigurations: [200, /<ListBucketAnalyticsConfigurationResult .*<IsTruncated>false</],
  ListBucketInventoryConfigurations: [200, /<ListInventoryConfigurationsResult .*<IsTruncated>false</],
  ListBucketMetricsConfigurations: [200, /<ListMetricsConfigurationsResult .*<IsTruncated>false</],
}

/** What the `aws` profile answers neutrally beside those: the page refuses them. */
const neutralForAws: Partial<Record<OperationName, [status: number, answer: RegExp]>> = {
  GetObjectAcl: [200, /<Permission>FULL_CONTROL</],
  GetBucketOwnershipControls: [404, /<Code>OwnershipControlsNotFoundError</],
  GetPublicAccessBlock: [404, /<Code>NoSuchPublicAccessBlockConfiguration</],
  GetBucketLogging: [200, /<BucketLoggingStatus xmlns="[^"]+"><\/BucketLoggingStatus>$/],
  GetBucketAnalyticsConfiguration: [404, /<Code>NoSuchConfiguration</],
  GetBucketInventoryConfiguration: [404, /<Code>NoSuchConfiguration</],
  GetBucketMetricsConfiguration: [404, /<Code>NoSuchConfiguration</],
  GetBucketIntelligentTieringConfiguration: [404, /<Code>NoSuchConfiguration</],
  ListBucketIntelligentTieringConfigurations: [
    200,
    /<ListBucketIntelligentTieringConfigurationsOutput .*<IsTruncated>false</,
  ],
}

const served: readonly OperationName[] = [
  'ListBuckets',
  'CreateBucket',
  'HeadBucket',
  'DeleteBucket',
  'GetBucketLocation',
  'ListObjects',
  'ListObjectsV2',
  'PutObject',
  'GetObject',
  'HeadObject',
  'DeleteObject',
  'DeleteObjects',
  'CopyObject',
  'GetObjectAttributes',
  'CreateMultipartUpload',
  'UploadPart',
  'UploadPartCopy',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
  'ListParts',
  'ListMultipartUploads',
  'GetObjectLockConfiguration',
  'PutObjectLockConfiguration',
  'GetObjectRetention',
  'PutObjectRetention',
  'GetObjectLegalHold',
  'PutObjectLegalHold',
  'ListObjectVersions',
  'GetBucketVersioning',
  'PutBucketVersioning',
  'GetBucketTagging',
  'PutBucketTagging',
  'DeleteBucketTagging',
  'GetObjectTagging',
  'PutObjectTagging',
  'DeleteObjectTagging',
  'GetBucketCors',
  'PutBucketCors',
  'DeleteBucketCors',
  'GetBucketLifecycleConfiguration',
  'PutBucketLifecycleConfiguration',
  'GetBucketLifecycle',
  'PutBucketLifecycle',
  'DeleteBucketLifecycle',
  'GetBucketReplication',
  'PutBucketReplication',
  'DeleteBucketReplication',
  'GetReplicationMetrics',
  'ResetReplication',
  'GetReplicationResetStatus',
  'CancelReplicationReset',
  'CheckReplication',
  'GetObjectLambda',
  'ForceDeleteBucket',
  'GetObjectFromArchive',
  'HeadObjectFromArchive',
  'ListObjectsInArchive',
  'ListObjectsV2WithMetadata',
  'ListObjectVersionsWithMetadata',
  'PutObjectFanOut',
  'PutReplicas',
  'GetBucketPolicy',
  'PutBucketPolicy',
  'DeleteBucketPolicy',
  'GetBucketPolicyStatus',
  'GetBucketNotificationConfiguration',
  'PutBucketNotificationConfiguration',
  'GetBucketNotification',
  'PutBucketNotification',
  'ListenNotification',
  'ListenAllNotification',
  'PostObject',
  'SecurityTokenService',
  'PreflightService',
  'PreflightBucket',
  'PreflightObject',
]

/** What S3 Express mode has, of what is built or neutral. */
const servedInExpress: readonly OperationName[] = [
  'AppendObject',
  'RenameObject',
  'CreateSession',
  'ListDirectoryBuckets',
  ...served.filter(
    (name) =>
      !/^(ListObjects$|ListObjectVersions|PostObject)|Lifecycle|Replication|Replicas$|(Tagging|Versioning|Cors|PolicyStatus)$|Lock|Retention$|LegalHold$|Lambda$|FanOut$|Notification|^Force|WithMetadata$|Archive$/.test(
        name,
      ),
  ),
]
const neutralInExpress: readonly OperationName[] = ['GetBucketEncryption', 'DeleteBucketEncryption']
const laterInExpress: readonly OperationName[] = ['PutBucketEncryption', 'UpdateObjectEncryption']

const expectedKind = (profile: Profile, name: OperationName): string => {
  if (profile === 'express') {
    if (servedInExpress.includes(name)) return 'served'
    if (neutralInExpress.includes(name)) return 'neutral'
    return laterInExpress.includes(name) ? 'notImplemented' : 'notSupported'
  }
  if (served.includes(name)) return 'served'
  if (name in neutralAnswers) return 'neutral'
  if (profile === 'aistor') return name in unsupportedByPage ? 'notSupported' : 'notImplemented'
  if (name in neutralForAws) return 'neutral'
  const unknownToS3 = ['HeadBucketAcl', 'DeleteBucketAccelerateConfiguration', 'DeleteBucketRequestPayment']
  return unknownToS3.includes(name) ? 'methodNotAllowed' : 'notImplemented'
}

const isHead = (name: OperationName): boolean => name.startsWith('Head')

for (const profile of ['aistor', 'aws', 'express'] as const) {
  test(`${profile}: every operation gets the answer the profile promises, and what is refused harms nothing`, async () => {
    await using s3 = await standing(profile)
    for (const name of Object.keys(operations) as OperationName[]) {
      const kind = expectedKind(profile, name)
      if (kind === 'served') continue
      const answer = await askFor(s3, name)
      const what = `${profile} ${name}: ${answer.status} ${answer.text}`
      if (kind === 'neutral') {
        const [status, pattern] = (neutralAnswers[name] ?? neutralForAws[name])!
        assert.equal(answer.status, status, what)
        assert.match(answer.text, pattern, what)
      } else {
        assert.equal(answer.status, kind === 'methodNotAllowed' ? 405 : 501, what)
        const code = {
          notSupported: 'NotSupported',
          notImplemented: 'NotImplemented',
          methodNotAllowed: 'MethodNotAllowed',
        }[kind]
        assert.equal(answer.code, isHead(name) ? undefined : code, what)
        if (kind === 'methodNotAllowed') assert.equal(answer.headers['allow'], 'GET, PUT', what)
        if (profile === 'aistor' && !isHead(name))
          assert.ok(answer.text.includes(unsupportedByPage[name] ?? ''), what)
      }
      assert.match(answer.headers['x-amz-request-id']!, /^[0-9A-Z]{16}$/, what)
      await assertUnharmed(s3, what)
    }
  })

  test(`${profile}: every operation it serves is served`, async () => {
    for (const name of Object.keys(operations) as OperationName[]) {
      if (expectedKind(profile, name) !== 'served') continue
      await using s3 = await standing(profile)
      const answer = await askFor(s3, name)
      assert.ok(
        ![501, 405, 500].includes(answer.status),
        `${profile} ${name}: ${answer.status} ${answer.text}`,
      )
    }
  })
}

test('no sub-resource with any method falls through to the plain operation', async () => {
  const subResources = new Set(
    Object.values(operations).flatMap((row) =>
      'subResource' in row && row.subResource !== '' ? [row.subResource] : [],
    ),
  )
  assert.ok(subResources.size >= 45)
  for (const profile of ['aistor', 'aws', 'express'] as const) {
    await using s3 = await standing(profile)
    for (const name of subResources) {
      for (const path of ['/', '/bucket', '/bucket/some/key']) {
        for (const method of ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH']) {
          const url = `${path}?${name}`
          const answer = await s3.ask(method, url, method === 'PUT' || method === 'POST' ? { body: 'x' } : {})
          const what = `${profile} ${method} ${url}: ${answer.status} ${answer.text}`
          // A bucket's multipart uploads are begun by such a request, and are nobody's object.
          if (method !== 'GET' && name !== 'uploads')
            assert.ok(answer.status >= 400 || answer.status === 204, what)
          if (method === 'HEAD') assert.ok(answer.status === 405 || answer.status === 501, what)
          assert.ok(answer.status !== 500, what)
          assert.doesNotMatch(answer.text, /<ListBucketResult|<ListAllMyBucketsResult|no harm/, what)
        }
      }
    }
    await assertUnharmed(s3, profile)
  }
})
