import assert from 'node:assert/strict'
import { cp, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { isEngineError } from '../../errors.js'
import type { Row } from '../kv.js'
import { SEGMENT_HEADER_BYTES } from './journal/segment-header.js'
import { LevelKvStore } from './level-kv-store.js'
import { type RebuildIndexOptions, rebuildIndex } from './rebuild-index.js'

const root = await mkdtemp(join(tmpdir(), 'aquifer-rebuild-'))
after(() => rm(root, { recursive: true, force: true }))
let directories = 0
const newDirectory = () => join(root, String(++directories))

const SEGMENT_BYTES = 64 * 1024
const openStore = (directory: string) => LevelKvStore.open({ directory, segmentBytes: SEGMENT_BYTES })
const rebuild = (directory: string, options: Partial<RebuildIndexOptions> = {}) =>
  rebuildIndex({ directory, segmentBytes: SEGMENT_BYTES, ...options })

const nameOf = (n: number) => `key ${String(n).padStart(2, '0')}`
const payloadOf = (n: number) => Buffer.alloc(9_000, n)

/** Each row in a commit of its own. */
async function put(store: LevelKvStore, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) {
    const row = { key: Buffer.from(nameOf(n)), value: Buffer.from(`value ${n}`), payload: payloadOf(n) }
    await store.commit({ checks: [], puts: [row], deletes: [] })
  }
}

async function rowsOf(store: LevelKvStore): Promise<readonly Row[]> {
  return (await store.scan({ from: Buffer.from('a'), to: Buffer.from('z'), limit: 1_000 })).rows
}

/** What a store holds, each payload as it can be read. */
async function contentsOf(directory: string): Promise<Record<string, string>> {
  const store = await openStore(directory)
  const contents: Record<string, string> = {}
  for (const { key, value, revision } of await rowsOf(store)) {
    const payload = await Promise.resolve()
      .then(() => store.readPayload(key, revision))
      .catch((error) => error.code as string)
    const n = Number(Buffer.from(key).toString().slice(4))
    const isSame = typeof payload !== 'string' && Buffer.compare(payload, payloadOf(n)) === 0
    contents[Buffer.from(key).toString()] =
      `${Buffer.from(value)}, ${isSame ? 'its payload' : String(payload)}`
  }
  await store.close()
  return contents
}

const wanted = (...numbers: number[]) =>
  Object.fromEntries(numbers.map((n) => [nameOf(n), `value ${n}, its payload`]))
const upTo = (end: number) => Array.from({ length: end }, (_, n) => n)

const segmentPath = (directory: string, number: number) =>
  join(directory, 'journal', `${String(number).padStart(10, '0')}.segment`)

/** Overwrites the header of the frame that holds this row, somewhere in this segment. */
async function damageFrameOf(directory: string, n: number, { payloadToo = false } = {}): Promise<number> {
  for (const file of (await readdir(join(directory, 'journal'))).sort()) {
    await using handle = await open(join(directory, 'journal', file), 'r+')
    const at = (await handle.readFile()).indexOf(nameOf(n))
    if (at === -1) continue
    await handle.write(Buffer.alloc(8, 0xee), 0, 8, at)
    if (payloadToo) await handle.write(Buffer.alloc(8, 0xee), 0, 8, at + 100)
    return Number.parseInt(file, 10)
  }
  return assert.fail(`no segment holds ${nameOf(n)}`)
}

const damaged = (what: RegExp) => (error: unknown) =>
  isEngineError(error, 'StoreDamaged') && what.test(error.message)

/** A closed store of 20 rows in four segments, all but the newest behind the checkpoint. */
const template = newDirectory()
{
  const store = await openStore(template)
  await put(store, 0, 20)
  await store.close()
  await rebuild(template)
  await rm(join(template, 'journal', 'ballast'), { force: true })
  assert.equal(
    (await readdir(join(template, 'journal'))).filter((name) => name.endsWith('.segment')).length,
    4,
  )
}
async function copyOfStore(): Promise<string> {
  const directory = newDirectory()
  await cp(template, directory, { recursive: true })
  return directory
}

test('an index made anew finds what the former one found', async () => {
  const directory = await copyOfStore()
  const table = (await readdir(join(directory, 'index'))).find((name) => name.endsWith('.ldb'))!
  await writeFile(join(directory, 'index', table), 'not a table')
  const progress: { doneBytes: number; totalBytes: number }[] = []
  await rebuild(directory, { onProgress: (each) => progress.push(each) })
  assert.equal(progress.length, 21, 'a frame each, and the one of the close')
  assert.equal(progress.at(-1)!.doneBytes, progress.at(-1)!.totalBytes)
  assert.deepEqual(await contentsOf(directory), wanted(...upTo(20)))
})

test('over a gap it refuses, says where, and the former index goes on serving', async () => {
  const directory = await copyOfStore()
  const segment = await damageFrameOf(directory, 8)
  assert.equal(segment, 2)
  await assert.rejects(rebuild(directory), damaged(/segment 2, offset \d+: \d+ bytes that were synced/))
  assert.deepEqual(await contentsOf(directory), wanted(...upTo(20)))
})

