import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import {
  Engine,
  type EngineEvent,
  type EventTarget,
  type EventTargetOptions,
  isEngineError,
} from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { assertInvariants } from '@aquifer/engine/testing'

const code = (expected: string) => (error: unknown) => isEngineError(error) && error.code === expected
// The engine's own timers keep no process alive.
const alive = setInterval(() => {}, 1_000)
after(() => clearInterval(alive))

const HOOK = 'arn:minio:sqs::hook:webhook'
const OTHER = 'arn:minio:sqs::other:nats'
const all = (arn: string) => ({ arn, names: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] })

/** A target that keeps what it gets, and refuses what it is told to. */
class Inbox implements EventTarget {
  readonly got: EngineEvent[] = []
  tries = 0
  refuses: (event: EngineEvent) => boolean = () => false
  #waiting: { count: number; resolve: () => void } | undefined

  async deliver(event: EngineEvent): Promise<void> {
    if (event.name === 's3:TestEvent') return
    this.tries++
    if (this.refuses(event)) throw new Error(`no ${event.key}`)
    this.got.push(event)
    if (this.#waiting !== undefined && this.got.length >= this.#waiting.count) this.#waiting.resolve()
  }

  /** Resolves when so many have come. */
  async holds(count: number): Promise<void> {
    if (this.got.length < count)
      await new Promise<void>((resolve) => {
        this.#waiting = { count, resolve }
      })
    assert.equal(this.got.length, count)
  }

  get keys(): string[] {
    return this.got.map(({ key }) => key)
  }
}

async function open(
  eventTargets: readonly EventTargetOptions[],
  stores?: { kv: MemoryKvStore; blobs: MemoryBlobStore },
) {
  const engine = await Engine.open({ ...(stores && { stores }), eventTargets })
  return engine
}

async function kept() {
  const stores = { kv: MemoryKvStore.open(), blobs: await MemoryBlobStore.open() }
  stores.kv.close = async () => {}
  stores.blobs.close = async () => {}
  return stores
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate)
}

test('events go to the targets that the rules of their bucket name, and to no other', async () => {
  const hook = new Inbox()
  const other = new Inbox()
  await using engine = await open([
    { arn: HOOK, target: hook },
    { arn: OTHER, target: other },
  ])
  for (const name of ['logs', 'quiet']) await engine.createBucket(name)
  const rules = [
    { ...all(HOOK), prefix: 'in/' },
    { arn: 'arn:minio:sqs:us-east-1:other:nats', names: ['s3:ObjectRemoved:Delete'], suffix: '.gz' },
  ]
  await engine.bucket('logs').setConfiguration('notification', { rules })
  for (const bucket of [engine.bucket('quiet'), engine.bucket('logs')])
    for (const key of ['in/a', 'b.gz', 'in/c.gz']) {
      await bucket.put(key, Buffer.from('x'))
      await bucket.delete(key)
    }
  await hook.holds(4)
  await other.holds(2)
  assert.deepEqual(hook.keys.sort(), ['in/a', 'in/a', 'in/c.gz', 'in/c.gz'])
  assert.deepEqual(other.keys.sort(), ['b.gz', 'in/c.gz'])
  assert.deepEqual((await engine.bucket('logs').getConfiguration('notification'))?.rules[1], {
    ...rules[1],
    arn: OTHER,
  })
  await until(async () => (await engine.events.status()).every(({ waiting }) => waiting === 0))
})

test('a configuration holds from the next write on, and its end too, also after a restart', async () => {
  const stores = await kept()
  const hook = new Inbox()
  {
    await using engine = await open([{ arn: HOOK, target: hook }], stores)
    await engine.createBucket('logs')
    await engine.bucket('logs').put('before', Buffer.from('x'))
    await engine.bucket('logs').setConfiguration('notification', { rules: [all(HOOK)] })
    await engine.bucket('logs').put('with', Buffer.from('x'))
  }
  await assertInvariants(stores)
  await using engine = await open([{ arn: HOOK, target: hook }], stores)
  await engine.bucket('logs').put('again', Buffer.from('x'))
  await engine.bucket('logs').setConfiguration('notification', undefined)
  await engine.bucket('logs').put('after', Buffer.from('x'))
  await hook.holds(2)
  assert.deepEqual(hook.keys, ['with', 'again'])
  await assertInvariants(stores)
})

