import assert from 'node:assert/strict'
import test from 'node:test'
import {
  type Bucket,
  connectBucket,
  Engine,
  type EngineOptions,
  isEngineError,
  ReplicationError,
  type ReplicationTarget,
} from '@aquifer/engine'
import { assertInvariants, seededRandom } from '@aquifer/engine/testing'
import { everything, isSettled, keptStores, remote, sealingKey, until } from './open-replicating.js'

/** A whole number below so much. */
type Random = (below: number) => number

/** A target that loses calls and answers. */
function unreliable(target: ReplicationTarget, random: Random, state: { fails: boolean }): ReplicationTarget {
  const maybeFail = (): void => {
    if (!state.fails) return
    const dice = random(100)
    if (dice < 8) throw new ReplicationError('Refused', 'It was refused.')
    if (dice < 12) throw new ReplicationError('Unreachable', 'It was lost.')
  }
  const around = <A extends unknown[], T>(ask: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      maybeFail()
      const answer = await ask(...args)
      maybeFail()
      return answer
    }
  }
  return {
    probe: (...args) => target.probe(...args),
    put: around((...args) => target.put(...args)),
    merge: around((...args) => target.merge(...args)),
    putDeleteMarker: around((...args) => target.putDeleteMarker(...args)),
    remove: around((...args) => target.remove(...args)),
  }
}

const sides = ['http://left', 'http://right'] as const

/** Whichever engine is open there when it is asked. */
function nowAt(engines: ReadonlyMap<string, Engine>, endpoint: string, bucket: string): ReplicationTarget {
  const now = () => connectBucket(engines.get(endpoint)!, bucket)
  return {
    probe: (...args) => now().probe(...args),
    put: (...args) => now().put(...args),
    merge: (...args) => now().merge(...args),
    putDeleteMarker: (...args) => now().putDeleteMarker(...args),
    remove: (...args) => now().remove(...args),
  }
}

/** Two engines, each of which carries over to the other. */
async function openBoth(random: Random, state: { fails: boolean }) {
  const engines = new Map<string, Engine>()
  const stores = await Promise.all(sides.map(() => keptStores()))
  const options = (at: number): EngineOptions => ({
    stores: stores[at]!,
    sealingKey,
    connectReplicationTarget: ({ endpoint, bucket }) =>
      unreliable(nowAt(engines, endpoint, bucket), random, state),
  })
  for (const [at, side] of sides.entries()) {
    const engine = await Engine.open(options(at))
    engines.set(side, engine)
    await engine.createBucket('both')
    await engine.bucket('both').setConfiguration('versioning', 'enabled')
    await engine.bucket('both').setConfiguration('objectLock', {})
  }
  for (const [at, side] of sides.entries()) {
    const engine = engines.get(side)!
    const { arn } = await engine.replication.addTarget('both', {
      ...remote,
      endpoint: sides[1 - at]!,
      bucket: 'both',
    })
    await engine.bucket('both').setConfiguration('replication', { rules: [everything(arn)] })
  }
  /** One side is closed in the midst of things, and opened again. */
  const reopen = async (at: number): Promise<void> => {
    await engines.get(sides[at]!)!.close({ signal: AbortSignal.abort() })
    engines.set(sides[at]!, await Engine.open(options(at)))
  }
  return { engine: (at: number) => engines.get(sides[at]!)!, reopen, stores }
}

const keys = ['a', 'b', 'c/d', 'c/e']

