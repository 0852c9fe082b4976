// What people type: aws-cli's everyday commands on plain objects, each against what it should print or leave.
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { awsCli, connectAwsCli } from './aws-cli.mjs'
import { bytesNamed } from './harness/bytes.mjs'
import { unless } from './harness/programs.mjs'
import { openWorkplace } from './harness/workplace.mjs'

test('aws-cli: everyday commands', { skip: unless(awsCli, 'aws-cli') }, async (t) => {
  const place = await openWorkplace(t)
  const aws = await connectAwsCli(place)
  const api = async (name, ...args) => JSON.parse((await aws(['s3api', name, ...args])) || '{}')
  const { witness, folder } = place
  const local = (name) => join(folder, name)
  const bytes = bytesNamed('everyday', 10_000)
  await writeFile(local('file.bin'), bytes)

  await t.test('mb makes a bucket, and ls shows it', async () => {
    await aws(['s3', 'mb', 's3://everyday'])
    assert.match(await aws(['s3', 'ls']), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d everyday$/m)
  })

  await t.test('ls shows sizes, and folders by their common prefix', async () => {
    await witness.put('everyday', 'top.txt', Buffer.from('12345'))
    await witness.put('everyday', 'folder/below.txt', Buffer.from('1'))
    const output = await aws(['s3', 'ls', 's3://everyday/'])
    assert.match(output, /PRE folder\/$/m)
    assert.match(output, / {10}5 top\.txt$/m)
    assert.doesNotMatch(output, /below/)
  })

  await t.test('mv moves a local file up, within, and down', async () => {
    await writeFile(local('moved.bin'), bytes)
    await aws(['s3', 'mv', local('moved.bin'), 's3://everyday/a.bin'])
    await assert.rejects(readFile(local('moved.bin')), { code: 'ENOENT' })
    await aws(['s3', 'mv', 's3://everyday/a.bin', 's3://everyday/b.bin'])
    assert.deepEqual(await witness.list('everyday', 'a.bin'), [])
    await aws(['s3', 'mv', 's3://everyday/b.bin', local('back.bin')])
    assert.ok((await readFile(local('back.bin'))).equals(bytes))
    assert.deepEqual(await witness.list('everyday', 'b.bin'), [])
  })

  await t.test('rm removes one object, or all under a prefix', async () => {
    await witness.putMany('everyday', ['rm/1', 'rm/2', 'rm/3'], () => bytes)
    await aws(['s3', 'rm', 's3://everyday/rm/1'])
    assert.deepEqual(await witness.list('everyday', 'rm/'), ['rm/2', 'rm/3'])
    await aws(['s3', 'rm', '--recursive', 's3://everyday/rm/'])
    assert.deepEqual(await witness.list('everyday', 'rm/'), [])
  })

  await t.test('sync --delete leaves the same on both sides', async () => {
    await mkdir(local('mirror'))
    await writeFile(local('mirror/kept.txt'), 'kept')
    await witness.putMany('everyday', ['mirror/kept.txt', 'mirror/extra.txt'], () => Buffer.from('old!!'))
    await aws(['s3', 'sync', '--delete', local('mirror'), 's3://everyday/mirror'])
    assert.deepEqual(await witness.list('everyday', 'mirror/'), ['mirror/kept.txt'])
    assert.equal((await witness.get('everyday', 'mirror/kept.txt')).toString(), 'kept')
  })

  await t.test('cp streams from standard output', async () => {
    await witness.put('everyday', 'stdout.txt', Buffer.from('to the pipe'))
    assert.equal(await aws(['s3', 'cp', 's3://everyday/stdout.txt', '-']), 'to the pipe')
  })

  await t.test('a presigned address works until it is changed', async () => {
    await witness.put('everyday', 'presigned.txt', Buffer.from('for a friend'))
    const url = (await aws(['s3', 'presign', 's3://everyday/presigned.txt', '--expires-in', '60'])).trim()
    assert.equal(await (await fetch(url)).text(), 'for a friend')
    const altered = url.replace('presigned.txt', 'top.txt')
    assert.equal((await fetch(altered)).status, 403)
  })

  await t.test('put-object keeps headers and user metadata, head-object shows them', async () => {
    const put = await api(
      'put-object',
      '--bucket',
      'everyday',
      '--key',
      'headers.bin',
      '--body',
      local('file.bin'),
      '--content-type',
      'image/png',
      '--cache-control',
      'max-age=60',
      '--content-disposition',
      'attachment',
      '--content-encoding',
      'gzip',
      '--content-language',
      'de',
      '--metadata',
      'owner=me,two=2',
    )
    const head = await api('head-object', '--bucket', 'everyday', '--key', 'headers.bin')
    assert.equal(head.ETag, put.ETag)
    assert.equal(head.ContentLength, bytes.length)
    assert.equal(head.ContentType, 'image/png')
    assert.equal(head.CacheControl, 'max-age=60')
    assert.equal(head.ContentDisposition, 'attachment')
    assert.equal(head.ContentEncoding, 'gzip')
    assert.equal(head.ContentLanguage, 'de')
    assert.deepEqual(head.Metadata, { owner: 'me', two: '2' })
  })

  await t.test('get-object gives a range, and refuses one past the end', async () => {
    const of = ['--bucket', 'everyday', '--key', 'headers.bin']
    const got = await api('get-object', ...of, '--range', 'bytes=100-199', local('range.bin'))
    assert.equal(got.ContentRange, `bytes 100-199/${bytes.length}`)
    assert.ok((await readFile(local('range.bin'))).equals(bytes.subarray(100, 200)))
    await assert.rejects(
      api('get-object', ...of, '--range', 'bytes=20000-', local('range.bin')),
      /InvalidRange/,
    )
  })

  await t.test('conditions hold', async () => {
    const of = ['--bucket', 'everyday', '--key', 'headers.bin']
    const { ETag } = await api('head-object', ...of)
    await assert.rejects(
      api('get-object', ...of, '--if-none-match', ETag, local('none.bin')),
      /304|Not Modified/,
    )
    await assert.rejects(
      api('get-object', ...of, '--if-match', '"0"', local('none.bin')),
      /PreconditionFailed/,
    )
    await assert.rejects(
      api('put-object', ...of, '--body', local('file.bin'), '--if-none-match', '*'),
      /PreconditionFailed/,
    )
  })

  await t.test('copy-object copies with new metadata when told', async () => {
    await api(
      'copy-object',
      '--bucket',
      'everyday',
      '--key',
      'copy.bin',
      '--copy-source',
      'everyday/headers.bin',
      '--metadata-directive',
      'REPLACE',
      '--metadata',
      'owner=you',
    )
    const head = await api('head-object', '--bucket', 'everyday', '--key', 'copy.bin')
    assert.deepEqual(head.Metadata, { owner: 'you' })
    assert.ok((await witness.get('everyday', 'copy.bin')).equals(bytes))
  })

  await t.test('both listings page alike', async () => {
    const keys = ['list/a', 'list/b', 'list/c', 'list/d', 'list/e']
    await witness.putMany('everyday', keys, () => Buffer.from('x'))
    for (const form of ['list-objects', 'list-objects-v2']) {
      const pages = await api(form, '--bucket', 'everyday', '--prefix', 'list/', '--page-size', '2')
      assert.deepEqual(
        pages.Contents.map(({ Key }) => Key),
        keys,
        form,
      )
    }
    const { CommonPrefixes } = await api(
      'list-objects-v2',
      '--bucket',
      'everyday',
      '--delimiter',
      '/',
      '--prefix',
      'li',
    )
    assert.deepEqual(CommonPrefixes, [{ Prefix: 'list/' }])
  })

  await t.test('delete-objects deletes many and does not mind what is not there', async () => {
    const Objects = ['list/a', 'list/b', 'list/never'].map((Key) => ({ Key }))
    const { Deleted } = await api(
      'delete-objects',
      '--bucket',
      'everyday',
      '--delete',
      JSON.stringify({ Objects }),
    )
    assert.deepEqual(Deleted.map(({ Key }) => Key).sort(), ['list/a', 'list/b', 'list/never'])
    assert.deepEqual(await witness.list('everyday', 'list/'), ['list/c', 'list/d', 'list/e'])
  })

  await t.test('a multipart upload by hand', async () => {
    const of = ['--bucket', 'everyday', '--key', 'parts.bin']
    const first = bytesNamed('first part', 5 * 1024 * 1024)
    await writeFile(local('part-1'), first)
    await writeFile(local('part-2'), bytes)
    const { UploadId } = await api('create-multipart-upload', ...of, '--content-type', 'video/mp4')
    const upload = [...of, '--upload-id', UploadId]
    const Parts = []
    for (const number of [1, 2]) {
      const part = ['--part-number', String(number), '--body', local(`part-${number}`)]
      const { ETag } = await api('upload-part', ...upload, ...part)
      Parts.push({ PartNumber: number, ETag })
    }
    const listed = await api('list-parts', ...upload)
    assert.deepEqual(
      listed.Parts.map(({ PartNumber, Size }) => [PartNumber, Size]),
      [
        [1, first.length],
        [2, bytes.length],
      ],
    )
    await api('complete-multipart-upload', ...upload, '--multipart-upload', JSON.stringify({ Parts }))
    assert.ok((await witness.get('everyday', 'parts.bin')).equals(Buffer.concat([first, bytes])))
    assert.equal((await witness.head('everyday', 'parts.bin')).ContentType, 'video/mp4')
  })

  await t.test('what is not there is said by its S3 name', async () => {
    const at = (bucket, key) => ['--bucket', bucket, '--key', key, local('none.bin')]
    await assert.rejects(api('get-object', ...at('everyday', 'never')), /NoSuchKey/)
    await assert.rejects(api('get-object', ...at('never-made', 'any')), /NoSuchBucket/)
    await assert.rejects(api('head-bucket', '--bucket', 'never-made'), /404/)
  })

  await t.test('rb refuses a full bucket and removes an empty one', async () => {
    await assert.rejects(aws(['s3', 'rb', 's3://everyday']), /BucketNotEmpty/)
    await aws(['s3', 'rb', '--force', 's3://everyday'])
    assert.doesNotMatch(await aws(['s3', 'ls']), /everyday/)
  })
})
