// What the AIStor page "S3 API Compatibility" says it does not support, and its error codes, quoted from it: one request
// for each, as a user would send it.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import type { LambdaEvent } from '@aquifer/http-adapter'
import { type Answered, S3InMemory } from './s3-in-memory.js'

/** "Unsupported object APIs" and "Unsupported bucket API operations": in the page's words and order. */
const unsupported: readonly (readonly [quoted: string, method: string, url: string, body?: string])[] = [
  ['GetObjectAcl', 'GET', '/bucket/key?acl'],
  ['PutObjectAcl', 'PUT', '/bucket/key?acl', '<AccessControlPolicy></AccessControlPolicy>'],
  ['GetBucketInventoryConfiguration', 'GET', '/bucket?inventory&id=all'],
  [
    'PutBucketInventoryConfiguration',
    'PUT',
    '/bucket?inventory&id=all',
    '<InventoryConfiguration><Id>all</Id></InventoryConfiguration>',
  ],
  ['DeleteBucketInventoryConfiguration', 'DELETE', '/bucket?inventory&id=all'],
  ['GetBucketMetricsConfiguration', 'GET', '/bucket?metrics&id=all'],
  [
    'PutBucketMetricsConfiguration',
    'PUT',
    '/bucket?metrics&id=all',
    '<MetricsConfiguration><Id>all</Id></MetricsConfiguration>',
  ],
  ['DeleteBucketMetricsConfiguration', 'DELETE', '/bucket?metrics&id=all'],
  ['PutBucketWebsite', 'PUT', '/bucket?website', '<WebsiteConfiguration></WebsiteConfiguration>'],
  ['GetBucketLogging', 'GET', '/bucket?logging'],
  ['PutBucketLogging', 'PUT', '/bucket?logging', '<BucketLoggingStatus></BucketLoggingStatus>'],
  [
    'PutBucketAccelerateConfiguration',
    'PUT',
    '/bucket?accelerate',
    '<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>',
  ],
  ['DeleteBucketAccelerateConfiguration', 'DELETE', '/bucket?accelerate'],
  [
    'PutBucketRequestPayment',
    'PUT',
    '/bucket?requestPayment',
    '<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>',
  ],
  ['DeleteBucketRequestPayment', 'DELETE', '/bucket?requestPayment'],
  ['PutBucketAcl', 'PUT', '/bucket?acl', '<AccessControlPolicy></AccessControlPolicy>'],
  ['HeadBucketAcl', 'HEAD', '/bucket?acl'],
  ['GetPublicAccessBlock', 'GET', '/bucket?publicAccessBlock'],
  [
    'PutPublicAccessBlock',
    'PUT',
    '/bucket?publicAccessBlock',
    '<PublicAccessBlockConfiguration><BlockPublicPolicy>true</BlockPublicPolicy></PublicAccessBlockConfiguration>',
  ],
  ['DeletePublicAccessBlock', 'DELETE', '/bucket?publicAccessBlock'],
  ['GetBucketOwnershipControls', 'GET', '/bucket?ownershipControls'],
  [
    'PutBucketOwnershipControls',
    'PUT',
    '/bucket?ownershipControls',
    '<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>',
  ],
  ['DeleteBucketOwnershipControls', 'DELETE', '/bucket?ownershipControls'],
  ['GetBucketIntelligentTieringConfiguration', 'GET', '/bucket?intelligent-tiering&id=all'],
  [
    'PutBucketIntelligentTieringConfiguration',
    'PUT',
    '/bucket?intelligent-tiering&id=all',
    '<IntelligentTieringConfiguration><Id>all</Id></IntelligentTieringConfiguration>',
  ],
  ['ListBucketIntelligentTieringConfigurations', 'GET', '/bucket?intelligent-tiering'],
  ['DeleteBucketIntelligentTieringConfiguration', 'DELETE', '/bucket?intelligent-tiering&id=all'],
  ['GetBucketAnalyticsConfiguration', 'GET', '/bucket?analytics&id=all'],
]

