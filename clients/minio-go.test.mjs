// minio-go: the scenarios, and what it has that other clients have not: fan-out, and appends of its own kind.
// What it wrote is read back by minio for JavaScript.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { bytesNamed } from './harness/bytes.mjs'
import { findProgram, run, unless } from './harness/programs.mjs'
import { openWorkplace } from './harness/workplace.mjs'
import { minioClient } from './minio-client.mjs'
import { testClient } from './scenarios.mjs'

const main = fileURLToPath(new URL('../packages/server/dist/main.js', import.meta.url))
const program = findProgram('aquifer-minio-go')
const skip = unless(program, 'minio-go (it takes Go)')

/** Calls of minio-go; one that is refused rejects with S3's code. */
const goClient = ({ url, region, accessKeyId, secretAccessKey }) => {
  const env = {
    S3_ENDPOINT: url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  }
  return async (...call) => JSON.parse(await run(program, call.map(String), { env }))
}

testClient({
  name: 'minio-go',
  skip,
  async connect(place) {
    const call = goClient(place)
    return {
      put: (bucket, key, path) => call('put', bucket, key, path),
      get: (bucket, key, path) => call('get', bucket, key, path),
      list: (bucket, prefix) => call('list', bucket, prefix),
      copy: (bucket, from, to) => call('copy', bucket, from, to),
      deleteAll: (bucket, prefix) => call('delete-all', bucket, prefix),
      presignGet: (bucket, key) => call('presign-get', bucket, key),
      presignPut: (bucket, key) => call('presign-put', bucket, key),
    }
  },
})

test('minio-go: a stream as many objects', { skip }, async (t) => {
  const place = await openWorkplace(t, ['--root-fan-out'])
  const go = goClient(place)
  const js = minioClient(place)
  const bucket = 'fan-out'
  await go('make-bucket', bucket, true)
  const bytes = bytesNamed('fan-out', 3_000_000)
  const path = join(place.folder, 'stream')
  await writeFile(path, bytes)
  const read = async (key) => buffer(await js.getObject(bucket, key))

  await t.test(
    'each entry is an object with what it says of it, and is read by minio for JavaScript',
    async () => {
      const retainUntil = new Date(Date.now() + 3_600_000)
      const entries = [
        {
          key: 'all/ü+a b.bin',
          metadata: { 'x-amz-meta-who': 'me', plain: 'ß' },
          tags: { color: 'blue', 'with space': 'a+b' },
          contentType: 'text/x-all',
          contentEncoding: 'identity',
          contentDisposition: 'attachment',
          contentLanguage: 'de',
          cacheControl: 'max-age=60',
          retention: 'GOVERNANCE',
          retainUntil: retainUntil.toISOString(),
        },
        { key: 'plain' },
        { key: 'x'.repeat(1_025) },
      ]
      const results = await go('fan-out', bucket, path, JSON.stringify(entries), 'crc32c')
      assert.deepEqual(
        results.map(({ key }) => key),
        entries.map(({ key }) => key),
      )
      assert.match(results[2].error, /^KeyTooLongError/)
      for (const { key, etag, versionId, lastModified } of results.slice(0, 2)) {
        assert.ok((await read(key)).equals(bytes))
        const found = await js.statObject(bucket, key)
        assert.deepEqual([found.etag, found.versionId], [etag, versionId])
        assert.ok(Math.abs(Date.parse(lastModified) - found.lastModified) < 1_000)
      }
      const { metaData } = await js.statObject(bucket, 'all/ü+a b.bin')
      assert.equal(metaData.who, 'me')
      for (const [name, value] of Object.entries({
        'content-type': 'text/x-all',
        'content-encoding': 'identity',
        'content-disposition': 'attachment',
        'content-language': 'de',
        'cache-control': 'max-age=60',
      }))
        assert.equal(metaData[name], value, name)
      assert.deepEqual(await go('get-tags', bucket, 'all/ü+a b.bin'), entries[0].tags)
      const { mode, until } = await go('retention', bucket, 'all/ü+a b.bin')
      assert.equal(mode, 'GOVERNANCE')
      assert.ok(Math.abs(Date.parse(until) - retainUntil) < 1_000)
      assert.ok(!('x-amz-object-lock-mode' in (await js.statObject(bucket, 'plain')).metaData))
    },
  )

  await t.test('a thousand entries are a thousand objects', async () => {
    const keys = Array.from({ length: 1_000 }, (_, n) => `many/${String(n).padStart(4, '0')}`)
    const results = await go('fan-out', bucket, path, JSON.stringify(keys.map((key) => ({ key }))), '')
    assert.deepEqual(
      results.map(({ key, error }) => [key, error]),
      keys.map((key) => [key, undefined]),
    )
    const listed = []
    for await (const { name } of js.listObjectsV2(bucket, 'many/', true)) listed.push(name)
    assert.deepEqual(listed, keys)
    assert.ok((await read('many/0999')).equals(bytes))
    await assert.rejects(
      go('fan-out', bucket, path, JSON.stringify([...keys, 'more'].map((key) => ({ key }))), ''),
      /MalformedPOSTRequest/,
    )
  })
})

