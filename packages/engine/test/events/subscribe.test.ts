import assert from 'node:assert/strict'
import test from 'node:test'
import { Engine, type EngineEvent, isEngineError, type SubscribeOptions } from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { assertInvariants } from '@aquifer/engine/testing'

const code = (expected: string) => (error: unknown) => isEngineError(error) && error.code === expected

/** Engines one after the other over the same rows. */
async function store() {
  const stores = { kv: MemoryKvStore.open(), blobs: await MemoryBlobStore.open() }
  const ends = { kv: stores.kv.close.bind(stores.kv), blobs: stores.blobs.close.bind(stores.blobs) }
  stores.kv.close = async () => {}
  stores.blobs.close = async () => {}
  return { ...stores, ends, open: () => Engine.open({ stores, background: false }) }
}

/** The next so many events; the last is not acknowledged. */
async function take(engine: Engine, count: number, options: Partial<SubscribeOptions> = {}) {
  const events: EngineEvent[] = []
  for await (const event of engine.events({ subscriber: 'indexer', ...options })) {
    events.push(event)
    if (events.length === count) break
  }
  return events
}

/** Has the subscription written down, without waiting for an event. */
async function subscribe(engine: Engine, options: Partial<SubscribeOptions> = {}): Promise<void> {
  const gone = new AbortController()
  const events = engine.events({ subscriber: 'indexer', signal: gone.signal, ...options })
  const first = events[Symbol.asyncIterator]().next()
  while ((await engine.events.status()).length === 0) await new Promise(setImmediate)
  gone.abort()
  await assert.rejects(first, { name: 'AbortError' })
}

test('every change of an object is told of, by its name and in its order', async () => {
  await using engine = await Engine.open()
  await subscribe(engine)
  await engine.createBucket('logs', { objectLock: true, ownerId: 'owner' })
  const origin = { principalId: 'AKIA', sourceAddress: '192.0.2.1', userAgent: 'test' }
  const logs = engine.bucket('logs', { origin })
  const { versionId } = await logs.put('a', Buffer.from('one'), {
    contentType: 'text/plain',
    metadata: { m: '1' },
  })
  await logs.copy({ key: 'a' }, 'b')
  await logs.setTags('a', { x: 'y' })
  await logs.setTags('a', {})
  await logs.setLegalHold('a', true)
  await logs.setRetention('b', { mode: 'governance', retainUntil: new Date(Date.now() + 1e6) })
  await logs.head('a')
  await (await logs.get('a')).close()
  const upload = await logs.createUpload('c')
  const { etag } = await upload.putPart(1, Buffer.from('part'))
  await upload.complete([{ partNumber: 1, etag }])
  await logs.fanOut(Buffer.from('many'), [{ key: 'f' }, { key: 'g' }], { atomic: true })
  const { deleteMarker } = await logs.delete('c')
  await logs.delete('c', deleteMarker!)
  await logs.delete('never')
  const events = await take(engine, 15)
  assert.deepEqual(
    events.map(({ name, key }) => `${name} ${key}`),
    [
      's3:BucketCreated:* ',
      's3:ObjectCreated:Put a',
      's3:ObjectCreated:Copy b',
      's3:ObjectCreated:PutTagging a',
      's3:ObjectCreated:DeleteTagging a',
      's3:ObjectCreated:PutLegalHold a',
      's3:ObjectCreated:PutRetention b',
      's3:ObjectAccessed:Head a',
      's3:ObjectAccessed:Get a',
      's3:ObjectCreated:CompleteMultipartUpload c',
      's3:ObjectCreated:Post f',
      's3:ObjectCreated:Post g',
      's3:ObjectRemoved:DeleteMarkerCreated c',
      's3:ObjectRemoved:Delete c',
      's3:ObjectRemoved:DeleteMarkerCreated never',
    ],
  )
  const put = events[1]!
  assert.deepEqual(
    { ...put, time: undefined, sequencer: undefined },
    {
      ...{ name: 's3:ObjectCreated:Put', bucket: 'logs', bucketOwnerId: 'owner', key: 'a', versionId },
      ...{ sizeBytes: 3, etag: put.etag, contentType: 'text/plain', metadata: { m: '1' }, origin },
      ...{ time: undefined, sequencer: undefined },
    },
  )
  const removed = events[12]!
  assert.equal(removed.versionId, deleteMarker!.versionId)
  assert.ok(!('sizeBytes' in removed) && !('etag' in removed) && !('metadata' in removed))
  const sequencers = events.map(({ sequencer }) => sequencer)
  assert.deepEqual(sequencers, [...sequencers].sort())
})

