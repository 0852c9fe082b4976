import assert from 'node:assert/strict'
import test from 'node:test'
import { type Bucket, Engine, type Retention } from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { AsynchronousKvStore } from '@aquifer/engine/testing'

const DAY = 86_400_000
const inDays = (mode: Retention['mode'], days: number): Retention => ({
  mode,
  retainUntil: new Date(Date.now() + days * DAY),
})
const bytes = Buffer.from('bytes')
const denied = { code: 'AccessDenied' }

async function open(): Promise<{ engine: Engine; bucket: Bucket }> {
  const kv = new AsynchronousKvStore(MemoryKvStore.open(), { seed: 1 })
  const engine = await Engine.open({ stores: { kv, blobs: await MemoryBlobStore.open() }, inlineMaxBytes: 3 })
  await engine.createBucket('locked', { objectLock: true })
  return { engine, bucket: engine.bucket('locked') }
}

const versionsOf = async (bucket: Bucket): Promise<string[]> => {
  const ids: string[] = []
  for await (const entry of bucket.listVersions())
    if (entry.type === 'version') ids.push(entry.info.versionId!)
  return ids
}

test('a version under compliance cannot be removed, by nobody and in no way', async () => {
  const { engine, bucket } = await open()
  await using _ = engine
  const { versionId } = await bucket.put('k', bytes, { retention: inDays('compliance', 1) })
  await assert.rejects(bucket.delete('k', { versionId: versionId! }), denied)
  await assert.rejects(bucket.delete('k', { versionId: versionId!, bypassGovernance: true }), denied)
  const outcomes = await bucket.deleteMany([
    { key: 'k', versionId: versionId!, bypassGovernance: true },
    { key: 'other' },
  ])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'fulfilled'],
  )
  await assert.rejects(bucket.rename({ key: 'k' }, 'elsewhere'))
  await assert.rejects(bucket.append('k', bytes))
  await bucket.put('k', Buffer.from('newer'))
  await bucket.delete('k')
  await assert.rejects(bucket.remove(), { code: 'BucketNotEmpty' })
  await engine.reclaim()
  await using kept = await bucket.get('k', { versionId: versionId! })
  assert.deepEqual(Buffer.from(await kept.bytes()), bytes)
})

test('a version under governance is removed by who bypasses it alone', async () => {
  const { engine, bucket } = await open()
  await using _ = engine
  const { versionId } = await bucket.put('k', bytes, { retention: inDays('governance', 1) })
  await assert.rejects(bucket.delete('k', { versionId: versionId! }), denied)
  await bucket.delete('k', { versionId: versionId!, bypassGovernance: true })
  assert.deepEqual(await versionsOf(bucket), [])
})

test('a version on legal hold cannot be removed, and can when the hold is off', async () => {
  const { engine, bucket } = await open()
  await using _ = engine
  const { versionId } = await bucket.put('k', bytes, { legalHold: true })
  await assert.rejects(bucket.delete('k', { versionId: versionId!, bypassGovernance: true }), denied)
  await bucket.setLegalHold('k', false)
  await bucket.delete('k', { versionId: versionId! })
  assert.deepEqual(await versionsOf(bucket), [])
})

test('locks are of versions: each has its own, and a delete marker has none', async () => {
  const { engine, bucket } = await open()
  await using _ = engine
  const first = (await bucket.put('k', bytes)).versionId!
  const second = (await bucket.put('k', bytes)).versionId!
  const older = inDays('governance', 2)
  await bucket.setRetention('k', older, { versionId: first })
  await bucket.setLegalHold('k', true)
  assert.deepEqual((await bucket.head('k', { versionId: first })).retention, older)
  assert.equal((await bucket.head('k')).retention, undefined)
  assert.equal((await bucket.head('k')).legalHold, true)
  assert.equal((await bucket.head('k', { versionId: first })).legalHold, undefined)
  const marker = (await bucket.delete('k')).deleteMarker!.versionId
  for (const set of [
    bucket.setRetention('k', older, { versionId: marker }),
    bucket.setLegalHold('k', true, { versionId: marker }),
  ])
    await assert.rejects(set, { code: 'MethodNotAllowed' })
  await assert.rejects(bucket.setLegalHold('k', true), { code: 'NoSuchKey' })
  await bucket.delete('k', { versionId: marker })
  assert.equal((await bucket.head('k')).versionId, second)
  assert.equal((await bucket.head('k')).legalHold, true, 'the version that is current again keeps its lock')
  await assert.rejects(bucket.delete('k', { versionId: first }), denied)
  await assert.rejects(bucket.delete('k', { versionId: second }), denied)
})