test('a target must be known and take a test event before it is configured', async () => {
  const names: string[] = []
  const target: EventTarget = {
    deliver: async ({ name, bucket }) => {
      names.push(`${name} ${bucket}`)
      if (names.length > 1) throw new Error('connection refused')
    },
  }
  await using engine = await open([{ arn: HOOK, target }])
  await engine.createBucket('logs')
  const set = (arn: string, options = {}) =>
    engine.bucket('logs').setConfiguration('notification', { rules: [all(arn)] }, options)
  await assert.rejects(set(OTHER), code('InvalidArgument'))
  await assert.rejects(set('arn:aws:sqs:us-east-1:1:queue'), code('InvalidArgument'))
  assert.equal(await engine.bucket('logs').getConfiguration('notification'), undefined)
  await set(HOOK)
  await assert.rejects(set(HOOK), /connection refused/)
  await set(HOOK, { skipDestinationValidation: true })
  assert.deepEqual(names, ['s3:TestEvent logs', 's3:TestEvent logs'])
})

test('what a target refuses is tried again, in order for its key, while other keys go on', async () => {
  const hook = new Inbox()
  let refusals = 3
  hook.refuses = ({ key }) => key === 'bad' && refusals-- > 0
  await using engine = await open([{ arn: HOOK, target: hook, retryDelayMs: 1 }])
  await engine.createBucket('logs')
  const logs = engine.bucket('logs')
  await logs.setConfiguration('notification', { rules: [all(HOOK)] })
  for (const key of ['bad', 'a', 'bad', 'b', 'bad']) await logs.put(key, Buffer.from('x'))
  await hook.holds(5)
  assert.deepEqual(
    hook.keys.filter((key) => key !== 'bad'),
    ['a', 'b'],
  )
  const sequencers = hook.got.filter(({ key }) => key === 'bad').map(({ sequencer }) => sequencer)
  assert.deepEqual(sequencers, [...sequencers].sort())
  assert.equal(new Set(sequencers).size, 3)
})

test('a target that is down keeps its backlog and nobody else waiting; when it is back it gets all, in order', async () => {
  const stores = await kept()
  const down = new Inbox()
  const well = new Inbox()
  down.refuses = () => true
  const targets = [
    { arn: HOOK, target: down, retryDelayMs: 1, attemptsMax: 1e6 },
    { arn: OTHER, target: well },
  ]
  const keys = Array.from({ length: 300 }, (_, at) => `${at % 40}`)
  {
    await using engine = await open(targets, stores)
    await engine.createBucket('logs')
    await engine.bucket('logs').setConfiguration('notification', { rules: [all(HOOK), all(OTHER)] })
    for (const key of keys) await engine.bucket('logs').put(key, Buffer.from('x'))
    await well.holds(keys.length)
    await until(() => down.tries > 20)
    const [hook] = await engine.events.status()
    assert.equal(hook!.waiting, keys.length)
    assert.match(hook!.lastError!.message, /^no /)
  }
  await assertInvariants(stores)
  down.refuses = () => false
  await using engine = await open(targets, stores)
  await down.holds(keys.length)
  for (const key of new Set(keys)) {
    const sequencers = down.got.filter((event) => event.key === key).map(({ sequencer }) => sequencer)
    assert.deepEqual(sequencers, [...sequencers].sort())
  }
  await until(async () => (await engine.events.status()).every(({ waiting }) => waiting === 0))
})

test('a target that comes back gets its events without a restart', async () => {
  const hook = new Inbox()
  hook.refuses = () => true
  await using engine = await open([{ arn: HOOK, target: hook, retryDelayMs: 1, concurrency: 2 }])
  await engine.createBucket('logs')
  await engine.bucket('logs').setConfiguration('notification', { rules: [all(HOOK)] })
  for (let at = 0; at < 50; at++) await engine.bucket('logs').put(`${at}`, Buffer.from('x'))
  await until(() => hook.tries > 6)
  hook.refuses = () => false
  await hook.holds(50)
  assert.equal(new Set(hook.keys).size, 50)
})

