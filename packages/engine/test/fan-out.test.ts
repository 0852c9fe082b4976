import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import test from 'node:test'
import { type EngineErrorCode, type FanOutTarget, isEngineError } from '@aquifer/engine'
import { openInMemory, readWhole } from './open-in-memory.js'

const KiB = 1024
const DAY = 24 * 60 * 60 * 1_000
const code = (expected: EngineErrorCode) => (error: unknown) => isEngineError(error, expected)

const keys = (count: number): FanOutTarget[] =>
  Array.from({ length: count }, (_, n) => ({ key: `k/${String(n).padStart(4, '0')}` }))

for (const [what, sizeBytes] of [
  ['no bytes at all', 0],
  ['a small stream', 500],
  ['a large stream', 300 * KiB],
] as const) {
  test(`${what} becomes as many objects as there are targets, stored once`, async (t) => {
    const { engine, logs, check, blobs } = await openInMemory(t)
    const bytes = Buffer.alloc(sizeBytes, 7)
    const results = await logs.fanOut(Readable.from([bytes.subarray(0, 100), bytes.subarray(100)]), keys(100))
    assert.ok(results.every(({ status }) => status === 'fulfilled'))
    assert.ok((await blobs()) <= 1)
    await engine.reclaim()
    await check()
    for (const { key } of keys(100)) assert.ok((await readWhole(logs, key)).equals(bytes))
    for (const { key } of keys(100)) await logs.delete(key)
    await engine.reclaim()
    await check()
    assert.equal(await blobs(), 0)
  })
}

test('whatever becomes of one target, the others keep their bytes', async (t) => {
  const { engine, logs, check, blobs } = await openInMemory(t)
  const bytes = Buffer.alloc(300 * KiB, 1)
  await logs.fanOut(bytes, keys(4))
  await engine.reclaim()
  await logs.delete('k/0000')
  await logs.put('k/0001', Buffer.alloc(100 * KiB, 2))
  await logs.append('k/0002', Buffer.from('more'))
  await engine.reclaim()
  await check()
  assert.ok((await readWhole(logs, 'k/0003')).equals(bytes))
  assert.ok((await readWhole(logs, 'k/0002')).equals(Buffer.concat([bytes, Buffer.from('more')])))
  for (const key of ['k/0001', 'k/0002', 'k/0003']) await logs.delete(key)
  await engine.reclaim()
  assert.equal(await blobs(), 0)
})

test('a target that goes by a lifecycle rule takes no other with it, and the last one takes the bytes', async (t) => {
  const { engine, logs, check, blobs, wait } = await openInMemory(t)
  await engine.createBucket('kept')
  const rule = {
    id: 'r',
    status: 'enabled',
    filter: { tags: { short: 'yes' } },
    expiration: { days: 1 },
  } as const
  await logs.setConfiguration('lifecycle', { rules: [rule] })
  const bytes = Buffer.alloc(300 * KiB, 1)
  const short = { tags: { short: 'yes' } }
  await logs.fanOut(bytes, [{ key: 'a', ...short }, { key: 'b' }, { bucket: 'kept', key: 'c', ...short }])
  wait(3 * DAY)
  const gone: string[] = []
  for await (const { key } of engine.sweep({ now: new Date(Date.UTC(2026, 0, 1) + 3 * DAY) })) gone.push(key)
  assert.deepEqual(gone, ['a'])
  await engine.reclaim()
  await check()
  assert.ok((await readWhole(logs, 'b')).equals(bytes))
  assert.ok((await readWhole(engine.bucket('kept'), 'c')).equals(bytes))
  await logs.delete('b')
  await engine.bucket('kept').delete('c')
  await engine.reclaim()
  await check()
  assert.equal(await blobs(), 0)
})