test('without versions a delete is told of, and so is one of nothing; a rename is both', async () => {
  await using engine = await Engine.open()
  await engine.createBucket('logs')
  await subscribe(engine, { names: ['s3:ObjectRemoved:*', 's3:ObjectCreated:Copy'] })
  const logs = engine.bucket('logs')
  await logs.put('a', Buffer.from('one'))
  await logs.append('a', Buffer.from('two'))
  await logs.rename({ key: 'a' }, 'b')
  await logs.delete('b')
  await logs.delete('b')
  const events = await take(engine, 4, { names: ['s3:ObjectRemoved:*', 's3:ObjectCreated:Copy'] })
  assert.deepEqual(
    events.map(({ name, key }) => `${name} ${key}`),
    [
      's3:ObjectCreated:Copy b',
      's3:ObjectRemoved:Delete a',
      's3:ObjectRemoved:Delete b',
      's3:ObjectRemoved:NoOP b',
    ],
  )
})

test('what was not acknowledged is told again after a restart, in order, and the rest once', async (t) => {
  const { open, kv, blobs, ends } = await store()
  t.after(() => ends.kv())
  {
    await using engine = await open()
    await engine.createBucket('logs')
    await subscribe(engine, { bucket: 'logs' })
    for (const key of ['a', 'b', 'a', 'c']) await engine.bucket('logs').put(key, Buffer.from(key))
    assert.deepEqual(
      (await take(engine, 2, { bucket: 'logs' })).map(({ key }) => key),
      ['a', 'b'],
    )
  }
  await assertInvariants({ kv, blobs })
  await using engine = await open()
  await engine.bucket('logs').delete('a')
  const events = await take(engine, 4, { bucket: 'logs' })
  assert.deepEqual(
    events.map(({ name, key }) => `${name.split(':')[1]} ${key}`),
    ['ObjectCreated b', 'ObjectCreated a', 'ObjectCreated c', 'ObjectRemoved a'],
  )
  const sequencers = events.map(({ sequencer }) => sequencer)
  assert.deepEqual(sequencers, [...sequencers].sort())
})

test('a subscriber asks for one bucket, for names, a prefix and a suffix, and gets nothing else', async () => {
  await using engine = await Engine.open()
  for (const name of ['logs', 'other']) await engine.createBucket(name)
  const rule = { bucket: 'logs', names: ['s3:ObjectCreated:Put'], prefix: 'in/', suffix: '.gz' }
  await subscribe(engine, rule)
  for (const bucket of [engine.bucket('other'), engine.bucket('logs')])
    for (const key of ['in/a.gz', 'in/a.txt', 'out/a.gz', 'in/.gz']) await bucket.put(key, Buffer.from('x'))
  await engine.bucket('logs').copy({ key: 'in/a.gz' }, 'in/b.gz')
  assert.deepEqual(
    (await take(engine, 2, rule)).map(({ key }) => key),
    ['in/a.gz', 'in/.gz'],
  )
  const [status] = await engine.events.status()
  assert.equal(status!.waiting, 1)
})

test('a change that does not happen is not told of', async () => {
  await using engine = await Engine.open()
  await engine.createBucket('logs')
  await subscribe(engine)
  const logs = engine.bucket('logs')
  await logs.put('a', Buffer.from('one'))
  await assert.rejects(logs.put('a', Buffer.from('two'), { ifNoneMatch: '*' }), code('PreconditionFailed'))
  await assert.rejects(logs.setTags('none', {}), code('NoSuchKey'))
  await assert.rejects(logs.head('none'), code('NoSuchKey'))
  await logs.put('b', Buffer.from('three'))
  assert.deepEqual(
    (await take(engine, 2)).map(({ key }) => key),
    ['a', 'b'],
  )
})

test('one at a time listens under a name, and names are checked', async () => {
  await using engine = await Engine.open()
  await engine.createBucket('logs')
  await engine.bucket('logs').put('a', Buffer.from('x'))
  await subscribe(engine)
  await engine.bucket('logs').put('a', Buffer.from('x'))
  const iterator = engine.events({ subscriber: 'indexer' })[Symbol.asyncIterator]()
  assert.equal((await iterator.next()).value!.key, 'a')
  await assert.rejects(take(engine, 1), code('InvalidRequest'))
  await assert.rejects(engine.events.unsubscribe('indexer'), code('InvalidRequest'))
  await iterator.return!()
  for (const subscriber of ['', 'a b', 'x'.repeat(129)])
    await assert.rejects(take(engine, 1, { subscriber }), code('InvalidArgument'))
  await assert.rejects(take(engine, 1, { names: ['s3:ObjectCreated'] }), code('InvalidArgument'))
  await assert.rejects(take(engine, 1, { bucket: 'none' }), code('NoSuchBucket'))
})