/** "MinIO AIStor alternatives for unsupported bucket API operations". */
const alternatives: readonly (readonly [quoted: string, of: RegExp, named: RegExp])[] = [
  ['For calls to BucketACL or ObjectACL operations, use Policies.', /Acl$/, /policies/i],
  ['For calls to BucketWebsite operations, use caddy or nginx.', /Website$/, /caddy or nginx/],
  [
    'For calls to BucketAnalytics, BucketMetrics, or BucketLogging operations, use Bucket notifications.',
    /Analytics|Metrics|Logging/,
    /bucket notifications/i,
  ],
]

/** A bucket of which something is set wherever something can be, and the requests that read all of it. */
async function standing(): Promise<S3InMemory> {
  const s3 = await S3InMemory.open()
  const put = async (url: string, body: string, headers: Record<string, string> = {}) => {
    const contentMd5 = createHash('md5').update(body).digest('base64')
    const { status, text } = await s3.ask('PUT', url, {
      body,
      headers: { 'content-md5': contentMd5, ...headers },
    })
    assert.ok(status < 300, `${url}: ${text}`)
  }
  await put('/bucket', '', { 'x-amz-bucket-object-lock-enabled': 'true' })
  const lock = '<DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention>'
  await put(
    '/bucket?object-lock',
    `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>${lock}</Rule></ObjectLockConfiguration>`,
  )
  const tags = '<Tagging><TagSet><Tag><Key>team</Key><Value>blue</Value></Tag></TagSet></Tagging>'
  await put('/bucket?tagging', tags)
  const cors = '<AllowedMethod>GET</AllowedMethod><AllowedOrigin>https://a.test</AllowedOrigin>'
  await put('/bucket?cors', `<CORSConfiguration><CORSRule>${cors}</CORSRule></CORSConfiguration>`)
  const statement = {
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: 'arn:aws:s3:::bucket/*',
  }
  await put('/bucket?policy', JSON.stringify({ Statement: statement }))
  await put('/bucket/key', 'first', { 'x-amz-meta-a': 'b' })
  await put('/bucket/key', 'second', { 'x-amz-tagging': 'c=d', 'content-type': 'text/plain' })
  await put('/bucket/other', 'third')
  return s3
}

const reads = [
  '/',
  '/bucket?versions',
  '/bucket?versioning',
  '/bucket?object-lock',
  '/bucket?tagging',
  '/bucket?cors',
  '/bucket?policy',
  '/bucket?acl',
  '/bucket?accelerate',
  '/bucket?requestPayment',
  '/bucket?website',
  '/bucket?analytics',
  '/bucket?inventory',
  '/bucket?metrics',
  '/bucket/key',
  '/bucket/key?tagging',
  '/bucket/key?retention',
  '/bucket/other',
]

async function everythingTold(s3: S3InMemory): Promise<unknown[]> {
  const ofRequest = /^(?:x-amz-request-id|x-amz-id-2|date)$|<(RequestId|HostId)>.*?<\/\1>/g
  const told: unknown[] = []
  for (const url of reads) {
    const { status, headers, text } = await s3.ask('GET', url)
    const facts = Object.entries(headers).filter(
      ([name]) => !/^(x-amz-request-id|x-amz-id-2|date)$/.test(name),
    )
    told.push([url, status, facts, text.replace(ofRequest, '')])
  }
  return told
}

test('each operation that the page does not support answers 501 NotSupported, and changes nothing', async () => {
  await using s3 = await standing()
  const before = await everythingTold(s3)
  assert.equal(unsupported.length, 28)
  for (const [quoted, method, url, body] of unsupported) {
    const answer = await s3.ask(method, url, body === undefined ? {} : { body })
    assert.equal(answer.status, 501, `${quoted}: ${answer.text}`)
    if (method === 'HEAD') assert.equal(answer.text, '')
    else assert.equal(answer.code, 'NotSupported', quoted)
  }
  assert.deepEqual(await everythingTold(s3), before)
})

test('what it answers names what the page sends people to instead', async () => {
  await using s3 = await standing()
  for (const [quoted, of, named] of alternatives) {
    const asked = unsupported.filter(([name, method]) => of.test(name) && method !== 'HEAD')
    assert.ok(asked.length > 0, quoted)
    for (const [name, method, url, body] of asked) {
      const { text } = await s3.ask(method, url, body === undefined ? {} : { body })
      assert.match(text, named, `${name}: ${quoted}`)
    }
  }
})

