import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import test, { type TestContext } from 'node:test'
import { MemoryBlobStore } from '../blobs/memory/memory-blob-store.js'
import { bucketKey, eventTargetOf, replicationTargetKey, versionNameOf } from '../catalog/keys.js'
import { decodeBucket } from '../catalog/records/bucket-record.js'
import { decodeEvent } from '../catalog/records/event-record.js'
import { decodeReplicationState } from '../catalog/records/replication-state-record.js'
import { encodeReplicationTarget } from '../catalog/records/replication-target-record.js'
import type { ObjectInfo } from '../contract/object.js'
import type { ReplicationRule } from '../contract/replication.js'
import { Engine } from '../engine.js'
import { isEngineError } from '../errors.js'
import { MemoryKvStore } from '../kv/memory/memory-kv-store.js'
import { limits } from '../limits.js'
import { formatReplicationArn } from '../rules/replication/replication-arn.js'
import { assertInvariants } from '../testing/index.js'

const DAY = 86_400_000
const target = (number: number) => ({
  region: '',
  targetId: new Uint8Array(16).fill(number),
  bucket: 'copies',
})
const arnOf = (number: number): string => formatReplicationArn(target(number))
const UNCALLED = { skipDestinationValidation: true }
type Rule = Partial<ReplicationRule> & { to?: number }

/** A bucket with versions, and two targets that nothing delivers to. */
async function open(t: TestContext, { objectLock = false } = {}) {
  const kv = MemoryKvStore.open()
  const stores = { kv, blobs: await MemoryBlobStore.open() }
  // The engine that finds the targets is not the one that makes the bucket.
  kv.close = async () => {}
  stores.blobs.close = async () => {}
  const time = { nowMs: Date.UTC(2026, 2, 10), monotonicMs: 0 }
  const clock = { now: () => ++time.nowMs, monotonic: () => ++time.monotonicMs }
  const options = { stores, clock, background: false, inlineMaxBytes: 3 }
  const first = await Engine.open(options)
  await first.createBucket('photos', { objectLock })
  if (!objectLock) await first.bucket('photos').setConfiguration('versioning', 'enabled')
  await first.close()
  const row = await kv.get(bucketKey('photos'))
  const { bucketId } = decodeBucket(row!.value)
  const addTarget = (number: number, keepsVersionIds: boolean, sourceBucketId = bucketId) => {
    const record = {
      ...{ arn: arnOf(number), sourceBucketId, sourceBucket: 'photos', endpoint: 'http://localhost:1' },
      ...{ bucket: 'copies', region: '', addressing: 'path' as const, accessKeyId: 'a', keepsVersionIds },
      ...{ sealedSecret: { generation: 1, bytes: new Uint8Array(9) }, bandwidthLimit: 0, concurrency: 1 },
    }
    const key = replicationTargetKey(target(number).targetId)
    return kv.commit({ checks: [], deletes: [], puts: [{ key, value: encodeReplicationTarget(record) }] })
  }
  await addTarget(1, true)
  await addTarget(2, false)
  const engine = await Engine.open(options)
  t.after(async () => {
    await assertInvariants({ ...stores, nowMs: time.nowMs })
    await engine.close()
  })
  const bucket = engine.bucket('photos')
  const rowsOf = async (family: string) => {
    const { rows } = await kv.scan({ from: Uint8Array.of(0), to: Uint8Array.of(255), limit: 10_000 })
    return rows.filter(({ key }) => String.fromCharCode(...key).startsWith(family))
  }
  return {
    ...{ engine, bucket, time, rowsOf, addTarget },
    rules: (...rules: Rule[]) =>
      bucket.setConfiguration(
        'replication',
        {
          rules: rules.map(({ to = 1, ...rule }, at) => ({
            ...{ status: 'enabled', priority: at, destination: { arn: arnOf(to) } },
            ...rule,
          })),
        },
        UNCALLED,
      ),
    /** What waits, as target, what for, key and version. */
    line: async () =>
      (await rowsOf('qe')).map(({ key, value }) => {
        const [, queue, id] = eventTargetOf(key).split(':')
        const { name, key: object, versionId, metadata } = decodeEvent(value)
        const what = name.startsWith('s3:ObjectRemoved') ? 'remove' : 'bring'
        return { to: Number(id!.slice(1, 2)), queue, what, key: object, versionId, metadata }
      }),
    states: async () =>
      (await rowsOf('w')).map(({ key, value }) => ({
        key: versionNameOf(key).key,
        versionId: Buffer.from(versionNameOf(key).place).toString('hex'),
        state: decodeReplicationState(value),
      })),
  }
}

