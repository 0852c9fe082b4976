import assert from 'node:assert/strict'
import test from 'node:test'
import type { ObjectInfo } from '@aquifer/engine'
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
