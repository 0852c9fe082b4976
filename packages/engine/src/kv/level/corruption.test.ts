import assert from 'node:assert/strict'
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { systemClock } from '../../clock.js'
import { nodeDisk } from '../../disk.js'
import { isEngineError } from '../../errors.js'
import { randomIds } from '../../ids.js'
import { seededRandom } from '../../testing/seeded-random.js'
import type { KvStore, Row } from '../kv.js'
import { levelIndexLocation } from './index/level-index.js'
import { LevelKvStore } from './level-kv-store.js'
import { refuseDamage } from './open-parts.js'

/** Places in each file that each kind of damage is done to. */
const OFFSETS = Number(process.env.AQUIFER_OFFSETS ?? 2)
const SEED = Number(process.env.AQUIFER_SEED ?? 1)
const ROWS = 400

const root = await mkdtemp(join(tmpdir(), 'aquifer-corruption-'))
after(() => rm(root, { recursive: true, force: true }))

function open(directory: string, verifiedBeforeBytes = 2 ** 30): Promise<LevelKvStore> {
  return LevelKvStore.openOver({
    directory,
    disk: nodeDisk,
    clock: systemClock,
    ids: randomIds(systemClock),
    index: levelIndexLocation(nodeDisk, directory, verifiedBeforeBytes),
    segmentBytes: 256 * 1024,
    checkpointRows: 150,
    checkpointBytes: 2 ** 30,
    replayBatchRows: 2_000,
    onDamage: refuseDamage(directory),
    acceptsLoss: false,
  })
}

const rowKey = (i: number) => Buffer.from(`key${String(i).padStart(5, '0')}`)
const rowValue = (i: number, round: number) => Buffer.from(`value ${i} of round ${round}, `.repeat(4))
const rowPayload = (i: number, round: number) => Buffer.alloc((i * 37) % 900, i + round)

async function fill(store: KvStore, round: number): Promise<void> {
  for (let i = round; i < ROWS; i += 10) {
    const rows = Array.from({ length: Math.min(10, ROWS - i) }, (_, n) => i + n)
    const puts = rows.map((n) => ({
      key: rowKey(n),
      value: rowValue(n, round),
      payload: rowPayload(n, round),
    }))
    assert.ok((await store.commit({ checks: [], puts, deletes: [] })).committed)
  }
}

/** A store that went through two rounds, and what it was after the first. */
const sound = join(root, 'sound')
const earlier = join(root, 'earlier')
{
  const store = await open(sound)
  await fill(store, 0)
  await store.close()
  await cp(sound, earlier, { recursive: true })
  const again = await open(sound)
  await fill(again, 1)
  await again.close()
}

/** Right bytes, or an error: never other bytes, a missing key or a short listing. */
async function assertNothingWrong(store: KvStore): Promise<'whole' | 'errors'> {
  let found: 'whole' | 'errors' = 'whole'
  const rows = (await store.scan({ from: Buffer.from('a'), to: Buffer.from('z'), limit: 10_000 })).rows
  assert.equal(rows.length, ROWS, 'the listing is short')
  for (const [i, row] of rows.entries()) {
    const round = i === 0 ? 0 : 1
    assert.deepEqual(Buffer.from(row.key), rowKey(i))
    assert.deepEqual(Buffer.from(row.value), rowValue(i, round))
    assert.equal((await store.get(rowKey(i)))?.revision, row.revision)
    if (!(await isPayloadRight(store, row, rowPayload(i, round)))) found = 'errors'
  }
  return found
}

async function isPayloadRight(store: KvStore, row: Row, wanted: Buffer): Promise<boolean> {
  try {
    const payload = await store.readPayload(row.key, row.revision)
    assert.ok(payload !== 'changed')
    assert.deepEqual(Buffer.from(payload), wanted)
    return true
  } catch (error) {
    if (isEngineError(error, 'CorruptRecord')) return false
    throw error
  }
}

type Damage = (path: string, random: () => number) => Promise<void>

