/**
 * Two servers, each of which carries its bucket over to the other's, are killed again and again while eight clients write, change and
 * remove the same versions in both: in the end both have the same, and all that was acknowledged.
 *
 * `AQUIFER_REPLICATION_SECONDS`: for how long they write; a few seconds by default, three minutes in the checks, an hour once.
 * `AQUIFER_SEED` decides what is asked and when they die.
 */
import assert from 'node:assert/strict'
import test from 'node:test'
import { seededRandom } from '@aquifer/engine/testing'
import { sizeFrom, tellFigures } from '../../../engine/dist-test/crash/figures.js'
import { Mortal } from '../mortal-server.js'
import { differences, look, unfinished } from './compare-sides.js'
import { HttpSide } from './http-side.js'
import { Journey } from './journey.js'
import { connectBothWays, statusOf } from './replicating.js'
import { Traffic } from './traffic.js'

const CLIENTS = 8
/** Of each client, so that what it asks is neither all at once nor so fast that nothing is carried over meanwhile. */
const PAUSE_MS_MAX = 80
const BUCKET = 'shared'
const seconds = sizeFrom('AQUIFER_REPLICATION_SECONDS', 6)
const seed = sizeFrom('AQUIFER_SEED', Date.now() % 1_000_000)
/** How long what waits at the end may take. */
const DRAIN_MS_MAX = 120_000 + seconds * 100

test(`two servers that replicate to each other and are killed for ${seconds} s come to hold the same (seed ${seed})`, async (t) => {
  console.error(`seed ${seed}`)
  const random = seededRandom(seed)
  const words = ['--allow-calls-to', '127.0.0.1']
  const servers = [await Mortal.start(t, words), await Mortal.start(t, words)] as const
  const sides = servers.map((server, at) => new HttpSide('AB'[at]!, server, BUCKET))
  for (const side of sides) await side.createBucket()
  await connectBothWays(t, servers, BUCKET)
  const traffic = new Traffic(seededRandom(seed + 1), {
    keys: 40,
    versions: 1_500,
    smallBytesMax: 300 * 1_024,
    largeBytes: 40 * 2 ** 20,
  })
  const journey = new Journey(seconds)
  const write = async (client: number): Promise<void> => {
    const pace = seededRandom(seed + 100 + client)
    while (!journey.isOver) {
      await traffic.step(sides[client % 2]!)
      await sleep(pace() * PAUSE_MS_MAX)
    }
  }
  const strike = async (server: Mortal): Promise<void> => {
    // The first in any case, however short it is; then at any moment, now and then for longer.
    await journey.sleep(random() * Math.min(20_000, seconds * 500))
    while (!journey.isOver) {
      await server.kill({ downMs: random() < 0.15 ? random() * 8_000 : random() * 600 })
      await journey.sleep(random() * Math.min(20_000, seconds * 400))
    }
  }
  await journey.all([
    ...Array.from({ length: CLIENTS }, (_, client) => write(client)),
    ...servers.map(strike),
    journey.show(() => `${traffic.ledger.counts.acknowledged} acknowledged, ${deathsOf(servers)} kills`),
  ])
  const drainMs = await drain(servers)
  const atMs = Date.now()
  const [one, other] = [await look(sides[0]!), await look(sides[1]!)]
  tellFigures('replication both ways', {
    seconds,
    seed,
    ...traffic.ledger.counts,
    kills: deathsOf(servers),
    versions: one.versions.size,
    'drained in ms': drainMs,
  })
  assert.deepEqual(differences(one, other), [])
  assert.deepEqual(unfinished(one, other), [])
  assert.deepEqual(traffic.ledger.findViolations(one.versions, atMs), [])
  assert.ok(deathsOf(servers) >= 2)
})

/** Until nothing waits in either, as both say one after the other. */
async function drain(servers: readonly Mortal[]): Promise<number> {
  const began = Date.now()
  for (let calm = 0; calm < 2; ) {
    const targets = (await Promise.all(servers.map(statusOf))).flat()
    calm = targets.every(({ waiting, failures }) => waiting + failures === 0) ? calm + 1 : 0
    assert.ok(Date.now() - began < DRAIN_MS_MAX, `not carried over: ${JSON.stringify(targets, null, 2)}`)
    await sleep(200)
  }
  return Date.now() - began
}

const deathsOf = (servers: readonly Mortal[]): number => servers.reduce((sum, { deaths }) => sum + deaths, 0)
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
