import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import test, { type TestContext } from 'node:test'
import { type Bucket, Engine, type Upload } from '@aquifer/engine'
import { createNodeServer, createS3Handler } from '@aquifer/http-adapter'
import { OutgoingCalls, s3ReplicationTargets } from '@aquifer/targets'
import { temporaryDirectory } from './running-server.js'

const MIB = 1024 ** 2
const keys = { accessKeyId: 'AKFARSIDE', secretAccessKey: 'a-secret+of/the=far-side' }
const inADay = new Date(Date.now() + 86_400_000)

/** Two engines; what is written to the bucket of the first goes to the second's over HTTP. */
async function twoStores(t: TestContext, onPart?: () => void) {
  const brought = { alone: 0, together: 0 }
  const calls = new OutgoingCalls({ allowed: ['127.0.0.1'] })
  const options = {
    directory: await temporaryDirectory(t),
    sealingKey: randomBytes(32),
    connectReplicationTarget: s3ReplicationTargets({ calls }),
  }
  const open = { near: await Engine.open(options) }
  const { near } = open
  const far = await Engine.open({ directory: await temporaryDirectory(t) })
  for (const engine of [near, far]) {
    await engine.createBucket('box', { objectLock: true })
    await engine.bucket('box').setConfiguration('versioning', 'enabled')
  }
  const { secretAccessKey } = keys
  const owner = { ownerId: 'far', displayName: 'far' }
  const findCredentials = (id: string) =>
    id === keys.accessKeyId ? { secretAccessKey, ...owner } : undefined
  const handler = createS3Handler(far, { credentials: { findCredentials } })
  const server = createNodeServer(async (request) => {
    const response = await handler(request)
    if (request.method === 'PUT' && request.rawUrl.includes('partNumber=')) onPart?.()
    if (response.status === 200 && request.method === 'PUT') brought.alone++
    if (response.status === 200 && request.rawUrl.includes('?aquifer-replicas')) brought.together++
    return response
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.after(async () => {
    await open.near.close()
    calls.close()
    server.closeAllConnections()
    server.close()
    await far.close()
  })
  const replicate = async () => {
    const { arn } = await near.replication.addTarget('box', { endpoint, bucket: 'box', ...keys })
    const rule = { status: 'enabled', priority: 1, destination: { arn } } as const
    await near.bucket('box').setConfiguration('replication', {
      rules: [{ ...rule, deleteMarkers: 'enabled', versionDeletes: 'enabled', existingObjects: 'enabled' }],
    })
  }
  const reopen = async () => {
    await open.near.close()
    open.near = await Engine.open(options)
    return open.near
  }
  const boxes = { near: near.bucket('box'), far: far.bucket('box') }
  return { ...boxes, engine: near, endpoint, replicate, reopen, brought }
}

async function arrived(engine: Engine): Promise<void> {
  for (;;) {
    const [status] = await engine.replication.status()
    if (status!.waiting === 0) return
    assert.equal(status!.lastError, undefined)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Everything that is told of every version, but who owns it and how far it has come. */
async function told(bucket: Bucket) {
  const versions = []
  for await (const entry of bucket.listVersions()) {
    if (entry.type !== 'version') continue
    const { ownerId: _owner, replicationStatus: _status, ...info } = entry.info
    const { key, versionId } = info
    if (info.isDeleteMarker) {
      versions.push(info)
      continue
    }
    const parts = []
    if (info.partCount !== undefined)
      for await (const part of bucket.parts(key, { versionId })) parts.push(part)
    await using object = await bucket.get(key, { versionId })
    const md5 = createHash('md5')
    for await (const chunk of object.chunks()) md5.update(chunk)
    versions.push({ ...info, md5: md5.digest('hex'), parts, tags: await bucket.getTags(key, { versionId }) })
  }
  return versions
}

test('every version arrives at another Aquifer as it is, with all that is said of it, and so do its changes', async (t) => {
  const { near, far, engine, replicate } = await twoStores(t)
  await replicate()
  await near.put('plain', Buffer.from('some bytes'))
  await near.put('empty', new Uint8Array(0))
  await near.put('a/../ü b+&?#%.txt', Buffer.from('x'), {
    ...{ contentType: 'text/plain; charset=utf-8', contentDisposition: 'inline; filename="a  b"' },
    ...{ cacheControl: 'no-store', contentLanguage: 'de', expires: 'never', contentEncoding: 'gzip' },
    ...{ storageClass: 'REDUCED_REDUNDANCY', websiteRedirect: '/elsewhere' },
    ...{
      metadata: { camera: 'voilà', size: 'größe', plain: 'a  b', empty: '' },
      tags: { 'größe x': 'ü + /', b: '' },
    },
  })
  const longTags = Object.fromEntries(
    Array.from({ length: 10 }, (_, at) => [`${at}${'字'.repeat(127)}`, '字'.repeat(256)]),
  )
  await near.put('long tags', Buffer.from('x'), { tags: longTags })
  const algorithms = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256', 'sha512', 'xxhash3'] as const
  for (const checksumAlgorithm of algorithms)
    await near.put(`by ${checksumAlgorithm}`, randomBytes(2 * MIB), { checksumAlgorithm })
  await near.put('opaque', randomBytes(2 * MIB), { etag: 'opaque', legalHold: true })
  const retention = { mode: 'governance', retainUntil: inADay } as const
  await near.put('locked', Buffer.from('x'), { retention })
  await near.put('held', randomBytes(3 * MIB), {
    legalHold: true,
    retention: { ...retention, mode: 'compliance' },
  })
  await near.put('kept no longer', Buffer.from('x'), { retention })
  await near.put('overwritten', Buffer.from('one'))
  await near.put('overwritten', Buffer.from('two'))
  await near.delete('overwritten')
  await near.put('large', randomBytes(33 * MIB), { checksumAlgorithm: 'crc32c' })
  for (const options of [
    {},
    { checksumAlgorithm: 'sha256', checksumType: 'composite' },
    { checksumAlgorithm: 'crc64nvme', checksumType: 'full-object' },
  ] as const) {
    const upload = await near.createUpload(`parts ${Object.values(options)}`, {
      ...options,
      tags: { a: 'b' },
    })
    await complete(upload, [5 * MIB, 5 * MIB, 3], 'checksumAlgorithm' in options)
  }
  await arrived(engine)
  assert.deepEqual(await told(far), await told(near))

  await near.setTags('plain', { new: 'tag' })
  await near.setLegalHold('held', false)
  await near.setRetention('locked', undefined, { bypassGovernance: true })
  await near.setTags('long tags', {})
  for (const key of ['by crc32', 'kept no longer']) {
    const { versionId } = await near.head(key)
    await near.delete(key, { versionId: versionId!, bypassGovernance: true })
  }
  await arrived(engine)
  assert.deepEqual(await told(far), await told(near))
  for await (const entry of far.listVersions())
    assert.ok(entry.type !== 'version' || entry.info.replicationStatus === 'replica')
})

async function complete(upload: Upload, sizes: readonly number[], isSummed: boolean): Promise<void> {
  const parts = []
  for (const [index, size] of sizes.entries()) {
    const { checksumAlgorithm } = await upload.info()
    const options = isSummed ? { checksumAlgorithm: checksumAlgorithm! } : {}
    // Numbers may leave gaps, but where the checksum is one of checksums.
    const partNumber = index * (isSummed ? 1 : 3) + 1
    const { etag, checksums } = await upload.putPart(partNumber, randomBytes(size), options)
    parts.push({ partNumber, etag, ...(isSummed && { checksums }) })
  }
  await upload.complete(parts)
}

test('small versions come many in one request, each as it is, and one that was removed there stops no other', async (t) => {
  const { near, far, engine, replicate, brought } = await twoStores(t)
  const first = await near.put('removed there', Buffer.from('bytes'))
  await replicate()
  await arrived(engine)
  await far.delete('removed there', { versionId: first.versionId!, replica: {} })
  const numbers = Array.from({ length: 300 }, (_, number) => number)
  await Promise.all([
    near.setTags('removed there', { a: 'b' }),
    ...numbers.map((number) =>
      near.put(`small ${number}`, randomBytes(number * 10), {
        metadata: { number: `nº ${number}` },
        tags: { odd: String(number % 2) },
        ...(number % 7 === 0 && { retention: { mode: 'governance', retainUntil: inADay } }),
        ...(number % 11 === 0 && { legalHold: true }),
      }),
    ),
  ])
  await arrived(engine)
  const there = await told(far)
  assert.equal(there.length, numbers.length)
  assert.deepEqual(
    there,
    (await told(near)).filter(({ key }) => key !== 'removed there'),
  )
  assert.ok(
    brought.together > 0 && brought.together + brought.alone < numbers.length / 2,
    JSON.stringify(brought),
  )
})

test('a transfer in parts goes on after a restart where it was, and what was changed meanwhile comes along', async (t) => {
  let sent = 0
  let onPart = () => {}
  const { near, far, replicate, reopen } = await twoStores(t, () => {
    sent++
    onPart()
  })
  const upload = await near.createUpload('large')
  await complete(upload, [...Array.from({ length: 12 }, () => 5 * MIB), 1], false)
  const some = new Promise<void>((resolve) => {
    onPart = () => {
      if (sent === 4) resolve()
    }
  })
  await replicate()
  await near.setTags('large', { before: 'its restart' })
  await some
  const engine = await reopen()
  const again = engine.bucket('box')
  await again.setTags('large', { after: 'its restart' })
  await arrived(engine)
  assert.deepEqual(await told(far), await told(again))
  assert.ok(sent <= 13 + 3, `${sent} parts were sent`) // Those under way at that moment are sent again.
  for await (const upload of far.listUploads()) assert.fail(`${upload} is left`)
})

test('a target is refused with what is wrong with it', async (t) => {
  const { engine, endpoint } = await twoStores(t)
  const add = (change: object) =>
    engine.replication.addTarget('box', { endpoint, bucket: 'box', ...keys, ...change })
  for (const [change, message] of [
    [{ bucket: 'missing' }, /no bucket "missing"/],
    [{ secretAccessKey: 'wrong' }, /SignatureDoesNotMatch/],
    [{ accessKeyId: 'AKNOBODY' }, /InvalidAccessKeyId/],
    [{ endpoint: 'http://127.0.0.1:1' }, /could not be called/],
    [{ endpoint: endpoint.replace('http', 'https') }, /could not be called/],
  ] as const)
    await assert.rejects(add(change), (error: Error) => {
      assert.match(error.message, message)
      return true
    })
})