const damages: Record<string, Damage> = {
  async 'one bit'(path, random) {
    const bytes = await readFile(path)
    if (bytes.length > 0) bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8)
    await writeFile(path, bytes)
  },
  async 'zeros for 4 KiB'(path, random) {
    const bytes = await readFile(path)
    const at = Math.floor(random() * bytes.length)
    await writeFile(path, bytes.fill(0, at, Math.min(at + 4096, bytes.length)))
  },
  async 'a truncation'(path, random) {
    await truncate(path, Math.floor(random() * (await readFile(path)).length))
  },
  'a removal': (path) => rm(path),
  async 'a stale copy'(path) {
    await cp(path.replace(/^(.*)\/damaged\//, `${earlier}/`), path).catch(() => undefined)
  },
}

/** Only what the journal still uses: behind the last frame lie zeros that nobody reads. */
async function damageEach(
  folder: string,
  check: (file: string, done: string, directory: string) => Promise<void>,
): Promise<void> {
  const random = seededRandom(SEED)
  const directory = join(root, 'damaged')
  for (const file of await readdir(join(sound, folder))) {
    if (/^(LOG|LOG.old|LOCK|ballast)$|\.spare$/.test(file)) continue
    for (const [name, damage] of Object.entries(damages)) {
      const isEverywhere = name.startsWith('a ') && name !== 'a truncation'
      // A manifest cut short between two records looks sound: only our own notes tell that tables are missing.
      const times = isEverywhere ? 1 : file.startsWith('MANIFEST') ? 6 * OFFSETS : OFFSETS
      for (let n = 0; n < times; n++) {
        await rm(directory, { recursive: true, force: true })
        await cp(sound, directory, { recursive: true })
        await damage(join(directory, folder, file), random)
        await check(file, `${name} in ${file}, AQUIFER_SEED=${SEED}`, directory)
      }
    }
  }
}

test('whatever is damaged in the index, every row is right', async () => {
  await damageEach('index', async (_file, done, directory) => {
    try {
      const store = await open(directory)
      assert.equal(await assertNothingWrong(store), 'whole')
      await store.close()
    } catch (error) {
      throw new Error(`${done}: ${error}`, { cause: error })
    }
  })
})

test('whatever is damaged in the journal, no answer is wrong: the store refuses, or the read does', async (t) => {
  const count = { whole: 0, errors: 0, refused: 0 }
  await damageEach('journal', async (_file, done, directory) => {
    try {
      const store = await open(directory)
      count[await assertNothingWrong(store)]++
      await store.close()
    } catch (error) {
      if (isEngineError(error, 'StoreDamaged')) count.refused++
      else throw new Error(`${done}: ${error}`, { cause: error })
    }
  })
  t.diagnostic(JSON.stringify(count))
})

test('a table that is found damaged while the store serves is made anew, and no answer is wrong', async () => {
  const random = seededRandom(SEED)
  const directory = join(root, 'damaged')
  for (const file of (await readdir(join(sound, 'index'))).filter((name) => name.endsWith('.ldb'))) {
    await rm(directory, { recursive: true, force: true })
    await cp(sound, directory, { recursive: true })
    // Within a value: what is damaged elsewhere may end the process, as LevelDB does not check what it reads.
    const path = join(directory, 'index', file)
    const bytes = await readFile(path)
    const at = bytes.indexOf('of round', Math.floor((random() * bytes.length) / 2))
    if (at === -1) continue
    bytes[at]! ^= 1 << Math.floor(random() * 8)
    await writeFile(path, bytes)
    const store = await open(directory, 0)
    // A commit waits for the index that the reads found damaged.
    const recovered = () =>
      store.commit({ checks: [], puts: [{ key: Buffer.from('~'), value: rowKey(0) }], deletes: [] })
    let outcome: string | undefined
    for (let tries = 1; outcome === undefined && tries < 20; tries++) {
      outcome = await assertNothingWrong(store).catch(async (error) => {
        if (!isEngineError(error, 'StorageUnavailable')) throw error
        await recovered()
        return undefined
      })
    }
    assert.equal(outcome, 'whole')
    await store.close()
  }
})

/** Blocks of zeros, at which an assertion of LevelDB ends the process as soon as it reads them. */
async function makeDeadly(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true })
  await cp(sound, directory, { recursive: true })
  const tables = (await readdir(join(directory, 'index'))).filter((name) => name.endsWith('.ldb'))
  for (const table of tables) {
    const path = join(directory, 'index', table)
    const bytes = await readFile(path)
    await writeFile(path, bytes.fill(0, 0, Math.min(4096, bytes.length / 2)))
  }
}

test('a table that would end the process never reaches LevelDB', async () => {
  const directory = join(root, 'damaged')
  await makeDeadly(directory)
  const store = await open(directory)
  assert.equal(await assertNothingWrong(store), 'whole')
  await store.close()
})

test('nor does it where a process died with the index, however large that is', async () => {
  const directory = join(root, 'damaged')
  await makeDeadly(directory)
  await writeFile(join(directory, 'index', 'in-use'), '')
  const store = await open(directory, 0)
  assert.equal(await assertNothingWrong(store), 'whole')
  await store.close()
})

test('an index in use is marked, and one that was closed is not', async () => {
  const directory = join(root, 'marked')
  const store = await open(directory)
  assert.ok((await readdir(join(directory, 'index'))).includes('in-use'))
  await store.close()
  assert.ok(!(await readdir(join(directory, 'index'))).includes('in-use'))
})

test('an index that is removed is made anew', async () => {
  const directory = join(root, 'damaged')
  await rm(directory, { recursive: true, force: true })
  await cp(sound, directory, { recursive: true })
  await rm(join(directory, 'index'), { recursive: true })
  const store = await open(directory)
  assert.equal(await assertNothingWrong(store), 'whole')
  await store.close()
})