test('minio-go: appends', { skip }, async (t) => {
  const place = await openWorkplace(t, ['--profile', 'express'])
  const go = goClient(place)
  const js = minioClient(place)
  await place.witness.createBucket('logs')
  const path = join(place.folder, 'piece')
  for (const algorithm of ['', 'crc32c', 'crc64nvme']) {
    await t.test(`to an object ${algorithm === '' ? 'as it puts it' : `with ${algorithm}`}`, async () => {
      const key = `log ${algorithm}`
      let whole = Buffer.alloc(0)
      for (const [n, sizeBytes] of [1_000, 1, 70_000, 6 * 1024 * 1024].entries()) {
        const piece = bytesNamed(`${key} ${n}`, sizeBytes)
        await writeFile(path, piece)
        whole = Buffer.concat([whole, piece])
        if (n > 0) assert.equal((await go('append', 'logs', key, path)).Size, whole.byteLength)
        else if (algorithm === '') await go('put', 'logs', key, path)
        else await go('put-with-checksum', 'logs', key, path, algorithm)
      }
      assert.ok((await buffer(await js.getObject('logs', key))).equals(whole))
    })
  }
  await t.test('it makes nothing where nothing is', async () => {
    await assert.rejects(go('append', 'logs', 'missing', path), /NoSuchKey/)
  })
})

test('minio-go: tags, versions and locks', { skip }, async (t) => {
  const place = await openWorkplace(t)
  const go = goClient(place)
  const path = join(place.folder, 'file')
  await writeFile(path, 'a file')
  const put = (bucket, key) => go('put', bucket, key, path)

  await t.test('tags', async () => {
    await go('make-bucket', 'plain', false)
    await put('plain', 'a')
    const tags = { one: '1', 'with space': 'a+b=c', empty: '' }
    await go('set-tags', 'plain', 'a', JSON.stringify(tags))
    assert.deepEqual(await go('get-tags', 'plain', 'a'), tags)
    assert.equal((await go('stat', 'plain', 'a')).UserTagCount, 3)
    await assert.rejects(go('get-tags', 'plain', 'b'), /NoSuchKey/)
  })

  await t.test('versions', async () => {
    await go('make-bucket', 'versions', false)
    await put('versions', 'a')
    await go('enable-versioning', 'versions')
    await put('versions', 'a')
    await go('delete-all', 'versions', '')
    const versions = await go('list-versions', 'versions')
    assert.deepEqual(
      versions.map(({ IsDeleteMarker, IsLatest }) => [IsDeleteMarker, IsLatest]),
      [
        [true, true],
        [false, false],
        [false, false],
      ],
    )
    assert.equal(versions[2].VersionID, 'null')
    for (const { VersionID } of versions) await go('delete-version', 'versions', 'a', VersionID)
    assert.deepEqual(await go('list-versions', 'versions'), [])
  })

  await t.test('locks', async () => {
    await go('make-bucket', 'locked', true)
    const { VersionID } = await put('locked', 'a')
    await go('retain', 'locked', 'a', 'COMPLIANCE', 3_600)
    assert.equal((await go('retention', 'locked', 'a')).mode, 'COMPLIANCE')
    await assert.rejects(go('delete-version', 'locked', 'a', VersionID), /AccessDenied/)
    const held = await put('locked', 'b')
    await go('hold', 'locked', 'b', 'ON')
    await assert.rejects(go('delete-version', 'locked', 'b', held.VersionID), /AccessDenied/)
    await go('hold', 'locked', 'b', 'OFF')
    await go('delete-version', 'locked', 'b', held.VersionID)
  })
})