const code = (wanted: string) => (error: unknown) => isEngineError(error) && error.code === wanted
const brought = (to: number, { key, versionId }: { key: string; versionId?: string }) => ({
  ...{ to, queue: 'small', what: 'bring', key, versionId, metadata: undefined },
})

test('every way of writing a version puts it in line for each target that a rule names, once', async (t) => {
  const { bucket, engine, rules, line, states } = await open(t)
  await rules({ to: 1, filter: { prefix: 'a/' } }, { to: 2 }, { to: 1, filter: { prefix: 'a/b' } })
  const small = await bucket.put('a/b', Buffer.from('1'))
  const large = await bucket.put('c', Buffer.from('12345'))
  const copied = await bucket.copy({ key: 'c' }, 'a/copied')
  const upload = await bucket.createUpload('a/parts')
  const { etag } = await upload.putPart(1, Buffer.from('part'))
  const parts = await upload.complete([{ partNumber: 1, etag }])
  for (const { replicationStatus } of [small, large, copied, parts])
    assert.equal(replicationStatus, 'pending')
  await bucket.fanOut(Buffer.from('all'), [{ key: 'a/x' }, { key: 'y' }], { atomic: true })
  const [x, y] = [await bucket.head('a/x'), await bucket.head('y')]
  assert.deepEqual(
    (await line()).sort((a, b) => a.to - b.to),
    [
      ...[small, copied, parts, x].map((version) => brought(1, version)),
      ...[small, large, copied, parts, x, y].map((version) => brought(2, version)),
    ],
  )
  const pending = { status: 'pending', hasBytes: false }
  const [one, two] = [1, 2].map((number) => ({ targetId: target(number).targetId, ...pending }))
  assert.deepEqual(
    (await states()).map(({ key, state }) => [key, state.targets]),
    [
      ...['a/b', 'a/copied', 'a/parts', 'a/x'].map((key) => [key, [one, two]]),
      ...['c', 'y'].map((key) => [key, [two]]),
    ],
  )
  assert.equal((await bucket.head('c')).replicationStatus, 'pending')
  await using read = await bucket.get('a/b')
  assert.equal(read.info.replicationStatus, 'pending')
  assert.equal((await engine.stat()).objects, 6)
})

test('a delete marker goes where a rule says so', async (t) => {
  const { bucket, rules, line } = await open(t)
  await rules({ to: 1, deleteMarkers: 'enabled' }, { to: 2 })
  const { deleteMarker } = await bucket.delete('k')
  assert.deepEqual(await line(), [brought(1, { key: 'k', ...deleteMarker })])
})

test('a delete marker that a lifecycle rule makes goes as any other, and what it removes does not', async (t) => {
  const { bucket, engine, rules, rowsOf, line, states, time } = await open(t)
  await bucket.setConfiguration('lifecycle', {
    rules: [
      {
        ...{ id: 'r', status: 'enabled', expiration: { days: 1 } },
        noncurrentVersionExpiration: { noncurrentDays: 1 },
      },
    ],
  })
  await rules({ deleteMarkers: 'enabled', versionDeletes: 'enabled' })
  const first = await bucket.put('k', Buffer.from('bytes'))
  for (let day = 0; day < 4; day++) {
    time.nowMs += DAY
    time.monotonicMs += DAY
    for await (const _ of engine.sweep({ now: new Date(time.nowMs) }));
  }
  const waiting = await line()
  assert.equal(waiting.length, 2)
  assert.deepEqual(waiting[0], brought(1, first))
  assert.equal(waiting[1]!.what, 'bring')
  assert.deepEqual(await states(), [], 'of versions that are gone nothing is known')
  assert.equal((await rowsOf('z')).length, 0)
})

