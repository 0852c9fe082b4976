/**
 * The index is thrown away while the store is closed: everything is there again at the next open.
 *
 * `AQUIFER_OBJECTS`: how many objects besides those of a workload. 1,000 by default; the long run has 1,000,000.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import test from 'node:test'
import { Engine } from '@aquifer/engine'
import { findViolations, History, RecordedEngine } from '@aquifer/engine/testing'
import { sizeFrom, tellFigures } from './figures.js'
import { openStores } from './stores.js'
import { useSmallBounds, Workload } from './workload.js'

const objects = sizeFrom('AQUIFER_OBJECTS', 1_000)
const WRITERS = 128

useSmallBounds()

test(`a store of ${objects} objects is whole again when its index was thrown away`, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-rebuild-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const open = () => openStores(directory, { segmentBytes: 16 * 1024 * 1024 })
  const history = new History()
  const engine = await Engine.open({ stores: await open(), background: false })
  await engine.createBucket('many')
  await putMany(engine)
  const workload = new Workload(new RecordedEngine(engine, history), {
    seed: 1,
    keys: 50,
    writers: 8,
    listers: 0,
    largeBytes: 300_000,
  })
  await workload.prepare()
  await workload.take(30)
  await engine.close()

  await rm(join(directory, 'index'), { recursive: true })
  const started = performance.now()
  const stores = await open()
  const seconds = (performance.now() - started) / 1_000
  const reopened = await Engine.open({ stores, background: false })
  try {
    assert.equal(await countMany(reopened), objects)
    await expectMany(reopened)
    await forgetMany(reopened)
    await reopened.reclaim()
    const rest = await findViolations({ ...stores, engine: reopened, history, reclaimedAtMs: Date.now() })
    assert.deepEqual(
      rest.filter(({ what }) => what !== 'bucket many holds live, not nothing'),
      [],
    )
  } finally {
    await reopened.close()
  }
  tellFigures('index rebuilt', {
    objects,
    seconds: seconds.toFixed(2),
    'objects per second': Math.round(objects / seconds),
  })
})

const keyOf = (at: number) => `object-${String(at).padStart(9, '0')}`
const bytesOf = (at: number) => Buffer.from(`${at} `.repeat(20))

async function putMany(engine: Engine): Promise<void> {
  const bucket = engine.bucket('many')
  let next = 0
  const write = async () => {
    while (next < objects) {
      const at = next++
      await bucket.put(keyOf(at), bytesOf(at))
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, write))
}

async function countMany(engine: Engine): Promise<number> {
  let count = 0
  for await (const entry of engine.bucket('many').list())
    if (entry.type === 'object' && entry.info.key === keyOf(count)) count++
  return count
}

/** All of them up to a few thousand, else that many spread over all. */
async function expectMany(engine: Engine): Promise<void> {
  const step = Math.max(1, Math.floor(objects / 5_000))
  for (let at = 0; at < objects; at += step) {
    await using object = await engine.bucket('many').get(keyOf(at))
    assert.deepEqual(Buffer.from(await object.bytes()), bytesOf(at))
  }
}

/** The history knows nothing of them. */
async function forgetMany(engine: Engine): Promise<void> {
  for (let at = 0; at < objects; at += 1_000) {
    const keys = Array.from({ length: Math.min(1_000, objects - at) }, (_, each) => ({
      key: keyOf(at + each),
    }))
    await engine.bucket('many').deleteMany(keys)
  }
}
