import assert from 'node:assert/strict'
import test from 'node:test'
import { type Bucket, Engine, type EngineErrorCode, isEngineError } from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { assertInvariants } from '@aquifer/engine/testing'
import { openInMemory, readWhole } from './open-in-memory.js'

const code = (expected: EngineErrorCode) => (error: unknown) => isEngineError(error, expected)
const small = Buffer.from('small')
const large = Buffer.alloc(100 * 1024, 7)

/** Objects of each kind, versions, markers, an upload under way, a document. */
async function fill(bucket: Bucket): Promise<void> {
  await bucket.setConfiguration('cors', [{ allowedMethods: ['GET'], allowedOrigins: ['*'] }])
  await bucket.put('was there before', small)
  await bucket.setConfiguration('versioning', 'enabled')
  for (const bytes of [small, large, small]) await bucket.put('versions', bytes)
  await bucket.put('large', large)
  await bucket.copy({ key: 'large' }, 'copy')
  await bucket.delete('large')
  await bucket.delete('was there before')
  const upload = await bucket.createUpload('under way')
  await upload.putPart(1, large)
}

test('a bucket goes with all that is in it, at once, and its space comes free behind it', async (t) => {
  const { engine, logs, check, rows, blobs } = await openInMemory(t)
  await fill(logs)
  await engine.createBucket('other')
  await engine.bucket('other').copy({ bucket: 'logs', key: 'copy' }, 'kept')
  const reader = await logs.get('copy')
  await assert.rejects(logs.remove(), code('BucketNotEmpty'))

  await logs.remove({ force: true })
  await assert.rejects(logs.head('copy'), code('NoSuchBucket'))
  await assert.rejects(logs.put('new', small), code('NoSuchBucket'))
  assert.ok(Buffer.from(await reader.bytes()).equals(large), 'who reads, reads on')
  await engine.createBucket('logs')
  assert.deepEqual((await logs.listVersions().page()).entries, [])
  await logs.put('of the new one', small)

  await engine.reclaim()
  await check()
  assert.ok((await readWhole(engine.bucket('other'), 'kept')).equals(large))
  assert.equal((await readWhole(logs, 'of the new one')).toString(), 'small')
  await engine.bucket('other').delete('kept')
  await logs.remove({ force: true })
  await engine.bucket('other').remove({ force: true })
  await engine.reclaim()
  await check()
  assert.deepEqual([...new Set(await rows())].join(''), 'n')
  assert.equal(await blobs(), 0)
})

test('more objects than one commit holds go as well', async (t) => {
  const { engine, logs, check, rows } = await openInMemory(t)
  await Promise.all(Array.from({ length: 700 }, (_, n) => logs.put(`key ${n}`, small)))
  await logs.remove({ force: true })
  await engine.reclaim()
  await check()
  assert.ok(!(await rows()).includes('o'))
})

test('who writes while it goes is refused, or was faster and is gone', async (t) => {
  const { engine, logs, check } = await openInMemory(t)
  const writes = Array.from({ length: 50 }, (_, n) => logs.put(`key ${n}`, n % 2 ? small : large))
  await logs.remove({ force: true })
  for (const outcome of await Promise.allSettled(writes))
    if (outcome.status === 'rejected')
      assert.ok(isEngineError(outcome.reason, 'NoSuchBucket'), outcome.reason)
  await engine.reclaim()
  await check()
  assert.deepEqual((await engine.listBuckets().page()).entries, [])
})

test('a bucket with object lock stays, whatever is asked', async (t) => {
  const { engine } = await openInMemory(t)
  await engine.createBucket('locked', { objectLock: true })
  await engine.bucket('locked').put('a', small)
  await assert.rejects(engine.bucket('locked').remove({ force: true }), code('InvalidBucketState'))
  assert.equal((await readWhole(engine.bucket('locked'), 'a')).toString(), 'small')
  await assert.rejects(engine.bucket('missing').remove({ force: true }), code('NoSuchBucket'))
})

test('cut off after any commit, the bucket is there whole or gone, and what it held comes free', async () => {
  for (let cutAt = 1; ; cutAt++) {
    const stores = { kv: MemoryKvStore.open(), blobs: await MemoryBlobStore.open() }
    let nowMs = Date.UTC(2026, 0, 1)
    const clock = { now: () => ++nowMs, monotonic: () => nowMs }
    const open = () => Engine.open({ stores, clock, background: false })
    const engine = await open()
    await engine.createBucket('logs')
    await fill(engine.bucket('logs'))
    const carryOut = stores.kv.commit.bind(stores.kv)
    let commits = 0
    stores.kv.commit = (change) => {
      if (++commits >= cutAt) throw new Error('cut off')
      return carryOut(change)
    }
    const wasCut = await (async () => {
      await engine.bucket('logs').remove({ force: true })
      await engine.reclaim()
    })().then(
      () => false,
      () => true,
    )
    stores.kv.commit = carryOut
    const again = await open()
    await assertInvariants(stores)
    const isThere = await again
      .bucket('logs')
      .info()
      .then(
        () => true,
        () => false,
      )
    assert.equal(isThere, cutAt === 1)
    if (isThere) assert.ok((await readWhole(again.bucket('logs'), 'copy')).equals(large))
    else {
      await again.reclaim()
      await assertInvariants({ ...stores, reclaimedAtMs: nowMs })
    }
    if (!wasCut) return
  }
})

test('uploads under way keep a bucket where that is asked, and are aborted with it where it is not', async (t) => {
  const { engine, logs, check, rows } = await openInMemory(t)
  const upload = await logs.createUpload('under way')
  await upload.putPart(1, large)
  await assert.rejects(logs.remove({ uploads: 'refuse' }), code('BucketNotEmpty'))
  await logs.put('still', small)
  await logs.delete('still')
  await engine.reclaim()
  assert.equal((await logs.info()).name, 'logs')
  await logs.remove()
  await engine.reclaim()
  await check()
  assert.ok(!(await rows()).includes('u'))
})
