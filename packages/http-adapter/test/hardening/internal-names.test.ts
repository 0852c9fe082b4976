import assert from 'node:assert/strict'
import test from 'node:test'
import type { ObjectInfo } from '@aquifer/engine'
import { contentType, formBody } from '../forms.js'
import { S3InMemory } from '../s3-in-memory.js'

/** What we, and others, call what a record knows of an object and no client may say. */
const internalNames = [
  ...['key', 'etag', 'size', 'size-bytes', 'sizebytes', 'version-id', 'versionid', 'is-delete-marker'],
  ...['owner', 'owner-id', 'ownerid', 'last-modified', 'lastmodified', 'body', 'blob', 'blob-id', 'extents'],
  ...['record', 'record-id', 'revision', 'part-count', 'tag-count', 'checksum-type', 'shared', 'locked'],
  ...['replication-status', 'replica', 'restore', 'expiration', 'storage', 'sealed', 'encryption-key', 'iv'],
]
const prefixes = [
  ...[
    '',
    'x-amz-',
    'x-aquifer-',
    'x-aquifer-internal-',
    'x-minio-',
    'x-minio-internal-',
    'x-rustfs-internal-',
  ],
  ...['x-minio-replication-', 'x-minio-source-', 'x-minio-internal-server-side-encryption-', 'x-internal-'],
]
/** Headers that mean something to a write, whoever sends them. */
const meaningful = /^x-amz-(?:checksum-type|storage-class)$/

const headerNames = prefixes
  .flatMap((prefix) => internalNames.map((name) => prefix + name))
  .filter((name) => !meaningful.test(name))

/** All of an object's facts but what the client may attach to it. */
function facts({ metadata: _, lastModified, ...rest }: ObjectInfo): object {
  assert.ok(Math.abs(Date.now() - lastModified.getTime()) < 60_000)
  return rest
}

test('internal names sent as headers, as metadata and as tags change nothing of an object', async () => {
  await using s3 = await S3InMemory.open()
  const bucket = s3.engine.bucket('bucket')
  await s3.engine.createBucket('bucket')
  await s3.ask('PUT', '/bucket/key', { body: 'body' })
  const plain = facts(await bucket.head('key'))
  let accepted = 0
  for (const name of headerNames) {
    await s3.ask('PUT', '/bucket/key', { body: 'body' })
    const header = await s3.ask('PUT', '/bucket/key', { headers: { [name]: '1' }, body: 'body' })
    if (header.status === 200) accepted++
    else assert.ok([400, 501].includes(header.status), `${name}: ${header.text}`)
    assert.deepEqual(facts(await bucket.head('key')), plain, name)
    assert.deepEqual((await bucket.head('key')).metadata, {}, name)

    const metadata = await s3.ask('PUT', '/bucket/key', {
      headers: { [`x-amz-meta-${name}`]: '1' },
      body: 'body',
    })
    assert.equal(metadata.status, 200, `${name}: ${metadata.text}`)
    assert.deepEqual(facts(await bucket.head('key')), plain, name)
    assert.deepEqual((await bucket.head('key')).metadata, { [name]: '1' }, name)

    const tags = await s3.ask('PUT', '/bucket/key', {
      headers: { 'x-amz-tagging': `${name}=1` },
      body: 'body',
    })
    assert.equal(tags.status, 200, `${name}: ${tags.text}`)
    assert.deepEqual(facts(await bucket.head('key')), { ...plain, tagCount: 1 }, name)
    assert.deepEqual(await bucket.getTags('key'), { [name]: '1' }, name)
  }
  assert.ok(accepted > 100, 'Most of them are headers like any other, and say nothing.')
})