test('a target that never answers is given up on after its time, and holds up nobody', async () => {
  const well = new Inbox()
  const stuck: EventTarget = {
    deliver: ({ name }) => (name === 's3:TestEvent' ? Promise.resolve() : new Promise(() => {})),
  }
  await using engine = await open([
    { arn: HOOK, target: stuck, timeoutMs: 5, retryDelayMs: 1, attemptsMax: 2 },
    { arn: OTHER, target: well },
  ])
  await engine.createBucket('logs')
  await engine.bucket('logs').setConfiguration('notification', { rules: [all(HOOK), all(OTHER)] })
  await engine.bucket('logs').put('a', Buffer.from('x'))
  await well.holds(1)
  await until(async () => (await engine.events.status())[0]!.deadLetters === 1)
})

test('what fails too often is a dead letter, which is listed, kept over a restart, and driven again', async () => {
  const stores = await kept()
  const hook = new Inbox()
  hook.refuses = ({ key }) => key === 'bad'
  const targets = [{ arn: HOOK, target: hook, retryDelayMs: 1, attemptsMax: 3 }]
  let sequencer = ''
  {
    await using engine = await open(targets, stores)
    await engine.createBucket('logs')
    await engine.bucket('logs').setConfiguration('notification', { rules: [all(HOOK)] })
    await engine.bucket('logs').put('bad', Buffer.from('x'))
    await engine.bucket('logs').put('good', Buffer.from('x'))
    await until(async () => (await engine.events.status())[0]!.deadLetters === 1)
    await hook.holds(1)
    const [letter] = await collect(engine.events.deadLetters())
    sequencer = letter!.event.sequencer
    assert.deepEqual(
      { ...letter, event: letter!.event.key },
      { target: HOOK, id: letter!.id, event: 'bad', attempts: 3, error: 'no bad' },
    )
  }
  await assertInvariants(stores)
  await using engine = await open(targets, stores)
  assert.equal((await engine.events.status())[0]!.deadLetters, 1)
  assert.equal(await engine.events.redrive({ target: OTHER }), 0)
  assert.equal(await engine.events.redrive({ target: HOOK, id: '999' }), 0)
  hook.refuses = () => false
  const [letter] = await collect(engine.events.deadLetters({ target: HOOK }))
  assert.equal(await engine.events.redrive({ target: HOOK, id: letter!.id }), 1)
  await hook.holds(2)
  assert.equal(hook.got[1]!.sequencer, sequencer)
  assert.equal((await engine.events.status())[0]!.deadLetters, 0)
})

test('a full backlog refuses writes, or drops their events and says so; a target that is gone never refuses', async () => {
  const stores = await kept()
  const down = new Inbox()
  down.refuses = () => true
  const bounds = { target: down, backlogMax: 2, retryDelayMs: 60_000 }
  {
    await using engine = await open(
      [
        { arn: HOOK, ...bounds },
        { arn: OTHER, ...bounds, whenFull: 'drop' },
      ],
      stores,
    )
    await engine.createBucket('strict')
    await engine.createBucket('lax')
    await engine.bucket('strict').setConfiguration('notification', { rules: [all(HOOK)] })
    await engine.bucket('lax').setConfiguration('notification', { rules: [all(OTHER)] })
    for (const key of ['a', 'b']) await engine.bucket('strict').put(key, Buffer.from('x'))
    await assert.rejects(engine.bucket('strict').put('c', Buffer.from('x')), code('EventBacklogFull'))
    await assert.rejects(engine.bucket('strict').head('c'), code('NoSuchKey'))
    for (let at = 0; at < 1_100; at++) await engine.bucket('lax').put(`${at}`, Buffer.from('x'))
    const [hook, other] = await engine.events.status()
    assert.deepEqual([hook!.waiting, hook!.gaps], [2, []])
    assert.deepEqual([other!.waiting, other!.gaps.map(({ count }) => count)], [2, [1_098]])
  }
  await assertInvariants(stores)
  await using engine = await open([{ arn: OTHER, ...bounds, whenFull: 'drop' }], stores)
  await engine.bucket('strict').put('c', Buffer.from('x'))
  const [hook, other] = await engine.events.status()
  assert.deepEqual([hook!.isConfigured, hook!.waiting], [false, 3])
  assert.deepEqual(
    other!.gaps.map(({ count }) => count),
    [1_098],
  )
  const { rows } = await stores.kv.scan({ from: Buffer.from('qg'), to: Buffer.from('qh'), limit: 2_000 })
  assert.ok(rows.length < 200, `${rows.length} rows tell of one gap`)
})

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