test('an object from before the bucket had versions can be locked, and is kept', async () => {
  const { engine } = await open()
  await using _ = engine
  await engine.createBucket('late')
  const late = engine.bucket('late')
  await late.put('k', bytes)
  await late.setConfiguration('versioning', 'enabled')
  await assert.rejects(late.setLegalHold('k', true), { code: 'InvalidRequest' })
  await late.setConfiguration('objectLock', { defaultRetention: { mode: 'compliance', days: 1 } })
  assert.equal((await late.head('k')).retention, undefined, 'what is there already has no default')
  await late.setLegalHold('k', true)
  await assert.rejects(late.delete('k', { versionId: 'null' }), denied)
  await late.put('k', Buffer.from('newer'))
  await assert.rejects(late.delete('k', { versionId: 'null' }), denied)
  await using kept = await late.get('k', { versionId: 'null' })
  assert.equal(kept.info.legalHold, true)
  assert.deepEqual(Buffer.from(await kept.bytes()), bytes)
  assert.equal((await late.head('k')).retention?.mode, 'compliance')
})

test('a removal and a retention at the same time: never is a version gone that was said to be kept', async () => {
  const { engine, bucket } = await open()
  await using _ = engine
  for (let round = 0; round < 20; round++) {
    const versionId = (await bucket.put('k', bytes)).versionId!
    const [removed, retained] = await Promise.allSettled([
      bucket.delete('k', { versionId }),
      bucket.setRetention('k', inDays('compliance', 1), { versionId }),
    ])
    assert.notEqual(removed.status, retained.status)
    const isThere = (await versionsOf(bucket)).includes(versionId)
    assert.equal(isThere, retained.status === 'fulfilled')
  }
})

test('of many who set a retention of compliance at once the longest holds', async () => {
  const { engine, bucket } = await open()
  await using _ = engine
  await bucket.put('k', bytes)
  const days = [5, 1, 9, 3, 7, 2, 8]
  await Promise.allSettled(days.map((each) => bucket.setRetention('k', inDays('compliance', each))))
  const { retainUntil } = (await bucket.head('k')).retention!
  assert.equal(Math.round((retainUntil.getTime() - Date.now()) / DAY), 9)
})

test('an upload is locked from the day it was begun by what was the default then', async () => {
  const { engine, bucket } = await open()
  await using _ = engine
  await bucket.setConfiguration('objectLock', { defaultRetention: { mode: 'governance', days: 3 } })
  const upload = await bucket.createUpload('k')
  const begun = (await upload.info()).initiated
  await bucket.setConfiguration('objectLock', { defaultRetention: { mode: 'compliance', years: 1 } })
  const part = await upload.putPart(1, bytes)
  const { retention } = await upload.complete([part])
  assert.deepEqual(retention, { mode: 'governance', retainUntil: new Date(begun.getTime() + 3 * DAY) })
  await bucket.setConfiguration('objectLock', {})
  const without = await bucket.createUpload('k')
  const other = await without.putPart(1, bytes)
  await bucket.setConfiguration('objectLock', { defaultRetention: { mode: 'compliance', days: 1 } })
  assert.equal((await without.complete([other])).retention?.mode, 'compliance')
})