async function act(bucket: Bucket, random: Random, log: string[]): Promise<void> {
  const key = keys[random(keys.length)]!
  const versions: string[] = []
  for await (const entry of bucket.listVersions({ prefix: key }))
    if (entry.type === 'version' && entry.info.key === key && !entry.info.isDeleteMarker)
      versions.push(entry.info.versionId)
  const versionId = versions[random(Math.max(1, versions.length))]
  const dice = random(10)
  log.push(`${dice} ${key} ${versionId}`)
  if (dice < 4 || versionId === undefined) {
    const tags: Record<string, string> = random(2) === 0 ? { at: `${random(10)}` } : {}
    await bucket.put(key, Buffer.from(`${random(1_000)}`), { tags, metadata: { n: `${random(10)}` } })
  } else if (dice === 4) await bucket.delete(key)
  else if (dice === 5) await bucket.delete(key, { versionId })
  else if (dice < 8) await bucket.setTags(key, { at: `${random(10)}`, by: 'hand' }, { versionId })
  else if (dice === 8) await bucket.setLegalHold(key, random(2) === 0, { versionId })
  else {
    const retainUntil = new Date(Date.now() + 60_000 + random(60_000))
    await bucket.setRetention(key, { mode: 'governance', retainUntil }, { versionId, bypassGovernance: true })
  }
}

/** Every version with all that is said of it. */
async function walk(bucket: Bucket): Promise<string[]> {
  const all: string[] = []
  for await (const entry of bucket.listVersions()) {
    if (entry.type !== 'version') continue
    const { key, versionId, isDeleteMarker, isLatest, etag, sizeBytes, lastModified, metadata } = entry.info
    const facts = { key, versionId, isDeleteMarker, isLatest, etag, sizeBytes, lastModified, metadata }
    const { retention, legalHold = false } = entry.info
    const tags = isDeleteMarker ? undefined : Object.entries(await bucket.getTags(key, { versionId })).sort()
    all.push(JSON.stringify({ ...facts, retention, legalHold, tags }))
  }
  return all
}

for (let round = 0; round < 3; round++)
  test(`two stores that carry over to each other become the same, whatever is done to both (${round})`, async () => {
    const seed = Number(process.env.AQUIFER_SEED ?? Math.floor(Math.random() * 2 ** 31))
    const fraction = seededRandom(seed)
    const random: Random = (below) => Math.floor(fraction() * below)
    const state = { fails: true }
    const { engine, reopen, stores } = await openBoth(random, state)
    const log: string[] = []
    await Promise.all(
      [0, 1].map(async (at) => {
        for (let n = 0; n < 120; n++)
          try {
            if (random(60) === 0) await reopen(at)
            await act(engine(at).bucket('both'), random, log)
          } catch (error) {
            // Locked, or gone since it was chosen.
            if (!isEngineError(error)) throw error
          }
      }),
    )
    state.fails = false
    await until(async () => (await Promise.all([0, 1].map((at) => isSettled(engine(at))))).every(Boolean))
    const [left, right] = await Promise.all([0, 1].map((at) => walk(engine(at).bucket('both'))))
    assert.deepEqual(left, right, `seed ${seed}`)
    assert.ok(left!.length > 0)
    await Promise.all([0, 1].map((at) => engine(at).close()))
    for (const each of stores) await assertInvariants(each)
  })

test('a bucket is not its own target', async () => {
  let self: Engine | undefined
  self = await Engine.open({
    sealingKey,
    connectReplicationTarget: ({ bucket }) => connectBucket(self!, bucket),
  })
  await using engine = self
  for (const name of ['one', 'other']) {
    await engine.createBucket(name)
    await engine.bucket(name).setConfiguration('versioning', 'enabled')
  }
  const add = (bucket: string) => engine.replication.addTarget('one', { ...remote, bucket })
  await assert.rejects(
    add('one'),
    (error) => isEngineError(error, 'ReplicationTargetRefused') && error.details.reason === 'SameBucket',
  )
  const { arn } = await add('other')
  await engine.bucket('one').setConfiguration('replication', { rules: [everything(arn)] })
  await engine.bucket('one').put('a', Buffer.from('1'))
  await until(async () => (await walk(engine.bucket('other'))).length === 1)
  assert.deepEqual(await walk(engine.bucket('other')), await walk(engine.bucket('one')))
})