test('a subscriber that has gone for good leaves nothing behind', async () => {
  const { open, kv, ends } = await store()
  await using engine = await open()
  await engine.createBucket('logs')
  await subscribe(engine)
  for (let at = 0; at < 700; at++) await engine.bucket('logs').put(`${at}`, Buffer.from('x'))
  await engine.events.unsubscribe('indexer')
  await engine.events.unsubscribe('indexer')
  await engine.bucket('logs').put('later', Buffer.from('x'))
  assert.deepEqual(await engine.events.status(), [])
  const { rows } = await kv.scan({ from: Buffer.from('q'), to: Buffer.from('r'), limit: 1 })
  assert.deepEqual(rows, [])
  await ends.kv()
})

test('what a subscriber has no room for is dropped, counted, and told in its place', async () => {
  await using engine = await Engine.open()
  await engine.createBucket('logs')
  const options = { backlogMax: 3 }
  await subscribe(engine, options)
  const logs = engine.bucket('logs')
  for (let at = 0; at < 10; at++) await logs.put(`${at}`, Buffer.from('x'))
  const [status] = await engine.events.status()
  assert.equal(status!.waiting, 3)
  assert.deepEqual(
    status!.gaps.map(({ count }) => count),
    [7],
  )
  const seen: string[] = []
  const read = async () => {
    for await (const { key } of engine.events({ subscriber: 'indexer', ...options })) {
      seen.push(key)
      if (key === 'last') return
    }
  }
  await assert.rejects(read(), (error) => isEngineError(error, 'EventsDropped') && error.details.count === 7)
  assert.deepEqual(seen, ['0', '1', '2'])
  await logs.put('last', Buffer.from('x'))
  await read()
  assert.deepEqual(seen, ['0', '1', '2', 'last'])
  assert.deepEqual((await engine.events.status())[0]!.gaps, [])
})

test('a subscriber whose events may not be dropped has writes refused instead', async () => {
  await using engine = await Engine.open()
  await engine.createBucket('logs')
  const options = { backlogMax: 2, whenFull: 'block' } as const
  await subscribe(engine, options)
  const logs = engine.bucket('logs')
  await logs.put('a', Buffer.from('x'))
  await logs.put('b', Buffer.from('x'))
  await assert.rejects(logs.put('c', Buffer.from('x')), code('EventBacklogFull'))
  await assert.rejects(logs.head('c'), code('NoSuchKey'))
  const events = engine.events({ subscriber: 'indexer', ...options })[Symbol.asyncIterator]()
  await events.next()
  await events.next()
  await events.return!()
  await logs.put('c', Buffer.from('x'))
})

test('who listens is told of what happens from then on, and leaves nothing behind', async () => {
  const { open, kv, ends } = await store()
  await using engine = await open()
  await engine.createBucket('logs')
  await engine.bucket('logs').put('before', Buffer.from('x'))
  const events = await engine.events.listen({ bucket: 'logs', names: ['s3:ObjectCreated:*'] })
  const first = events.next()
  await Promise.all(['a', 'b'].map((key) => engine.bucket('logs').put(key, Buffer.from('x'))))
  assert.deepEqual([(await first).value!.key, (await events.next()).value!.key].sort(), ['a', 'b'])
  await engine.bucket('logs').put('unread', Buffer.from('x'))
  await events.return()
  const other = await engine.events.listen({ names: ['s3:ObjectCreated:*'] })
  const waiting = other.next()
  await other.return()
  assert.deepEqual(await waiting, { done: true, value: undefined })
  await (await engine.events.listen({ names: ['s3:ObjectCreated:*'] })).return()
  assert.deepEqual(await engine.events.status(), [])
  const { rows } = await kv.scan({ from: Buffer.from('q'), to: Buffer.from('r'), limit: 1 })
  assert.deepEqual(rows, [])
  await ends.kv()
})

test('closing ends whoever waits for events, and does not wait for who has one in hand', async () => {
  const engine = await Engine.open()
  await engine.createBucket('logs')
  await subscribe(engine)
  const waiting = engine
    .events({ subscriber: 'other', bucket: 'logs', prefix: 'never' })
    [Symbol.asyncIterator]()
    .next()
  await engine.bucket('logs').put('a', Buffer.from('x'))
  const inHand = engine.events({ subscriber: 'indexer' })[Symbol.asyncIterator]()
  await inHand.next()
  const ended = assert.rejects(waiting, code('EngineClosed'))
  await engine.close()
  await ended
})
