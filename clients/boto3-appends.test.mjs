// boto3 in S3 Express mode: appends at an offset, and renames; of a directory bucket in sessions that it begins by itself.
import assert from 'node:assert/strict'
import test from 'node:test'
import { connectBoto3 } from './harness/boto3.mjs'
import { findPython, unless } from './harness/programs.mjs'
import { openWorkplace } from './harness/workplace.mjs'

const python = findPython('python')

for (const Bucket of ['logs', 'logs--az1--x-s3'])
  test(`boto3: appends and renames in the bucket ${Bucket}`, { skip: unless(python, 'boto3') }, (t) =>
    appendAndRename(t, Bucket),
  )

async function appendAndRename(t, Bucket) {
  const place = await openWorkplace(t, ['--profile', 'express'])
  const boto3 = await connectBoto3(python, '1.43.11', '')(place)
  t.after(() => boto3.close())
  const { call } = boto3
  await call('create_bucket', { Bucket })
  const put = (Key, Body, options = {}) => call('put_object', { Bucket, Key, Body, ...options })
  const read = async (Key) => (await call('get_object', { Bucket, Key })).Body

  const { Credentials } = await call('create_session', { Bucket })
  assert.match(Credentials.AccessKeyId, /^ASQ/)

  await t.test('each append goes behind the last, and the answer has size and CRC of the whole', async () => {
    let whole = 'begin '
    await put('log', whole)
    for (let n = 0; n < 20; n++) {
      const line = `line ${n} `
      const { Size, ChecksumType, ChecksumCRC32 } = await put('log', line, { WriteOffsetBytes: whole.length })
      whole += line
      assert.deepEqual([Size, ChecksumType], [whole.length, 'FULL_OBJECT'])
      assert.equal(ChecksumCRC32, (await put('whole', whole)).ChecksumCRC32)
    }
    assert.equal(await read('log'), whole)
    await assert.rejects(put('log', 'x', { WriteOffsetBytes: 3 }), /InvalidWriteOffset/)
    await assert.rejects(put('log', 'x', { WriteOffsetBytes: 0 }), /InvalidWriteOffset/)
    assert.equal(await read('log'), whole)
  })

  await t.test('one that appends to nothing makes the object', async () => {
    assert.equal((await put('new', 'first', { WriteOffsetBytes: 0 })).Size, 5)
    await assert.rejects(put('missing', 'x', { WriteOffsetBytes: 1 }), /InvalidWriteOffset/)
  })

  await t.test('a rename moves an object, once for each token', async () => {
    const rename = (Key, from, options = {}) =>
      call('rename_object', { Bucket, Key, RenameSource: `${Bucket}/${from}`, ...options })
    await rename('renamed', 'new', { ClientToken: 'once' })
    await rename('renamed', 'new', { ClientToken: 'once' })
    assert.equal(await read('renamed'), 'first')
    await assert.rejects(read('new'), /NoSuchKey/)
    await assert.rejects(rename('other', 'new'), /NoSuchKey/)
    await assert.rejects(rename('other', 'renamed', { ClientToken: 'once' }), /IdempotencyParameterMismatch/)
    await assert.rejects(rename('log', 'renamed', { DestinationIfNoneMatch: '*' }), /PreconditionFailed/)
  })

  await t.test('a directory bucket is worked with in sessions, and is listed as one', async () => {
    const inSession = /"operation":"PutObject"[^\n]*"accessKeyId":"ASQ/.test(place.serverOutput())
    assert.equal(inSession, Bucket.endsWith('--x-s3'))
    const { Buckets } = await call('list_directory_buckets', {})
    assert.deepEqual(
      Buckets.map(({ Name }) => Name),
      [Bucket],
    )
  })
}