test('with a loss accepted, the former index gives back the rows of the gap', async () => {
  const directory = await copyOfStore()
  await damageFrameOf(directory, 8)
  await damageFrameOf(directory, 9, { payloadToo: true })
  const losses: string[] = []
  await rebuild(directory, { acceptLoss: (finding) => losses.push(finding) })
  assert.match(losses.join('; '), /^segment 2, offset \d+: \d+ bytes that were synced hold no good frame$/)
  const contents = { ...wanted(...upTo(20)), [nameOf(9)]: 'value 9, CorruptRecord' }
  assert.deepEqual(await contentsOf(directory), contents)
  assert.deepEqual(await readdir(join(directory, 'quarantine')), ['0000000002.segment'])
  await rm(join(directory, 'index'), { recursive: true })
  assert.deepEqual(await contentsOf(directory), contents, 'the journal has no gap any more')
})

test('with a loss accepted and no index, all but the rows of the gap is there, and nothing is refused again', async () => {
  const directory = await copyOfStore()
  await damageFrameOf(directory, 8)
  await rm(join(directory, 'index'), { recursive: true })
  await assert.rejects(openStore(directory), damaged(/segment 2/))
  const losses: string[] = []
  await rebuild(directory, { acceptLoss: (finding) => losses.push(finding) })
  assert.equal(losses.length, 1)
  const rest = upTo(20).filter((n) => n !== 8)
  assert.deepEqual(await contentsOf(directory), wanted(...rest))
  await rebuild(directory)
  assert.deepEqual(await contentsOf(directory), wanted(...rest))
})

test('a gap in the newest segment keeps a store from opening, until the loss is accepted', async () => {
  const directory = await copyOfStore()
  const segment = await damageFrameOf(directory, 18)
  assert.equal(segment, 4)
  await assert.rejects(openStore(directory), damaged(/segment 4/))
  await rebuild(directory, { acceptLoss: () => {} })
  assert.deepEqual(await contentsOf(directory), wanted(...upTo(20)))
  await rebuild(directory)
  assert.deepEqual(await contentsOf(directory), wanted(...upTo(20)))
})

test('a segment that is gone keeps a store from opening, until the loss is accepted', async () => {
  const directory = await copyOfStore()
  await rm(segmentPath(directory, 2))
  await assert.rejects(openStore(directory), damaged(/segment 2 is missing/))
  await assert.rejects(rebuild(directory), damaged(/segment 2 is missing/))
  await rm(join(directory, 'index'), { recursive: true })
  const losses: string[] = []
  await rebuild(directory, { acceptLoss: (finding) => losses.push(finding) })
  assert.equal(losses[0], 'segment 2 is missing, or has no good header')
  const contents = await contentsOf(directory)
  assert.deepEqual(contents, wanted(...upTo(6), ...upTo(20).slice(12)))
  await rebuild(directory)
  assert.deepEqual(await contentsOf(directory), contents)
})

test('an opening that accepts a loss leaves a store that opens without', async () => {
  const directory = await copyOfStore()
  await damageFrameOf(directory, 18)
  const acceptLoss = () => {}
  await (await LevelKvStore.open({ directory, segmentBytes: SEGMENT_BYTES, acceptLoss })).close()
  assert.deepEqual(await contentsOf(directory), wanted(...upTo(20)))
})

test('a journal that has lost its end is refused, as long as an index knows of it', async () => {
  const directory = await copyOfStore()
  const path = segmentPath(directory, 4)
  const { size } = await stat(path)
  await using file = await open(path, 'r+')
  await file.write(
    Buffer.alloc(size - SEGMENT_HEADER_BYTES),
    0,
    size - SEGMENT_HEADER_BYTES,
    SEGMENT_HEADER_BYTES,
  )
  await assert.rejects(rebuild(directory), damaged(/the journal ends with 18/))
  assert.ok((await stat(join(directory, 'index'))).isDirectory())
})

test('one that is interrupted leaves everything as it was, and the next open tidies up', async () => {
  const directory = await copyOfStore()
  const stop = new AbortController()
  const interrupted = rebuild(directory, { signal: stop.signal, onProgress: () => stop.abort() })
  await assert.rejects(interrupted, { name: 'AbortError' })
  assert.deepEqual(await contentsOf(directory), wanted(...upTo(20)))
  assert.ok(!(await readdir(directory)).includes('index.next'))
})

test('a store that somebody has open is left alone', async () => {
  const directory = await copyOfStore()
  const store = await openStore(directory)
  await assert.rejects(rebuild(directory), (error) => isEngineError(error, 'EngineLocked'))
  assert.equal((await rowsOf(store)).length, 20)
  await store.close()
})

test('where there is no store none is made', async () => {
  const directory = newDirectory()
  const missing = (error: unknown) => isEngineError(error, 'NoSuchStore')
  await assert.rejects(rebuild(directory), missing)
  await assert.rejects(LevelKvStore.open({ directory, createIfMissing: false }), missing)
  await assert.rejects(stat(directory), { code: 'ENOENT' })
})