test('minio-go: replication', { skip }, async (t) => {
  const place = await openWorkplace(t, ['--allow-calls-to', '127.0.0.1'])
  const go = goClient(place)
  const path = join(place.folder, 'file')
  await writeFile(path, bytesNamed('replicated', 1_000))
  for (const bucket of ['sender', 'mirror']) {
    await go('make-bucket', bucket, false)
    await go('enable-versioning', bucket)
  }
  await go('put', 'sender', 'told/before', path)
  const keys = ['--access-key', place.accessKeyId, '--secret-key', place.secretAccessKey]
  const added = await run(
    process.execPath,
    [main, 'replicate', 'add', 's3://sender', '--target', `${place.url}/mirror`, ...keys, '--url', place.url],
    { env: { AQUIFER_ADMIN_ACCESS_KEY: place.accessKeyId, AQUIFER_ADMIN_SECRET_KEY: place.secretAccessKey } },
  )
  const [arn] = added.split('\n')

  const { Rules } = await go('replicate', 'sender', arn, 'told/')
  assert.equal(Rules.length, 1)
  assert.equal(Rules[0].ID, 'minio-go')
  assert.equal(Rules[0].Destination.Bucket, arn)
  assert.equal(Rules[0].Filter.Prefix, 'told/')
  assert.equal(Rules[0].DeleteReplication.Status, 'Enabled')
  await go('check-replication', 'sender')

  const { VersionID } = await go('put', 'sender', 'told/one', path)
  await go('put', 'sender', 'untold', path)
  while ((await go('stat', 'sender', 'told/one')).ReplicationStatus !== 'COMPLETED');
  const arrived = await go('stat', 'mirror', 'told/one')
  assert.equal(arrived.VersionID ?? arrived.versionId, VersionID)
  const [first, second] = await go('replication-metrics', 'sender')
  assert.ok(first.replicationCount >= 1)
  assert.ok(first.Stats[arn].completedReplicationSize >= 1_000)
  assert.equal(second.currStats.replicationCount, first.replicationCount)
  assert.equal(second.queueStats.nodes.length, 1)

  await assert.rejects(go('resync', 'sender', arn.replace('mirror', 'other')), /RemoteTargetNotFound/)
  const resynced = async () => (await go('resync-status', 'sender', arn)).target?.[0] ?? {}
  while ((await resynced()).resyncStatus === 'Ongoing');
  const { target } = await go('resync', 'sender', arn)
  assert.equal(target[0].arn, arn)
  while ((await resynced()).resyncStatus === 'Ongoing');
  const over = await resynced()
  assert.equal(over.resetid, target[0].resetid)
  assert.equal(over.resyncStatus, 'Completed')
  assert.equal(over.replicationCount, 2)
  await assert.rejects(go('cancel-resync', 'sender', arn), /InvalidRequest/)
  // It takes S3's 204 for an error. The rules are gone all the same.
  await assert.rejects(go('end-replication', 'sender'), /204 No Content/)
  assert.equal((await go('replication', 'sender')).Rules, null)
})

test('minio-go: versions are brought with what they have elsewhere', { skip }, async (t) => {
  const place = await openWorkplace(t)
  const go = goClient(place)
  for (const bucket of ['elsewhere', 'bucket']) {
    await go('make-bucket', bucket, false)
    await go('enable-versioning', bucket)
  }
  const made = '2026-10-05T10:00:00.123456789Z'
  for (const [key, size] of [
    ['small', 1_000],
    ['in parts', 6_000_000],
  ]) {
    const path = join(place.folder, key)
    await writeFile(path, bytesNamed(key, size))
    await assert.rejects(go('may-bring', 'bucket', key, path), /ReplicationPermissionCheck/)
    const { VersionID } = await go('put', 'elsewhere', key, path)
    const brought = await go('bring', 'bucket', key, path, VersionID, made, 'an-etag-2')
    assert.equal(brought.VersionID, VersionID)
    const found = await go('stat', 'bucket', key)
    assert.equal(found.etag, 'an-etag-2')
    assert.equal(Date.parse(found.lastModified), Date.parse('2026-10-05T10:00:00Z'))
    assert.equal(found.ReplicationStatus, 'REPLICA')
    assert.deepEqual(await go('get-tags', 'bucket', key), { brought: 'yes' })
    const marker = (await go('put', 'elsewhere', key, path)).VersionID
    await go('bring-removal', 'bucket', key, marker, made)
    const versions = async () => (await go('list-versions', 'bucket')).filter(({ name }) => name === key)
    assert.deepEqual(
      (await versions()).map(({ VersionID, IsDeleteMarker }) => [VersionID, IsDeleteMarker]),
      [
        [marker, true],
        [VersionID, false],
      ],
    )
    for (const id of [marker, VersionID]) await go('bring-removal', 'bucket', key, id, '')
    assert.deepEqual(await versions(), [])
    await assert.rejects(go('bring', 'bucket', key, path, VersionID, made, 'an-etag-2'), /PreconditionFailed/)
  }
})
