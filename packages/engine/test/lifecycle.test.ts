import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import {
  type Bucket,
  Engine,
  type EngineOptions,
  type LifecycleRule,
  type SweepAction,
} from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { AsynchronousKvStore, assertInvariants } from '@aquifer/engine/testing'

const DAY = 86_400_000
const bytes = Buffer.from('bytes')
type Rule = Omit<LifecycleRule, 'status' | 'id'>

/** An engine whose clock the test holds, with a bucket under rules. */
async function open(t: TestContext, options: Partial<EngineOptions> & { objectLock?: boolean } = {}) {
  const kv = MemoryKvStore.open()
  const stores = { kv, blobs: await MemoryBlobStore.open() }
  const time = { nowMs: Date.UTC(2026, 2, 10, 14, 30), monotonicMs: 0 }
  const clock = { now: () => ++time.nowMs, monotonic: () => ++time.monotonicMs }
  const over = { kv: new AsynchronousKvStore(kv, { seed: 7 }), blobs: stores.blobs }
  const engine = await Engine.open({ stores: over, clock, background: false, inlineMaxBytes: 3, ...options })
  t.after(() => engine.close())
  await engine.createBucket('logs', options.objectLock ? { objectLock: true } : {})
  const bucket = engine.bucket('logs')
  return {
    engine,
    bucket,
    kv,
    time,
    rule: (...rules: Rule[]) =>
      bucket.setConfiguration('lifecycle', {
        rules: rules.map((rule, place) => ({ id: `r${place + 1}`, status: 'enabled', ...rule })),
      }),
    pass: (days: number) => {
      time.nowMs += days * DAY
      time.monotonicMs += days * DAY
    },
    sweep: async (given: { now?: Date; dryRun?: boolean } = {}) => {
      const told: string[] = []
      for await (const action of engine.sweep({ now: new Date(clock.now()), ...given }))
        told.push(tell(action))
      await assertInvariants({ ...stores, nowMs: time.nowMs })
      return told
    },
    rows: async (family: string) => {
      const { rows } = await kv.scan({ from: Uint8Array.of(0), to: Uint8Array.of(255), limit: 10_000 })
      return rows.filter(({ key }) => String.fromCharCode(key[0]!) === family).length
    },
  }
}

const tell = ({ action, key, ruleId }: SweepAction): string => `${action} ${key} by ${ruleId}`
const keysOf = async (bucket: Bucket): Promise<string[]> => {
  const keys: string[] = []
  for await (const entry of bucket.list()) if (entry.type === 'object') keys.push(entry.info.key)
  return keys
}
/** Each version by its key; a marker in brackets. */
const versionsOf = async (bucket: Bucket): Promise<string[]> => {
  const found: string[] = []
  for await (const entry of bucket.listVersions())
    if (entry.type === 'version')
      found.push(entry.info.isDeleteMarker ? `[${entry.info.key}]` : entry.info.key)
  return found
}

test('what is due goes, and nothing else', async (t) => {
  const { bucket, rule, pass, sweep, rows, engine } = await open(t)
  await rule({ filter: { prefix: 'logs/' }, expiration: { days: 3 } })
  for (const key of ['data/a', 'logs/a', 'logs/b']) await bucket.put(key, bytes)
  pass(3)
  assert.deepEqual(await sweep(), [], 'not before the midnight after')
  await bucket.put('logs/c', bytes)
  await bucket.put('logs/b', bytes)
  pass(1)
  assert.deepEqual(await sweep(), ['expire logs/a by r1'])
  assert.deepEqual(await keysOf(bucket), ['data/a', 'logs/b', 'logs/c'])
  pass(3)
  assert.deepEqual(await sweep(), ['expire logs/b by r1', 'expire logs/c by r1'])
  assert.deepEqual(await rows('x'), 0)
  await engine.reclaim()
})

test('a sweep of what will be tells it and does nothing', async (t) => {
  const { bucket, rule, sweep, time } = await open(t)
  await rule({ expiration: { days: 3 } })
  await bucket.put('a', bytes)
  const now = new Date(time.nowMs + 10 * DAY)
  assert.deepEqual(await sweep({ now, dryRun: true }), ['expire a by r1'])
  assert.deepEqual(await keysOf(bucket), ['a'])
  assert.deepEqual(await sweep(), [])
  assert.deepEqual(await sweep({ now }), ['expire a by r1'])
  assert.deepEqual(await keysOf(bucket), [])
})