test('an upload in parts and a copy take no internal name for more than it is either', async () => {
  await using s3 = await S3InMemory.open()
  const bucket = s3.engine.bucket('bucket')
  await s3.engine.createBucket('bucket')
  await s3.ask('PUT', '/bucket/source', { body: 'body' })
  await s3.ask('PUT', '/bucket/copy', { headers: { 'x-amz-copy-source': '/bucket/source' } })
  const plain = facts(await bucket.head('copy'))
  for (const name of headerNames) {
    const copied = await s3.ask('PUT', '/bucket/copy', {
      headers: { 'x-amz-copy-source': '/bucket/source', [name]: '1' },
    })
    assert.ok([200, 400, 501].includes(copied.status), `${name}: ${copied.text}`)
    assert.deepEqual(facts(await bucket.head('copy')), plain, name)
    const begun = await s3.ask('POST', '/bucket/parts?uploads', { headers: { [name]: '1' } })
    assert.ok([200, 400, 501].includes(begun.status), `${name}: ${begun.text}`)
    const uploadId = /<UploadId>(.*?)</.exec(begun.text)?.[1]
    if (uploadId === undefined) continue
    const { size, ...known } = { size: 0, ...(await bucket.upload('parts', uploadId).info()) }
    assert.equal(known.key, 'parts', name)
    assert.equal(known.uploadId, uploadId, name)
    assert.equal(size, 0)
  }
})

test('internal names sent as fields of a form change nothing of its object', async () => {
  await using s3 = await S3InMemory.open()
  const bucket = s3.engine.bucket('bucket')
  await s3.engine.createBucket('bucket')
  const post = (...fields: [string, string][]) =>
    s3.ask('POST', '/bucket', {
      headers: { 'content-type': contentType },
      body: formBody([['key', 'key'], ...fields], { bytes: 'body' }),
    })
  await post()
  const plain = facts(await bucket.head('key'))
  let accepted = 0
  for (const name of headerNames) {
    // A field of this name is the form's own.
    if (name === 'key') continue
    const field = await post([name, '1'])
    if (field.status === 204) accepted++
    else assert.ok([400, 403, 501].includes(field.status), `${name}: ${field.status} ${field.text}`)
    assert.deepEqual(facts(await bucket.head('key')), plain, name)
    assert.deepEqual((await bucket.head('key')).metadata, {}, name)

    const metadata = await post([`x-amz-meta-${name}`, '1'])
    assert.equal(metadata.status, 204, `${name}: ${metadata.text}`)
    assert.deepEqual(facts(await bucket.head('key')), plain, name)
    assert.deepEqual((await bucket.head('key')).metadata, { [name]: '1' }, name)
    await post()
  }
  assert.ok(accepted > 100, String(accepted))
})

test('internal names in an entry of a fan-out list change nothing of its object', async () => {
  await using s3 = await S3InMemory.open({
    fanOutByOwner: true,
    owner: { id: 'another', displayName: 'another' },
  })
  const bucket = s3.engine.bucket('bucket')
  await s3.engine.createBucket('bucket')
  const policy = Buffer.from(
    JSON.stringify({
      expiration: '2999-01-01T00:00:00Z',
      conditions: [{ bucket: 'bucket' }, ['eq', '$key', 'form']],
    }),
  ).toString('base64')
  const post = (entry: object) =>
    s3.ask('POST', '/bucket', {
      headers: { 'content-type': contentType },
      body: formBody(
        [
          ['key', 'form'],
          ['policy', policy],
          ['x-minio-fanout-list', JSON.stringify({ key: 'key', ...entry })],
        ],
        { bytes: 'body' },
      ),
    })
  assert.equal((await post({})).status, 200)
  const plain = facts(await bucket.head('key'))
  for (const name of headerNames) {
    if (name === 'key') continue
    for (const entry of [{ [name]: '1' }, { [name]: { [name]: '1' } }, { metadata: { [name]: '1' } }]) {
      const answer = await post(entry)
      assert.ok([200, 400].includes(answer.status), `${name}: ${answer.status} ${answer.text}`)
      assert.deepEqual(facts(await bucket.head('key')), plain, JSON.stringify(entry))
    }
  }
})
