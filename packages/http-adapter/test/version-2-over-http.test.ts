import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import { type OperationName, operations } from '@aquifer/http-adapter'
import { EXAMPLE } from './auth/requests.js'
import { type Answered, S3InMemory } from './s3-in-memory.js'

const now = Date.UTC(2026, 10, 23, 12)
const EXPIRES = now / 1_000 + 60

const open = (): Promise<S3InMemory> =>
  S3InMemory.open({
    signatureV2: true,
    now: () => now,
    profile: 'aws',
    credentials: {
      findCredentials: () => ({ secretAccessKey: EXAMPLE.secretAccessKey, ownerId: 'o', displayName: 'o' }),
    },
  })

/** A URL made for one thing, with something added that its maker did not sign. */
function carry(s3: S3InMemory, method: string, resource: string, added = ''): Promise<Answered> {
  const signature = createHmac('sha1', EXAMPLE.secretAccessKey)
    .update(`${method}\n\n\n${EXPIRES}\n${resource}`)
    .digest('base64')
  const mark = resource.includes('?') ? '&' : '?'
  const query = `AWSAccessKeyId=${EXAMPLE.accessKeyId}&Expires=${EXPIRES}&Signature=${encodeURIComponent(signature)}`
  return s3.carry({
    method,
    rawUrl: `${resource}${mark}${query}${added}`,
    rawHeaders: [
      ['host', 's3.test'],
      ['content-length', '5'],
    ],
    body: (async function* () {
      yield Buffer.from('bytes')
    })(),
    secure: false,
    signal: new AbortController().signal,
  })
}

test('a version 2 URL puts, gets, lists and deletes what it was made for', async () => {
  await using s3 = await open()
  await s3.engine.createBucket('bucket')
  assert.equal((await carry(s3, 'PUT', '/bucket/a%20key')).status, 200)
  assert.equal((await carry(s3, 'GET', '/bucket/a%20key')).text, 'bytes')
  assert.match((await carry(s3, 'GET', '/bucket', '&list-type=2&prefix=a')).text, /<Key>a key<\/Key>/)
  assert.equal((await carry(s3, 'GET', '/bucket?versioning')).status, 200)
  assert.equal((await carry(s3, 'DELETE', '/bucket/a%20key')).status, 204)
})

test('no other operation can be had by adding its name to a version 2 URL', async () => {
  await using s3 = await open()
  await s3.engine.createBucket('bucket')
  await s3.engine.bucket('bucket').put('key', Buffer.from('before'))
  let count = 0
  for (const name of Object.keys(operations) as OperationName[]) {
    const row = operations[name]
    if ('sameWireAs' in row || row.subResource === '' || row.subResource === 'list-type') continue
    const resource = { service: '/', bucket: '/bucket', object: '/bucket/key' }[row.level]
    const added = [
      '',
      ...[row.subResource, ...row.others].map((one) => (one === 'partNumber' ? 'partNumber=1' : one)),
    ]
    const { status, code } = await carry(s3, row.method, resource, added.join('&'))
    if (row.method === 'HEAD') assert.ok(status >= 400, name)
    else assert.match(code ?? '', /^(AccessDenied|SignatureDoesNotMatch)$/, `${name}: ${status}`)
    count++
  }
  assert.ok(count > 80, String(count))
  assert.equal((await s3.engine.bucket('bucket').head('key')).sizeBytes, 6)
})