test('rules hold for what was there before them, and for what they are changed to', async (t) => {
  const { bucket, rule, pass, sweep, rows } = await open(t)
  for (let number = 0; number < 1_000; number++) await bucket.put(`${String(number).padStart(4, '0')}`, bytes)
  pass(5)
  await rule({ filter: { prefix: '000' }, expiration: { days: 3 } })
  assert.equal((await sweep()).length, 10)
  await rule({ filter: { prefix: '001' }, expiration: { days: 30 } })
  assert.deepEqual(await sweep(), [])
  assert.equal(await rows('i'), 0)
  pass(30)
  assert.equal((await sweep()).length, 10)
  await bucket.setConfiguration('lifecycle', undefined)
  assert.equal(await bucket.getConfiguration('lifecycle'), undefined)
  pass(1_000)
  assert.deepEqual(await sweep(), [])
  assert.equal((await keysOf(bucket)).length, 980)
  assert.equal(await rows('x'), 0)
})

test('a bucket without rules writes nothing down', async (t) => {
  const { bucket, rows } = await open(t)
  await bucket.put('a', bytes)
  await bucket.createUpload('u')
  assert.equal(await rows('x'), 0)
})

test('with versions the current one is hidden, then goes for good, and then what hid it', async (t) => {
  const { bucket, rule, pass, sweep } = await open(t)
  await bucket.setConfiguration('versioning', 'enabled')
  await rule(
    { expiration: { days: 3 } },
    { noncurrentVersionExpiration: { noncurrentDays: 5 } },
    { expiration: { expiredObjectDeleteMarker: true } },
  )
  await bucket.put('a', bytes)
  pass(4)
  assert.deepEqual(await sweep(), ['expire a by r1'])
  assert.deepEqual(await versionsOf(bucket), ['[a]', 'a'])
  pass(5)
  assert.deepEqual(await sweep(), [])
  pass(1)
  assert.deepEqual(await sweep(), ['remove-noncurrent a by r2', 'remove-delete-marker a by r1'])
  assert.deepEqual(await versionsOf(bucket), [])
})

test('so many newer noncurrent versions are kept, also of very many', async (t) => {
  const { bucket, rule, sweep, time } = await open(t)
  await bucket.setConfiguration('versioning', 'enabled')
  await rule({ noncurrentVersionExpiration: { newerNoncurrentVersions: 3 } })
  for (let count = 0; count < 250; count++) await bucket.put('a', bytes)
  time.nowMs += 5_000
  assert.equal((await sweep()).length, 246)
  assert.deepEqual(await versionsOf(bucket), ['a', 'a', 'a', 'a'])
  await bucket.put('a', bytes)
  time.nowMs += 5_000
  assert.equal((await sweep()).length, 1)
})

test('the null version goes as any other, and its place is forgotten', async (t) => {
  const { bucket, rule, pass, sweep } = await open(t)
  await bucket.put('a', bytes)
  await bucket.setConfiguration('versioning', 'enabled')
  await bucket.put('a', bytes)
  await rule({ noncurrentVersionExpiration: { noncurrentDays: 1 } })
  pass(3)
  assert.deepEqual(await sweep(), ['remove-noncurrent a by r1'])
  await bucket.setConfiguration('versioning', 'suspended')
  await bucket.put('a', bytes)
  assert.deepEqual(await versionsOf(bucket), ['a', 'a'])
  await rule({ expiration: { days: 1 } })
  pass(3)
  assert.deepEqual(await sweep(), ['expire a by r1'])
  assert.deepEqual(await versionsOf(bucket), ['[a]', 'a'], 'the marker takes the place of the null version')
})

test('a key goes with all its versions, the newest last where they are many', async (t) => {
  const { bucket, rule, pass, sweep } = await open(t)
  await bucket.setConfiguration('versioning', 'enabled')
  for (let count = 0; count < 230; count++) await bucket.put('a', bytes)
  await bucket.put('b', bytes)
  await bucket.delete('b')
  await rule({ expiration: { days: 2, allVersions: true } }, { deleteMarkerExpiration: { days: 4 } })
  pass(3)
  const told = await sweep()
  assert.equal(told.length, 230)
  assert.deepEqual(await versionsOf(bucket), ['[b]', 'b'])
  pass(2)
  assert.deepEqual(await sweep(), ['expire-all-versions b by r2', 'expire-all-versions b by r2'])
})