test('each target has attributes of its own, and may lie in another bucket', async (t) => {
  const { engine, logs } = await openInMemory(t)
  await engine.createBucket('locked', { objectLock: true })
  const retainUntil = new Date(Date.UTC(2026, 0, 1) + DAY)
  const results = await logs.fanOut(Buffer.alloc(300 * KiB), [
    { key: 'a', contentType: 'text/plain', metadata: { who: 'a' }, tags: { t: '1' } },
    {
      bucket: 'locked',
      key: 'b',
      legalHold: true,
      retention: { mode: 'governance', retainUntil },
      cacheControl: 'no-store',
    },
  ])
  assert.ok(results.every(({ status }) => status === 'fulfilled'))
  const [a, b] = [await logs.head('a'), await engine.bucket('locked').head('b')]
  assert.deepEqual([a.contentType, a.metadata, a.tagCount], ['text/plain', { who: 'a' }, 1])
  assert.deepEqual([b.cacheControl, b.legalHold, b.retention?.retainUntil], ['no-store', true, retainUntil])
  assert.ok(b.versionId !== undefined)
  assert.equal(a.etag, b.etag)
})

test('a target that fails is told of in its place and stops no other', async (t) => {
  const { engine, logs, check } = await openInMemory(t)
  await logs.put('there', Buffer.from('x'))
  for (const sizeBytes of [10, 300 * KiB]) {
    const results = await logs.fanOut(Buffer.alloc(sizeBytes), [
      { key: `ok-${sizeBytes}` },
      { key: 'there', ifNoneMatch: '*' },
      { key: 'k'.repeat(1_025) },
      { bucket: 'nowhere', key: 'a' },
      { key: `also-${sizeBytes}` },
    ])
    const told = results.map((each) => (each.status === 'rejected' ? each.reason.code : each.value.key))
    assert.deepEqual(told, [
      `ok-${sizeBytes}`,
      'PreconditionFailed',
      'KeyTooLongError',
      'NoSuchBucket',
      `also-${sizeBytes}`,
    ])
  }
  assert.equal((await readWhole(logs, 'there')).toString(), 'x')
  await engine.reclaim()
  await check()
})

test('where no target can be written the stream is not read', async (t) => {
  const { engine } = await openInMemory(t)
  let pulled = 0
  async function* source() {
    pulled++
    yield Buffer.alloc(10)
  }
  const [result] = await engine.bucket('nowhere').fanOut(source(), [{ key: 'a' }])
  assert.equal(result?.status === 'rejected' && result.reason.code, 'NoSuchBucket')
  assert.equal(pulled, 0)
})

test('a stream that fails, or is not what it was said to be, writes no target and leaves nothing', async (t) => {
  const { engine, logs, check, blobs } = await openInMemory(t)
  async function* broken() {
    yield Buffer.alloc(300 * KiB)
    throw new Error('gone')
  }
  await assert.rejects(logs.fanOut(broken(), keys(3)), /gone/)
  await assert.rejects(
    logs.fanOut(Buffer.alloc(300 * KiB), keys(3), { sizeBytes: 5 }),
    code('IncompleteBody'),
  )
  const wrong = { contentMd5: Buffer.alloc(16).toString('base64') }
  await assert.rejects(logs.fanOut(Buffer.alloc(300 * KiB), keys(3), wrong), code('BadDigest'))
  await engine.reclaim()
  await check()
  assert.equal(await blobs(), 0)
  assert.deepEqual((await logs.list().page()).entries, [])
})

test('a key named twice is written in the order given', async (t) => {
  const { engine, logs, check } = await openInMemory(t)
  await logs.setConfiguration('versioning', 'enabled')
  const twice = [
    { key: 'a', metadata: { n: '1' } },
    { key: 'a', metadata: { n: '2' } },
  ]
  await logs.fanOut(Buffer.alloc(300 * KiB), [...twice.slice(0, 1), { ...twice[1]!, ifMatch: '*' }])
  assert.equal((await logs.head('a')).metadata.n, '2')
  const versions = (await logs.listVersions().page()).entries
  assert.equal(versions.length, 2)
  await engine.reclaim()
  await check()
})

