/**
 * A random walk of put, fan-out, copy, part copy, complete, abort, append, rename and delete, whose process is killed again and
 * again. Whatever came before: each object holds what it must, byte for byte; and once all that nothing needs is
 * reclaimed, the disk holds the live bytes and at most a hundredth more. At the end, when all objects are deleted,
 * no file and no row is left.
 *
 * Live bytes are those that an object has, each counted once, however many objects share them; but for pieces that may
 * ride on a row, of which each copy has its own. The disk's are those of all blob files, with their checksums, and all
 * payloads of rows. (The journal that holds these has a bound of its own.)
 *
 * `AQUIFER_WALK_STEPS`: 240 by default; the long run has 20,000. `AQUIFER_WALK_LARGE_MIB`: the largest body, 4 by
 * default, 100 in the long run. `AQUIFER_SEED` decides the steps.
 */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Engine, isEngineError } from '@aquifer/engine'
import type { KvStore, Row } from '@aquifer/engine/stores'
import { findViolations, seededRandom } from '@aquifer/engine/testing'
import { sizeFrom, tellFigures } from '../crash/figures.js'
import { startChild } from '../crash/start-child.js'
import { openStores } from '../crash/stores.js'
import { allowSmallParts, WALKERS } from './bounds.js'
import { type Piece, piecesIn } from './pieces.js'
import type { Begun, Content, State, Told } from './walker.js'

const steps = sizeFrom('AQUIFER_WALK_STEPS', 240)
const largeBytes = sizeFrom('AQUIFER_WALK_LARGE_MIB', 4) * 1024 * 1024
const seed = sizeFrom('AQUIFER_SEED', Date.now() % 1_000_000)
const random = seededRandom(seed)
/** A life has up to so many steps and is killed in the midst of one; every so many lives the disk is measured. */
const LIFE_STEPS = steps > 500 ? 600 : 120
const MEASURED = 3
/** The engine's setting, left as it is. */
const INLINE_MAX_BYTES = 64 * 1024
const DAY_MS = 24 * 60 * 60 * 1_000
const child = new URL('./walk.child.js', import.meta.url)

allowSmallParts()

test(`after a walk of ${steps} steps with kills the disk holds what is live, and 1 % more (seed ${seed})`, async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'aquifer-walk-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  const directory = join(root, 'data')
  const first = await Engine.open({ directory })
  await first.createBucket('walk')
  await first.close()
  const state: State = {}
  const seen = { steps: 0, lives: 0, pending: 0, measured: 0, 'largest excess, %': 0, 'live MiB': 0 }
  let nextPiece = 1
  try {
    while (seen.steps < steps) {
      const told = await live({
        root,
        directory,
        state,
        seed: seed + seen.lives,
        nextPiece,
        left: steps - seen.steps,
      })
      nextPiece += told.length * WALKERS
      const { pending, ended } = replay(told, state)
      seen.steps += ended + pending.length
      seen.pending += pending.length
      seen.lives++
      const isLast = seen.steps >= steps
      const found = await examine(directory, state, pending, isLast || seen.lives % MEASURED === 0)
      if (found === undefined) continue
      seen.measured++
      const excess = found.diskBytes - found.liveBytes
      seen['largest excess, %'] = Math.max(seen['largest excess, %'], percent(excess, found.liveBytes))
      seen['live MiB'] = Math.round(found.liveBytes / 2 ** 20)
      assert.ok(
        excess <= found.liveBytes / 100,
        `${excess} bytes more than the ${found.liveBytes} that are live`,
      )
    }
    await leaveNothing(directory)
  } finally {
    tellFigures('random walk', { seed, ...seen })
  }
})

const percent = (part: number, whole: number): number =>
  Math.round((part / Math.max(1, whole)) * 100_000) / 1_000

interface Life {
  readonly root: string
  readonly directory: string
  readonly state: State
  readonly seed: number
  readonly nextPiece: number
  readonly left: number
}

/** Lets a process walk until it is killed, or has taken all steps that are left. Answers what it told. */
async function live({ root, directory, state, seed, nextPiece, left }: Life): Promise<Told[]> {
  const toldFile = join(root, 'told')
  const stateFile = join(root, 'state')
  await rm(toldFile, { force: true })
  await writeFile(stateFile, JSON.stringify(state))
  const numbers = [seed, nextPiece, largeBytes, left].map(String)
  const args = [directory, toldFile, stateFile, ...numbers]
  const { process: life, ended, complaint } = startChild(child, args)
  let stepsLeft = 1 + Math.floor(random() * LIFE_STEPS)
  life.stdout.on('data', (dots) => {
    stepsLeft -= dots.byteLength
    if (stepsLeft <= 0) setTimeout(() => life.kill('SIGKILL'), random() * 20)
  })
  const [code, signal] = await ended
  assert.ok(code === 0 || signal === 'SIGKILL', `the walk failed: ${complaint()}`)
  if (!existsSync(toldFile)) return []
  const lines = (await readFile(toldFile, 'utf8')).split('\n')
  lines.pop() // What follows the last line break was not written to its end.
  return lines.map((line) => JSON.parse(line) as Told)
}