test('tags that are set later bring a rule about, and taken away they end it', async (t) => {
  const { bucket, rule, pass, sweep } = await open(t)
  await rule({ filter: { tags: { stage: 'test' } }, expiration: { days: 1 } })
  await bucket.put('a', bytes)
  await bucket.put('b', bytes, { tags: { stage: 'test' } })
  pass(3)
  await bucket.setTags('a', { stage: 'test' })
  await bucket.setTags('b', {})
  pass(1)
  assert.deepEqual(await sweep(), ['expire a by r1'])
})

test('an object that grows past a size by appends falls under the rule', async (t) => {
  const { bucket, rule, pass, sweep } = await open(t)
  await rule({ filter: { sizeGreaterThan: 8 }, expiration: { days: 1 } })
  await bucket.append('a', bytes)
  await bucket.append('a', bytes)
  await bucket.append('b', bytes)
  pass(3)
  assert.deepEqual(await sweep(), ['expire a by r1'])
})

test('copies, renames, fan-outs and completions fall under rules', async (t) => {
  const { bucket, rule, pass, sweep } = await open(t)
  await rule({ filter: { prefix: 'x' }, expiration: { days: 1 } })
  await bucket.put('a', bytes)
  await bucket.copy({ key: 'a' }, 'x1')
  await bucket.rename({ key: 'a' }, 'x2')
  await bucket.fanOut(bytes, [{ key: 'x3' }, { key: 'y' }])
  const upload = await bucket.createUpload('x4')
  const part = await upload.putPart(1, bytes)
  const info = await upload.complete([part])
  assert.deepEqual(info.expiry, { at: new Date(Date.UTC(2026, 2, 12)), ruleId: 'r1' })
  pass(3)
  assert.deepEqual(
    (await sweep()).sort(),
    ['1', '2', '3', '4'].map((n) => `expire x${n} by r1`),
  )
})

test('an upload that nobody completes is aborted, and its parts are gone', async (t) => {
  const { bucket, rule, pass, sweep, engine, rows } = await open(t)
  const before = await bucket.createUpload('before')
  await before.putPart(1, Buffer.alloc(100))
  await rule({ filter: { prefix: 'u' }, abortIncompleteMultipartUpload: { daysAfterInitiation: 2 } })
  const upload = await bucket.createUpload('u')
  await upload.putPart(1, Buffer.alloc(100))
  assert.deepEqual((await upload.info()).abort, { at: new Date(Date.UTC(2026, 2, 13)), ruleId: 'r1' })
  assert.equal((await before.info()).abort, undefined)
  const completed = await bucket.createUpload('u')
  await completed.complete([await completed.putPart(1, bytes)])
  pass(3)
  assert.deepEqual(await sweep(), ['abort-upload u by r1'])
  await assert.rejects(upload.info(), { code: 'NoSuchUpload' })
  await engine.reclaim()
  assert.equal(await rows('p'), 1)
})

test('what object lock keeps is left, and goes when the lock has ended', async (t) => {
  const { bucket, rule, pass, sweep, time } = await open(t, { objectLock: true })
  const retention = { mode: 'compliance' as const, retainUntil: new Date(time.nowMs + 20 * DAY) }
  await bucket.put('kept', bytes, { retention })
  const { versionId } = await bucket.put('held', bytes, { legalHold: true })
  await bucket.put('free', bytes)
  await rule({ expiration: { days: 2 } }, { noncurrentVersionExpiration: { noncurrentDays: 2 } })
  pass(3)
  assert.equal((await sweep()).length, 3, 'a marker hides a locked version, and takes nothing away')
  pass(3)
  assert.deepEqual(await sweep(), ['remove-noncurrent free by r2', 'remove-delete-marker free by r1'])
  pass(15)
  assert.ok((await sweep()).includes('remove-noncurrent kept by r2'))
  await bucket.setLegalHold('held', false, { versionId: versionId! })
  pass(1)
  assert.ok((await sweep()).includes('remove-noncurrent held by r2'))
  assert.deepEqual(await versionsOf(bucket), [])
})

