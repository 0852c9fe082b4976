/**
 * The power goes in the midst of many writers whose mutations are told of: afterwards each acknowledged mutation has one event,
 * each event a mutation that was begun, and those of a key are in order. `AQUIFER_EVENT_CUTS`: 150 by default. `AQUIFER_SEED`: the first.
 */
import assert from 'node:assert/strict'
import test from 'node:test'
import { type Engine, type EngineEvent, isEngineError } from '@aquifer/engine'
import {
  assertInvariants,
  HostileIndex,
  killed,
  powerCut,
  SimulatedDisk,
  seededRandom,
} from '@aquifer/engine/testing'
import { sizeFrom, tellFigures } from './figures.js'
import { type Machine, openSimulatedEngine, openSimulatedStores } from './simulated-engine.js'

const cuts = sizeFrom('AQUIFER_EVENT_CUTS', 150)
const firstSeed = sizeFrom('AQUIFER_SEED', 1)
const KEYS = 6
const subscription = { subscriber: 'follower', whenFull: 'block', backlogMax: 1_000_000 } as const

/** By what its event tells: a put by its number, a delete by that of the put before it. */
interface Mutations {
  readonly begun: Set<string>
  readonly acknowledged: Set<string>
}

async function subscribe(engine: Engine): Promise<void> {
  const gone = new AbortController()
  const first = engine
    .events({ ...subscription, signal: gone.signal })
    [Symbol.asyncIterator]()
    .next()
  while ((await engine.events.status()).length === 0) await new Promise(setImmediate)
  gone.abort()
  await assert.rejects(first)
}

async function mutate(
  engine: Engine,
  { begun, acknowledged }: Mutations,
  random: () => number,
): Promise<void> {
  let next = 0
  const bucket = engine.bucket('told')
  const tell = async (mutation: string, carryOut: () => Promise<unknown>) => {
    begun.add(mutation)
    await carryOut()
    acknowledged.add(mutation)
  }
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      try {
        while (next < 60) {
          const number = ++next
          const key = `${Math.floor(random() * KEYS)}`
          const metadata = { number: String(number) }
          const bytes = Buffer.alloc(random() < 0.2 ? 2_000 : 20, number)
          const kind = random()
          if (kind < 0.6) await tell(`put ${number}`, () => bucket.put(key, bytes, { metadata }))
          else if (kind < 0.8) {
            await tell(`put ${number}`, () => bucket.put(`once ${number}`, bytes, { metadata }))
            await tell(`delete once ${number}`, () => bucket.delete(`once ${number}`))
          } else {
            await tell(`put ${number}`, () => bucket.put(`many ${number}`, bytes, { metadata }))
            const replace = { metadata: { number: `copy of ${number}` } }
            await tell(`put copy of ${number}`, () =>
              bucket.copy({ key: `many ${number}` }, key, { replace }),
            )
          }
        }
      } catch (error) {
        if (!isEngineError(error)) throw error // The power has gone.
      }
    }),
  )
}

const nameOf = ({ name, key, metadata }: EngineEvent): string =>
  name === 's3:ObjectRemoved:Delete' ? `delete ${key}` : `put ${metadata?.number}`

/** All that waits, which is everything: nobody has read before. */
async function readAll(engine: Engine): Promise<EngineEvent[]> {
  const [status] = await engine.events.status()
  const events: EngineEvent[] = []
  if (status === undefined || status.waiting === 0) return events
  for await (const event of engine.events(subscription)) {
    events.push(event)
    if (events.length === status.waiting) break
  }
  return events
}

async function live(seed: number): Promise<{ acknowledged: number; events: number }> {
  const random = seededRandom(seed)
  const number = () => Math.floor(random() * 2 ** 32)
  let machine: Machine = {
    disk: new SimulatedDisk({ seed: number(), capacityBytes: 64 * 2 ** 20 }),
    index: new HostileIndex({ seed: number() }),
  }
  const mutations: Mutations = { begun: new Set(), acknowledged: new Set() }
  {
    const engine = await openSimulatedEngine(await openSimulatedStores({ machine, random }), random)
    await engine.createBucket('told')
    await subscribe(engine)
    machine.disk.inject({
      at: machine.disk.calls + 1 + Math.floor(random() * 300),
      fault: { kind: 'power-cut' },
    })
    await mutate(engine, mutations, random)
    await engine.close().catch(() => {})
  }
  machine = random() < 0.2 ? killed(machine) : powerCut(machine, number())
  const stores = await openSimulatedStores({ machine, random })
  await assertInvariants({ ...stores, bytes: false })
  await using engine = await openSimulatedEngine(stores, random)
  const events = await readAll(engine)
  const told = events.map(nameOf)
  assert.equal(new Set(told).size, told.length, 'a mutation has one event')
  for (const mutation of told) assert.ok(mutations.begun.has(mutation), `nobody began "${mutation}"`)
  const all = new Set(told)
  for (const mutation of mutations.acknowledged)
    assert.ok(all.has(mutation), `nobody is told of "${mutation}"`)
  const last = new Map<string, string>()
  for (const { key, sequencer } of events) {
    assert.ok((last.get(key) ?? '') < sequencer, `the events of "${key}" are out of order`)
    last.set(key, sequencer)
  }
  return { acknowledged: mutations.acknowledged.size, events: events.length }
}

test('after a power cut each acknowledged mutation has one event, in its order', async () => {
  const seen = { cuts: 0, acknowledged: 0, events: 0 }
  try {
    for (let seed = firstSeed; seen.cuts < cuts; seed++, seen.cuts++) {
      const { acknowledged, events } = await live(seed).catch((error) => {
        throw new Error(`AQUIFER_SEED=${seed} AQUIFER_EVENT_CUTS=1: ${error.message}`, { cause: error })
      })
      seen.acknowledged += acknowledged
      seen.events += events
    }
  } finally {
    tellFigures('power cuts amid mutations that are told of', seen)
  }
})
