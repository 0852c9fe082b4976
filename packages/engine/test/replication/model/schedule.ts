import assert from 'node:assert/strict'
import type { Bucket, Engine } from '@aquifer/engine'
import { assertInvariants, seededRandom } from '@aquifer/engine/testing'
import { everything, remote } from '../open-replicating.js'
import { doSomething, History } from './deeds.js'
import { BUCKET, endpointOf, SimulatedServer, type Traits, type World } from './simulated-server.js'
import { type Random, SimulatedTime } from './simulated-time.js'

export interface Seen {
  readonly kills: number
  readonly steps: number
  readonly versions: number
}

/** Everything has come to rest long before, unless it never does. */
const SETTLED_WITHIN_MS = 60 * 60_000

/**
 * Engines that name each other as targets, what users do to all of them, kills and ways that are closed: then all are the same.
 *
 * @param fixed What is not for the seed to decide, where something is looked for.
 * @throws Error with the seed, and with all that was done and called by then.
 */
export async function runSchedule(seed: number, fixed: Partial<Traits> = {}): Promise<Seen> {
  const random = seededRandom(seed)
  const time = new SimulatedTime(random)
  const log: string[] = []
  const traits = { ...traitsOf(random), ...fixed }
  const tell = (at: number | string, what: string) => {
    log.push(`${time.nowMs.toFixed(1).padStart(9)} ${at} ${what}`)
  }
  const world: World = { traits, time, random, servers: [], closed: new Set(), isHostile: false, tell }
  try {
    return await time.run(async () => {
      await openAll(world)
      const history = new History()
      world.isHostile = true
      const kills = await live(world, history)
      world.isHostile = false
      world.closed.clear()
      tell('-', 'all ways are open')
      await Promise.all(world.servers.map(openAgain))
      await settle(world)
      const versions = await compare(world, history)
      for (const server of world.servers) server.kill()
      await time.sleep(10_000)
      for (const { stores } of world.servers) await assertInvariants(stores)
      return { kills, versions, steps: time.steps }
    })
  } catch (error) {
    throw new Error(
      `seed ${seed}, ${JSON.stringify(traits)}: ${(error as Error).message}\n${log.join('\n')}`,
      {
        cause: error,
      },
    )
  }
}

function traitsOf(random: Random): Traits {
  const below = (count: number) => Math.floor(random() * count)
  return {
    servers: 2 + below(2),
    hasBackup: false,
    isSkewed: random() < 0.5,
    holds: random() < 0.7,
    retentions: (['none', 'long', 'short'] as const)[below(3)]!,
    keys: 1 + below(3),
    deeds: 3 + below(10),
    killsMax: below(4),
    cutsMax: below(3),
  }
}

async function openAll(world: World): Promise<void> {
  for (let index = 0; index < world.traits.servers; index++) {
    const server = await SimulatedServer.make(world, index)
    if (world.traits.isSkewed) server.skewMs = Math.floor((world.random() - 0.5) * 10_000)
    world.servers.push(server)
    await server.open()
    await server.engine.createBucket(BUCKET)
    await server.bucket.setConfiguration('versioning', 'enabled')
    await server.bucket.setConfiguration('objectLock', {})
  }
  for (const { engine, bucket, index } of withUsers(world)) {
    const rules = []
    for (const other of world.servers) {
      if (other.index === index) continue
      const target = { ...remote, endpoint: endpointOf(other.index), bucket: BUCKET }
      const { arn } = await engine.replication.addTarget(BUCKET, target)
      rules.push({ ...everything(arn), priority: rules.length + 1 })
    }
    await bucket.setConfiguration('replication', { rules })
  }
}

const withUsers = ({ servers, traits }: World): SimulatedServer[] =>
  traits.hasBackup ? servers.slice(0, -1) : servers