const echo = ({ getObjectContext: { outputRoute, outputToken } }: LambdaEvent) => ({
  'x-amz-request-route': outputRoute,
  'x-amz-request-token': outputToken,
})
const functions = new Map([
  [
    'liar:webhook',
    {
      invoke: async (event: LambdaEvent) =>
        new Response('', { headers: { ...echo(event), 'x-amz-request-token': 'f'.repeat(64) } }),
    },
  ],
  [
    'broken:webhook',
    {
      invoke: async (event: LambdaEvent) =>
        new Response('', { headers: { ...echo(event), 'x-amz-fwd-status': 'fine' } }),
    },
  ],
])
/** Without keys that sign, as functions are given URLs to read by. */
const nobodyInParticular = { anonymous: false, ownerId: 'owner-id', displayName: 'owner' }
const through = (id: string) => `/bucket/key?lambdaArn=arn:minio:s3-object-lambda::${id}:webhook`

/** "MinIO-specific error codes". */
const codes: readonly (readonly [
  code: string,
  status: number,
  quoted: string,
  request: (s3: S3InMemory) => Promise<Answered>,
])[] = [
  [
    'NotSupported',
    501,
    'API operation not implemented.',
    (s3) => s3.ask('PUT', '/bucket?accelerate', { body: '<AccelerateConfiguration/>' }),
  ],
  [
    'NotImplemented',
    501,
    'KMS not configured or feature unavailable.',
    (s3) =>
      s3.ask('PUT', '/bucket/key', { body: 'x', headers: { 'x-amz-server-side-encryption': 'aws:kms' } }),
  ],
  [
    'XMinioHealNotImplemented',
    400,
    'Healing not available in this mode.',
    (s3) => s3.ask('POST', '/minio/admin/v3/heal/bucket/?forceStart=true', { body: '{"recursive":true}' }),
  ],
  [
    'XMinioLDAPNotEnabled',
    501,
    'LDAP must be enabled for this operation.',
    (s3) =>
      s3.ask('POST', '/', {
        body: 'Version=2011-06-15&Action=AssumeRoleWithLDAPIdentity&LDAPUsername=me&LDAPPassword=secret',
      }),
  ],
  ['InvalidToken', 400, 'Object Lambda output token mismatch.', (s3) => s3.ask('GET', through('liar'))],
  [
    'LambdaFunctionStatusError',
    400,
    'Object Lambda function returned an invalid status.',
    (s3) => s3.ask('GET', through('broken')),
  ],
]

for (const [code, status, quoted, request] of codes)
  test(`${code} is answered: ${quoted}`, async () => {
    await using s3 = await S3InMemory.open({ lambdas: functions, authenticate: () => nobodyInParticular })
    await s3.engine.createBucket('bucket')
    await s3.engine.bucket('bucket').put('key', Buffer.from('bytes'))
    const answer = await request(s3)
    assert.deepEqual([answer.status, answer.code], [status, code], answer.text)
    assert.equal((await s3.ask('GET', '/bucket/key')).text, 'bytes')
  })

test('healing is asked for in every form that clients send it in, and a bucket called minio is as any other', async () => {
  await using s3 = await S3InMemory.open()
  for (const url of [
    '/minio/admin/v3/heal/',
    '/minio/admin/v3/heal/bucket/a/b',
    '/minio/admin/v4/heal/bucket',
  ])
    assert.equal((await s3.ask('POST', url, { body: '{}' })).code, 'XMinioHealNotImplemented', url)
  await s3.ask('PUT', '/minio')
  assert.equal((await s3.ask('PUT', '/minio/admin/v3/heal/', { body: 'x' })).status, 200)
  assert.equal((await s3.ask('GET', '/minio/admin/v3/heal/')).text, 'x')
  assert.equal((await s3.ask('POST', '/minio/admin/v3/heal/?uploads')).status, 200)
  assert.equal((await s3.ask('POST', '/minio/admin/v3/health', { body: '{}' })).status, 405)
})