for (const sizeBytes of [10, 300 * KiB]) {
  test(`all or nothing writes 400 targets over what is there, ${sizeBytes} bytes, or none of them`, async (t) => {
    const { engine, logs, check, blobs } = await openInMemory(t)
    await logs.fanOut(Buffer.alloc(200 * KiB, 1), keys(400)) // Shared, so that each replaced row lets go of a reference.
    const last = { key: 'last', ifNoneMatch: '*' }
    const written = await logs.fanOut(Buffer.alloc(sizeBytes, 2), [...keys(399), last], { atomic: true })
    assert.equal(written.length, 400)
    await assert.rejects(
      logs.fanOut(Buffer.alloc(sizeBytes, 3), [...keys(399), last], { atomic: true }),
      code('PreconditionFailed'),
    )
    for (const { key } of keys(399)) assert.equal((await readWhole(logs, key))[0], 2)
    await engine.reclaim()
    await check()
    assert.equal(await blobs(), sizeBytes > KiB ? 2 : 1)
  })
}

test('all or nothing writes 400 targets also where each has a lifecycle and is told of', async (t) => {
  const { engine, logs, check } = await openInMemory(t)
  const rule = { id: 'r', status: 'enabled', filter: {}, expiration: { days: 1 } } as const
  await logs.setConfiguration('lifecycle', { rules: [rule] })
  const gone = new AbortController()
  const first = engine.events({ subscriber: 'indexer', signal: gone.signal })[Symbol.asyncIterator]().next()
  while ((await engine.events.status()).length === 0) await new Promise(setImmediate)
  gone.abort()
  await assert.rejects(first, { name: 'AbortError' })
  await logs.fanOut(Buffer.alloc(300 * KiB, 1), keys(400))
  await logs.setConfiguration('versioning', 'enabled')
  await logs.setConfiguration('versioning', 'suspended')
  for (let round = 2; round < 4; round++)
    await logs.fanOut(Buffer.alloc(300 * KiB, round), keys(400), { atomic: true })
  for (const { key } of keys(400)) assert.equal((await readWhole(logs, key))[0], 3)
  await engine.reclaim()
  await check()
})

test('all or nothing refuses more than a commit holds, and a key named twice, before a byte is read', async (t) => {
  const { logs, blobs } = await openInMemory(t)
  const source = Buffer.alloc(300 * KiB)
  const twice = [{ key: 'a' }, { key: 'a' }]
  await assert.rejects(logs.fanOut(source, keys(5_000), { atomic: true }), code('TooManyTargets'))
  await assert.rejects(logs.fanOut(source, keys(2_500), { atomic: true }), code('TooManyTargets'))
  await assert.rejects(logs.fanOut(source, twice, { atomic: true }), code('InvalidRequest'))
  await assert.rejects(logs.fanOut(source, []), RangeError)
  assert.equal(await blobs(), 0)
  assert.deepEqual((await logs.list().page()).entries, [])
})

test('a fan-out that ends in the midst of its targets leaves those that were written, and no space is lost', async (t) => {
  const { engine, logs, check, blobs } = await openInMemory(t)
  const stopping = new AbortController()
  let written = 0
  const targets: FanOutTarget[] = keys(300).map((target) => ({
    ...target,
    // Looked at in the commit of each target.
    get ifNoneMatch() {
      if (++written > 450) stopping.abort()
      return '*'
    },
  }))
  const results = await logs.fanOut(Buffer.alloc(300 * KiB, 9), targets, { signal: stopping.signal })
  const there = results.filter(({ status }) => status === 'fulfilled').length
  assert.ok(there > 0 && there < 300)
  await engine.reclaim()
  await check()
  const { entries } = await logs.list().page()
  assert.equal(entries.length, there)
  for (const { key } of keys(300)) await logs.delete(key)
  await engine.reclaim()
  assert.equal(await blobs(), 0)
})
