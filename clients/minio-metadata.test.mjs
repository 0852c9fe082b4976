// minio (npm): its listing with metadata, an extension of MinIO's.
import assert from 'node:assert/strict'
import test from 'node:test'
import { openWorkplace } from './harness/workplace.mjs'
import { minioClient } from './minio-client.mjs'

test('minio: a listing that tells metadata and tags', async (t) => {
  const place = await openWorkplace(t)
  const client = minioClient(place)
  await client.makeBucket('listed')
  const metadata = { 'Content-Type': 'text/plain', 'X-Amz-Meta-Team-Name': 'blue & <green>' }
  await client.putObject('listed', 'dir/a b', Buffer.from('body'), 4, metadata)
  await client.setObjectTagging('listed', 'dir/a b', { one: '1' })
  const found = await client.extensions.listObjectsV2WithMetadata('listed', 'dir/', true).toArray()
  assert.deepEqual(
    found.map(({ name, size }) => [name, size]),
    [['dir/a b', 4]],
  )
  assert.equal(found[0].metadata['X-Amz-Meta-Team-Name'], 'blue & <green>')
  assert.equal(found[0].metadata['content-type'], 'text/plain')
})