test('a version that a user removes is remembered, and goes at the target where a rule says so', async (t) => {
  const { bucket, engine, rules, line, states, rowsOf, time } = await open(t)
  const before = await bucket.put('k', Buffer.from('before'))
  await rules({ to: 1, versionDeletes: 'enabled' }, { to: 2 })
  const after = await bucket.put('k', Buffer.from('bytes'))
  await bucket.delete('k', { versionId: after.versionId! })
  await bucket.delete('k', { versionId: before.versionId! })
  // Nothing was said of its locks since it was written.
  const removed = ({ versionId, lastModified }: ObjectInfo) => {
    const ms = String(lastModified.getTime())
    const metadata = { retentionMs: ms, legalHoldMs: ms }
    return { ...brought(1, { key: 'k', ...(versionId && { versionId }) }), what: 'remove', metadata }
  }
  assert.deepEqual(
    (await line()).filter(({ what }) => what === 'remove'),
    [removed(after), removed(before)],
  )
  assert.deepEqual(await states(), [])
  assert.equal((await rowsOf('z')).length, 2)
  time.nowMs += limits.removedVersionKeptMs + 1
  await engine.reclaim()
  assert.equal((await rowsOf('z')).length, 2, 'something waits, which may be about them')
  await bucket.remove()
  await engine.reclaim()
  for (const family of ['w', 'y', 'z', 'q']) assert.deepEqual(await rowsOf(family), [])
})

test('what is remembered of a removal is forgotten when nothing waits', async (t) => {
  const { bucket, engine, rules, rowsOf, time } = await open(t)
  const { versionId } = await bucket.put('k', Buffer.from('bytes'))
  await rules({})
  await bucket.delete('k', { versionId: versionId! })
  await engine.reclaim()
  assert.equal((await rowsOf('z')).length, 1)
  time.nowMs += limits.removedVersionKeptMs + 1
  await engine.reclaim()
  assert.equal((await rowsOf('z')).length, 0)
  assert.deepEqual(
    (await rowsOf('g')).filter(({ key }) => key[1] !== 0),
    [],
  )
})

test('a change of what is said of a version brings it in line, and each is later than the one before', async (t) => {
  const { bucket, rules, line, states, time } = await open(t, { objectLock: true })
  const before = await bucket.put('k', Buffer.from('bytes'))
  const { versionId } = before
  await rules({ filter: { tags: { go: 'yes' } } })
  await bucket.setTags('k', { a: '1' })
  assert.deepEqual(await line(), [])
  const [first] = await states()
  assert.deepEqual(first!.state.targets, [])
  assert.ok(first!.state.tagsMs! > before.lastModified.getTime())
  time.nowMs -= DAY
  await bucket.setTags('k', { go: 'yes' })
  assert.deepEqual(await line(), [brought(1, before)])
  const [second] = await states()
  assert.equal(second!.state.tagsMs, first!.state.tagsMs! + 1)
  assert.equal((await bucket.head('k')).replicationStatus, 'pending')
  await bucket.setLegalHold('k', true, { versionId: versionId! })
  await bucket.setTags('k', {})
  const [last] = await states()
  assert.equal(last!.state.legalHoldMs, before.lastModified.getTime() + 1)
  assert.equal(last!.state.tagsMs, second!.state.tagsMs! + 1)
  assert.equal(last!.state.retentionMs, undefined)
  assert.equal((await line()).length, 3, 'its target knows of it although its tags are others')
  await bucket.setLegalHold('k', false)
})