/** What was answered is so. What was not may be so. */
function replay(told: readonly Told[], state: State): { pending: Begun[]; ended: number } {
  const begun = new Map<number, Begun>()
  let ended = 0
  for (const each of told) {
    if ('begin' in each) {
      begun.set(each.walker, each)
      continue
    }
    Object.assign(state, begun.get(each.walker)?.begin)
    begun.delete(each.walker)
    ended++
  }
  return { pending: [...begun.values()], ended }
}

/** Decides what became of the steps that were not answered; and, if told to, reads everything and measures the disk. */
async function examine(
  directory: string,
  state: State,
  pending: readonly Begun[],
  isMeasured: boolean,
): Promise<{ diskBytes: number; liveBytes: number } | undefined> {
  const stores = await openStores(directory)
  const engine = await Engine.open({ stores, background: false })
  try {
    for (const { begin, apart } of pending)
      for (const change of apart === true ? eachOf(begin) : [begin]) await settle(engine, state, change)
    if (!isMeasured) return undefined
    const walk = engine.bucket('walk')
    for await (const entry of walk.listUploads())
      if (entry.type === 'upload') await walk.upload(entry.info.key, entry.info.uploadId).abort()
    await engine.reclaim()
    const violations = await findViolations({ ...stores, bytes: false, reclaimedAtMs: Date.now() })
    assert.deepEqual(violations, [])
    const shared = new Map<number, Piece>()
    let liveBytes = 0
    for (const key of new Set([...Object.keys(state), ...(await keysIn(engine))])) {
      const content = await contentOf(engine, key)
      assert.deepEqual(content, state[key] ?? null, `${key} holds something else`)
      for (const piece of content ?? [])
        if (piece.sizeBytes > INLINE_MAX_BYTES) shared.set(piece.id, piece)
        else liveBytes += piece.sizeBytes
    }
    for (const { sizeBytes } of shared.values()) liveBytes += sizeBytes
    const diskBytes = (await blobBytesIn(directory)) + (await payloadBytesIn(stores.kv))
    return { diskBytes, liveBytes }
  } finally {
    await engine.close()
  }
}

const eachOf = (begin: State): State[] => Object.entries(begin).map((entry) => Object.fromEntries([entry]))

/** All of a change happened, or nothing of it. */
async function settle(engine: Engine, state: State, change: State): Promise<void> {
  const keys = Object.keys(change)
  const found: State = {}
  for (const key of keys) found[key] = await contentOf(engine, key)
  const before = Object.fromEntries(keys.map((key) => [key, state[key] ?? null]))
  const isAny = [before, change].some((each) => JSON.stringify(each) === JSON.stringify(found))
  assert.ok(isAny, `${keys.join(' and ')} hold neither what they did nor what was to come`)
  Object.assign(state, found)
}

async function contentOf(engine: Engine, key: string): Promise<Content> {
  try {
    await using object = await engine.bucket('walk').get(key)
    return await piecesIn(object.body)
  } catch (error) {
    if (isEngineError(error, 'NoSuchKey')) return null
    throw error
  }
}

async function keysIn(engine: Engine): Promise<string[]> {
  const keys: string[] = []
  for await (const entry of engine.bucket('walk').list())
    if (entry.type === 'object') keys.push(entry.info.key)
  return keys
}

async function blobFilesIn(directory: string): Promise<string[]> {
  const found = await readdir(join(directory, 'blobs'), { recursive: true, withFileTypes: true })
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

async function blobBytesIn(directory: string): Promise<number> {
  let sum = 0
  for (const file of await blobFilesIn(directory)) sum += (await stat(file)).size
  return sum
}

async function rowsIn(kv: KvStore): Promise<Row[]> {
  const rows: Row[] = []
  for (let from = Uint8Array.of(0); ; ) {
    const page = await kv.scan({ from, to: Uint8Array.of(255), limit: 1_000 })
    rows.push(...page.rows)
    if (!page.more) return rows
    from = Uint8Array.of(...rows.at(-1)!.key, 0)
  }
}

const payloadBytesIn = async (kv: KvStore): Promise<number> =>
  (await rowsIn(kv)).reduce((sum, { payloadBytes }) => sum + payloadBytes, 0)

/** Every object and upload goes; a day later every file and every row has gone, but for the bucket's and the next run of ids. */
async function leaveNothing(directory: string): Promise<void> {
  const stores = await openStores(directory)
  const late = { now: () => Date.now() + 2 * DAY_MS, monotonic: () => performance.now() }
  const engine = await Engine.open({ stores, background: false, clock: late })
  try {
    for (const key of await keysIn(engine)) await engine.bucket('walk').delete(key)
    await engine.reclaim()
    const rows = (await rowsIn(stores.kv)).map(({ key }) => Buffer.from(key).toString('latin1'))
    const idRuns = rows.filter((row) => row.startsWith('n'))
    assert.deepEqual(
      rows.filter((row) => !idRuns.includes(row)),
      ['bwalk'],
    )
    assert.deepEqual(await blobFilesIn(directory), [])
  } finally {
    await engine.close()
  }
  const again = await openStores(directory)
  const opened = await Engine.open({ stores: again, background: false })
  const left = (await rowsIn(again.kv)).length
  assert.equal(
    left,
    2,
    'of the runs of blob ids only the number of the next is left: that row, and the bucket',
  )
  await opened.close()
}