async function live(world: World, history: History): Promise<number> {
  const { time, random, servers, closed, traits, tell } = world
  const keys = ['a', 'b', 'c'].slice(0, traits.keys)
  const isHasty = random() < 0.5
  const between = () => random() * (random() < (isHasty ? 0.95 : 0.7) ? 60 : 3_000)
  let isOver = false
  let kills = 0
  const users = withUsers(world).map(async (server) => {
    for (let deed = 0; deed < traits.deeds; deed++) {
      await time.sleep(between())
      while (!server.isUp) await time.sleep(10)
      await doSomething({ world, server, keys, history, tell: (what) => tell(server.index, what) })
    }
  })
  const killers = servers.map(async (server) => {
    const killsEach = Math.floor(random() * (1 + traits.killsMax))
    for (let kill = 0; kill < killsEach && !isOver; kill++) {
      await time.sleep(between() * 3)
      server.kill()
      kills++
      tell(server.index, 'is killed')
      await time.sleep(random() * (random() < 0.8 ? 20 : 2_000))
      if (traits.isSkewed && random() < 0.1) server.skewMs += Math.floor((random() - 0.5) * 4_000)
      if (random() < 0.1) {
        const opening = server.open()
        await time.sleep(random() * 20)
        server.kill()
        kills++
        tell(server.index, 'is killed while it opens')
        await opening
      }
      await openAgain(server)
      tell(server.index, 'is open')
    }
  })
  const cutters = servers.flatMap((from) =>
    servers.map(async (to) => {
      const way = `${from.index}>${to.index}`
      const cuts = from === to ? 0 : Math.floor(random() * (1 + traits.cutsMax))
      for (let cut = 0; cut < cuts && !isOver; cut++) {
        await time.sleep(between() * 2)
        closed.add(way)
        tell('-', `${way} is closed`)
        await time.sleep(random() * (random() < 0.7 ? 300 : 5_000))
        closed.delete(way)
        tell('-', `${way} is open`)
      }
    }),
  )
  await Promise.all(users)
  isOver = true
  await Promise.all([...killers, ...cutters])
  return kills
}

async function openAgain(server: SimulatedServer): Promise<void> {
  while (!server.isUp) await server.open()
}

async function settle({ time, servers }: World): Promise<void> {
  const sinceMs = time.nowMs
  const isSettled = async (engine: Engine) =>
    (await engine.replication.status()).every(({ waiting }) => waiting === 0)
  for (;;) {
    const settled = await Promise.all(servers.map(({ engine }) => isSettled(engine)))
    if (settled.every(Boolean)) break
    if (time.nowMs - sinceMs > SETTLED_WITHIN_MS) {
      const status = await Promise.all(servers.map(({ engine }) => engine.replication.status()))
      const waiting = status
        .flat()
        .map(({ waiting, failures, lastError }) => ({ waiting, failures, lastError }))
      assert.fail(`it does not come to rest: ${JSON.stringify(waiting)}`)
    }
    await time.sleep(50)
  }
}

async function compare({ servers }: World, history: History): Promise<number> {
  for (const { engine, index } of servers)
    for (const { failures } of await engine.replication.status())
      assert.equal(failures, 0, `versions that were given up by ${index}`)
  const walks = await Promise.all(servers.map(({ bucket }) => walk(bucket)))
  const [first, ...others] = walks.map((walked) => [...walked.values()].map(({ text }) => text))
  for (const [at, other] of others.entries())
    assert.deepEqual(other, first, `the versions of ${at + 1} against those of 0`)
  const nowMs = Math.max(...servers.map(({ engine }) => engine.lockTime().now.getTime()))
  for (const [name, past] of history.versions) {
    const found = walks[0]!.get(name)
    if (past.isAcknowledged && past.removals === 0) assert.ok(found, `${name} is lost`)
    if (past.removalsAcknowledged > 0 && past.locks === 0)
      assert.ok(!found, `${name} was removed, and is there`)
    if (past.isHeldFor && past.holdsOff === 0)
      assert.equal(found?.legalHold, true, `the hold of ${name} is lost`)
    if (past.complianceUntilMs > nowMs)
      assert.ok((found?.complianceUntilMs ?? 0) >= past.complianceUntilMs, `${name} is under compliance`)
    const [said, ...more] = past.tags
    // A version that a lock brings back has the tags that it had where the lock was.
    if (found && past.removals === 0 && said?.isAcknowledged && more.length === 0)
      assert.equal(found.tags, said.said, `the tags of ${name}`)
  }
  return first!.length
}

interface Walked {
  readonly text: string
  readonly legalHold: boolean
  readonly complianceUntilMs: number
  readonly tags: string
}

/** Every version with all that is said of it. */
async function walk(bucket: Bucket): Promise<Map<string, Walked>> {
  const all = new Map<string, Walked>()
  for await (const entry of bucket.listVersions()) {
    if (entry.type !== 'version') continue
    const { key, versionId, isDeleteMarker, isLatest, etag, sizeBytes, lastModified, metadata } = entry.info
    const facts = { key, versionId, isDeleteMarker, isLatest, etag, sizeBytes, lastModified, metadata }
    const { retention, legalHold = false } = entry.info
    const tags = isDeleteMarker ? [] : Object.entries(await bucket.getTags(key, { versionId })).sort()
    all.set(`${key} ${versionId}`, {
      text: JSON.stringify({ ...facts, retention, legalHold, tags }),
      legalHold,
      complianceUntilMs: retention?.mode === 'compliance' ? retention.retainUntil.getTime() : 0,
      tags: JSON.stringify(tags),
    })
  }
  return all
}