test('a version of before there were versions goes by the id of its place', async (t) => {
  const { engine, addTarget, rowsOf, line } = await open(t)
  await engine.createBucket('old')
  const old = engine.bucket('old')
  await old.put('k', Buffer.from('bytes'))
  await old.setConfiguration('versioning', 'enabled')
  const row = (await rowsOf('bold'))[0]!
  await addTarget(3, true, decodeBucket(row.value).bucketId)
  const rule = { status: 'enabled', priority: 1, destination: { arn: arnOf(3) } } as const
  await old.setConfiguration('replication', { rules: [{ ...rule, versionDeletes: 'enabled' }] }, UNCALLED)
  await old.setTags('k', { a: '1' })
  await old.put('k', Buffer.from('more'))
  await old.delete('k', { versionId: 'null' })
  const [tagged, more, removed] = await line()
  assert.match(tagged!.versionId!, /^[0-9a-f]{32}$/)
  assert.equal(removed!.versionId, tagged!.versionId)
  assert.ok(more!.versionId! < tagged!.versionId!, 'the newer one is the first')
})

test('a bucket without replication has not a row more', async (t) => {
  const { bucket, rowsOf } = await open(t)
  const { versionId } = await bucket.put('k', Buffer.from('bytes'))
  await bucket.setTags('k', { a: '1' })
  await bucket.delete('k')
  await bucket.delete('k', { versionId: versionId! })
  for (const family of ['w', 'z', 'q']) assert.deepEqual(await rowsOf(family), [])
})

test('rules are kept as they were given, each with an id, and taken back', async (t) => {
  const { bucket, rules, line } = await open(t)
  await rules({ id: 'a', filter: { prefix: 'p' }, existingObjects: 'enabled' }, {})
  const { rules: kept } = (await bucket.getConfiguration('replication'))!
  assert.deepEqual(kept[0], {
    ...{ id: 'a', status: 'enabled', priority: 0, filter: { prefix: 'p' } },
    ...{ destination: { arn: arnOf(1) }, existingObjects: 'enabled' },
  })
  assert.ok(kept[1]!.id!.length > 0)
  await assert.rejects(bucket.setConfiguration('versioning', 'suspended'), code('InvalidBucketState'))
  await bucket.put('p', Buffer.from('1'))
  await bucket.setConfiguration('replication', undefined)
  assert.equal(await bucket.getConfiguration('replication'), undefined)
  await bucket.put('q', Buffer.from('1'))
  assert.equal((await line()).length, 1)
  assert.equal((await bucket.head('p')).replicationStatus, 'pending')
  const { versionId } = await bucket.head('p')
  await bucket.delete('p', { versionId: versionId! })
  await bucket.setConfiguration('versioning', 'suspended')
})

test('only targets of this very bucket can be named, and only where there are versions', async (t) => {
  const { bucket, engine, rules, addTarget } = await open(t)
  await addTarget(3, true, new Uint8Array(16))
  await assert.rejects(rules({ to: 3 }), code('NoSuchReplicationTarget'))
  await assert.rejects(rules({ to: 4 }), code('NoSuchReplicationTarget'))
  for (const arn of ['', 'arn:aws:s3:::copies', arnOf(1).replace('copies', 'others')])
    await assert.rejects(rules({ destination: { arn } }), code('NoSuchReplicationTarget'))
  await assert.rejects(rules(), code('InvalidArgument'))
  assert.equal(await bucket.getConfiguration('replication'), undefined)
  await engine.createBucket('plain')
  const rule = { status: 'enabled', priority: 1, destination: { arn: arnOf(1) } } as const
  const set = engine.bucket('plain').setConfiguration('replication', { rules: [rule] })
  await assert.rejects(set, code('InvalidRequest'))
})
