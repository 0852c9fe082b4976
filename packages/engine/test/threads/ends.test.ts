import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { MessageChannel, Worker } from 'node:worker_threads'
import { EngineError, isEngineError } from '@aquifer/engine'
import { serveEngine } from '@aquifer/engine/threads'
import { all, bytesOf, openConnected } from './open-connected.js'

const MIB = 1024 * 1024

/** Some of a body, then nothing more. */
async function* silent(signal?: { said?: () => void }) {
  yield bytesOf(MIB)
  signal?.said?.()
  await new Promise(() => {})
}

test('errors are of the class, the code and the details that they were thrown with', async (t) => {
  const { logs, engine } = await openConnected(t)
  const near = await logs.get('missing').catch((error) => error)
  const far = await engine
    .bucket('logs')
    .get('missing')
    .catch((error) => error)
  assert.ok(near instanceof EngineError && isEngineError(near, 'NoSuchKey'))
  assert.deepEqual(
    { ...near, message: near.message, name: near.name },
    { ...far, message: far.message, name: far.name },
  )
  assert.match(near.stack!, /get-version|find/)
  await assert.rejects(logs.put('key', 5 as never), TypeError)
  await assert.rejects(logs.put('key', bytesOf(8), { sizeBytes: -1 }), RangeError)
})

test('of many deletes each tells its own error', async (t) => {
  const { logs } = await openConnected(t)
  await logs.put('key', bytesOf(8))
  const [one, other] = await logs.deleteMany([{ key: 'key', ifMatch: 'no' }, { key: 'other' }])
  assert.ok(one?.status === 'rejected' && isEngineError(one.reason, 'PreconditionFailed'))
  assert.equal(other?.status, 'fulfilled')
})

test('what cannot cross refuses its call and no other', async (t) => {
  const { logs } = await openConnected(t)
  const wrong = logs.put('wrong', bytesOf(8), { metadata: { f: (() => {}) as never } })
  const right = logs.put('right', bytesOf(100_000))
  await assert.rejects(wrong, { name: 'DataCloneError' })
  await right
})

test('a source that fails refuses its write with the very error, and nothing is left', async (t) => {
  const { logs, blobs, check } = await openConnected(t)
  const broken = new Error('The client has gone.')
  async function* source() {
    yield bytesOf(3 * MIB)
    throw broken
  }
  assert.equal(await logs.put('key', source()).catch((error) => error), broken)
  await assert.rejects(logs.head('key'), { code: 'NoSuchKey' })
  assert.equal(await blobs(), 0)
  await check()
})

test('a write that is stopped by its signal is not made, and its source is closed', async (t) => {
  const { logs, blobs, check } = await openConnected(t)
  const controller = new AbortController()
  const { promise, resolve } = deferred()
  let closed = false
  async function* source() {
    try {
      yield* silent({ said: resolve })
    } finally {
      closed = true
    }
  }
  const iterator = source()
  const put = logs.put(
    'key',
    {
      [Symbol.asyncIterator]: () => ({
        next: () => iterator.next(),
        async return() {
          closed = true
          return { done: true, value: undefined }
        },
      }),
    },
    { signal: controller.signal },
  )
  await promise
  controller.abort()
  await assert.rejects(put, { name: 'AbortError' })
  assert.ok(closed)
  await assert.rejects(logs.head('key'), { code: 'NoSuchKey' })
  assert.equal(await blobs(), 0)
  await check()
})

test('what was stopped before it began is not begun', async (t) => {
  const { logs } = await openConnected(t)
  const reason = new Error('Too late.')
  const signal = AbortSignal.abort(reason)
  assert.equal(await logs.put('key', bytesOf(8), { signal }).catch((error) => error), reason)
  assert.equal(
    await logs
      .list({ signal })
      .page()
      .catch((error) => error),
    reason,
  )
})

test('a reader that leaves lets go of the bytes', async (t) => {
  const { logs, engine, blobs } = await openConnected(t)
  await logs.put('key', bytesOf(8 * MIB))
  const untouched = await logs.get('key')
  for (const bucket of [logs, engine.bucket('logs')]) await (await bucket.get('key')).chunks().return()
  const left = await logs.get('key')
  for await (const _ of left.chunks()) break
  const stopped = new AbortController()
  const cut = (await logs.get('key', { signal: stopped.signal })).chunks()
  await cut.next()
  await logs.delete('key')
  await untouched.close()
  stopped.abort(new Error('gone'))
  await assert.rejects(all(cut))
  for (let n = 0; n < 50; n++) await turn()
  await engine.reclaim()
  assert.equal(await blobs(), 0)
})

test('damage in the middle of a body ends it with that error', async (t) => {
  const { logs } = await openConnected(t, (blobs) => ({
    async *read(...about) {
      let count = 0
      for await (const chunk of blobs.read(...about)) {
        if (++count === 3) throw new EngineError('CorruptBlob', 'Blob 7 is damaged.', { blobId: 7 })
        yield chunk
      }
    },
  }))
  await logs.put('key', bytesOf(4 * MIB))
  await using object = await logs.get('key')
  let seen = 0
  await assert.rejects(
    async () => {
      for await (const chunk of object.chunks()) seen += chunk.byteLength
    },
    (error) => isEngineError(error, 'CorruptBlob') && error.details.blobId === 7,
  )
  assert.ok(seen > 0 && seen < 4 * MIB)
})

test('closed, it refuses all; with the engine closed, the engine does', async (t) => {
  const { connected, engine, service, logs } = await openConnected(t)
  const running = logs.put('key', bytesOf(MIB))
  await connected.close()
  await running
  await service.close()
  assert.throws(
    () => connected.identities.reserve('x') ?? assert.fail(),
    () => true,
  )
  await assert.rejects(logs.head('key'), { code: 'EngineClosed' })
  await assert.rejects(async () => connected.health(), { code: 'EngineClosed' })
  assert.equal((await engine.bucket('logs').head('key')).sizeBytes, MIB)
})

test('an engine that is closed says so through the port', async (t) => {
  const { logs, engine } = await openConnected(t)
  await engine.close()
  await assert.rejects(logs.head('key'), { code: 'EngineClosed' })
})

test('when the service closes, what is under way rejects', async (t) => {
  const { logs, service, engine, blobs } = await openConnected(t)
  const { promise, resolve } = deferred()
  const put = logs.put('key', silent({ said: resolve }))
  await promise
  await Promise.all([assert.rejects(put, { code: 'EngineClosed' }), service.close()])
  await assert.rejects(engine.bucket('logs').head('key'), { code: 'NoSuchKey' })
  assert.equal(await blobs(), 0)
})

test('a thread that dies leaves nothing open: no half of a write, no reader', async (t) => {
  const { engine, blobs, check } = await openConnected(t)
  await engine.bucket('logs').put('read', bytesOf(8 * MIB))
  const { port1, port2 } = new MessageChannel()
  const service = serveEngine(engine, port1)
  const worker = new Worker(new URL('./dies.workload.js', import.meta.url), {
    workerData: port2,
    transferList: [port2],
  })
  assert.deepEqual(await once(worker, 'message'), ['in the middle of all'])
  await worker.terminate()
  await service.closed
  await assert.rejects(engine.bucket('logs').head('written'), { code: 'NoSuchKey' })
  await engine.bucket('logs').delete('read')
  await engine.reclaim()
  assert.equal(await blobs(), 0)
  await check()
})

function deferred() {
  let resolve = (): void => {}
  const promise = new Promise<void>((keep) => {
    resolve = keep
  })
  return { promise, resolve }
}