test('a clock set far ahead expires nothing by itself, and lets no lock end', async (t) => {
  const { bucket, rule, sweep, time, engine } = await open(t, { objectLock: true })
  const retention = { mode: 'compliance' as const, retainUntil: new Date(time.nowMs + 20 * DAY) }
  await bucket.put('a', bytes, { retention })
  await bucket.put('a', bytes)
  await rule({ noncurrentVersionExpiration: { noncurrentDays: 1 } })
  time.nowMs += 400 * DAY
  assert.deepEqual(await sweep(), [])
  assert.equal((await versionsOf(bucket)).length, 2)
  assert.ok(engine.lockTime().now.getTime() < time.nowMs - 300 * DAY)
})

test('in the background it wakes when something is due', async (t) => {
  const blobs = await MemoryBlobStore.open()
  const engine = await Engine.open({ stores: { kv: MemoryKvStore.open(), blobs }, lifecycleDaySeconds: 1 })
  t.after(() => engine.close())
  await engine.createBucket('logs')
  const bucket = engine.bucket('logs')
  await bucket.put('before', bytes)
  await bucket.setConfiguration('lifecycle', { rules: [{ status: 'enabled', expiration: { days: 1 } }] })
  await bucket.put('after', bytes)
  while ((await keysOf(bucket)).length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
})

test('rules come back as they were given, with ids and the time', async (t) => {
  const { bucket, time } = await open(t)
  const rules: LifecycleRule[] = [
    { id: 'date', status: 'disabled', expiration: { date: new Date('2026-05-01T00:00:00Z') } },
    {
      status: 'enabled',
      filter: { prefix: 'a', tags: { b: 'c' } },
      expiration: { days: 1, allVersions: true },
    },
  ]
  await bucket.setConfiguration('lifecycle', { rules })
  const found = await bucket.getConfiguration('lifecycle')
  assert.match(found!.rules[1]!.id!, /^[\w-]{22}$/)
  assert.deepEqual(found!.rules[0], rules[0])
  assert.deepEqual({ ...found!.rules[1], id: undefined }, { ...rules[1], id: undefined })
  assert.ok(Math.abs(found!.updated!.getTime() - time.nowMs) < 1_000)
  await assert.rejects(bucket.setConfiguration('lifecycle', { rules: [] }), { code: 'InvalidArgument' })
  await assert.rejects(bucket.setConfiguration('lifecycle', { rules: manyRules() }), {
    code: 'InvalidRequest',
  })
  assert.deepEqual(await bucket.getConfiguration('lifecycle'), found)
})

const manyRules = (): LifecycleRule[] =>
  Array.from({ length: 300 }, () => ({
    status: 'enabled',
    filter: { prefix: 'x'.repeat(1_000) },
    expiration: { days: 1 },
  }))

test('what is written and read tells when it will go', async (t) => {
  const { bucket, rule } = await open(t)
  await rule({ filter: { prefix: 'a' }, expiration: { days: 9 } }, { expiration: { days: 12 } })
  const expiry = { at: new Date(Date.UTC(2026, 2, 20)), ruleId: 'r1' }
  assert.deepEqual((await bucket.put('a', bytes)).expiry, expiry)
  assert.deepEqual((await bucket.head('a')).expiry, expiry)
  await using object = await bucket.get('a')
  assert.deepEqual(object.info.expiry, expiry)
  assert.equal((await bucket.put('b', bytes)).expiry?.ruleId, 'r2')
})

test('it is explained what will become of a key, and why', async (t) => {
  const { bucket, rule, time } = await open(t, { objectLock: true })
  const retainUntil = new Date(time.nowMs + 90 * DAY)
  await bucket.put('a', bytes, { retention: { mode: 'governance', retainUntil } })
  await bucket.put('a', bytes)
  await rule(
    { filter: { prefix: 'b' }, expiration: { days: 1 } },
    { noncurrentVersionExpiration: { noncurrentDays: 1 } },
  )
  const upload = await bucket.createUpload('a')
  const { versions, uploads, indexing } = await bucket.explainLifecycle('a')
  assert.equal(indexing?.keys, 0)
  assert.deepEqual(
    versions.map(({ verdicts }) => verdicts.map(({ because, action }) => because ?? action)),
    [
      ['other-prefix', 'no-such-action'],
      ['other-prefix', 'remove-noncurrent'],
    ],
  )
  assert.equal(versions[0]!.next, undefined)
  const due = new Date(Date.UTC(2026, 2, 12))
  assert.deepEqual(versions[1]!.next, {
    ...{ action: 'remove-noncurrent', ruleId: 'r2', due, waitsFor: 'retention', retainUntil },
  })
  assert.deepEqual(
    uploads.map(({ uploadId }) => uploadId),
    [upload.uploadId],
  )
  assert.deepEqual((await bucket.explainLifecycle('nothing')).versions, [])
})

test('a key that cannot be looked at keeps the others not waiting', async (t) => {
  const { bucket, rule, pass, engine, kv, time } = await open(t)
  await rule({ expiration: { days: 1 } })
  for (const key of ['a', 'b', 'c']) await bucket.put(key, bytes)
  const { rows } = await kv.scan({ from: Buffer.from('o'), to: Buffer.from('p'), limit: 10 })
  await kv.commit({ checks: [], puts: [{ key: rows[1]!.key, value: Uint8Array.of(9) }], deletes: [] })
  pass(3)
  const told: string[] = []
  for await (const action of engine.sweep({ now: new Date(time.nowMs) })) told.push(action.key)
  assert.deepEqual(told, ['a', 'c'])
})

test('a removed bucket’s rows are of no consequence to one that is made again', async (t) => {
  const { bucket, rule, pass, sweep, engine, rows } = await open(t)
  await rule({ expiration: { days: 1 } })
  await bucket.put('a', bytes)
  await bucket.delete('a')
  await bucket.remove()
  await engine.reclaim()
  await engine.createBucket('logs')
  await bucket.put('a', bytes)
  pass(3)
  assert.deepEqual(await sweep(), [])
  assert.deepEqual(await keysOf(bucket), ['a'])
  assert.deepEqual([await rows('x'), await rows('i')], [0, 0])
})

test('days have the length that was asked for', async (t) => {
  for (const lifecycleDaySeconds of [0, 0.5, 86_401])
    await assert.rejects(Engine.open({ lifecycleDaySeconds }), RangeError)
  const { bucket, rule } = await open(t, { lifecycleDaySeconds: 60 })
  await rule({ expiration: { days: 1 } })
  assert.deepEqual((await bucket.put('a', bytes)).expiry?.at, new Date(Date.UTC(2026, 2, 10, 14, 32)))
})

test('what goes by rules is told of, in the commit that lets it go', async (t) => {
  const { engine, bucket, rule, pass, sweep } = await open(t)
  const names = ['s3:ObjectRemoved:*', 's3:LifecycleDelMarkerExpiration:Delete']
  const events = engine.events({ subscriber: 's', names })[Symbol.asyncIterator]()
  const first = events.next()
  while ((await engine.events.status()).length === 0) await new Promise(setImmediate)
  const next = async (told = events.next()) => {
    const { name, key, origin } = (await told).value!
    assert.equal(origin.userAgent, 'Internal: [ILM-Expiry]')
    return `${name} ${key}`
  }
  await rule({ expiration: { days: 1 } }, { noncurrentVersionExpiration: { noncurrentDays: 1 } })
  await bucket.put('a', bytes)
  pass(3)
  await sweep()
  assert.equal(await next(first), 's3:ObjectRemoved:Delete a')
  await bucket.setConfiguration('versioning', 'enabled')
  await bucket.put('b', bytes)
  pass(3)
  await sweep()
  assert.equal(await next(), 's3:ObjectRemoved:DeleteMarkerCreated b')
  pass(3)
  await sweep()
  assert.equal(await next(), 's3:ObjectRemoved:Delete b')
  assert.equal(await next(), 's3:ObjectRemoved:Delete b', 'the marker, which was the last')
  await rule({ expiration: { days: 1, allVersions: true } }, { deleteMarkerExpiration: { days: 1 } })
  for (const key of ['c', 'c', 'd']) await bucket.put(key, bytes)
  await bucket.delete('d')
  assert.match(`${(await events.next()).value!.name}`, /DeleteMarkerCreated/)
  pass(3)
  await sweep()
  const last = [await next(), await next()].sort()
  assert.deepEqual(last, ['s3:LifecycleDelMarkerExpiration:Delete d', 's3:ObjectRemoved:DeleteAllVersions c'])
})
