/**
 * A small file system that is filled to its last byte and freed again, by the store and by others, and a process
 * that is killed then.
 *
 * `AQUIFER_FILLS`: how often. 3 by default; the long run is 50. Needs the right to mount; without it the test is
 * skipped and says so.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import { Engine } from '@aquifer/engine'
import { FileBlobStore, LevelKvStore } from '@aquifer/engine/stores'
import { findViolations, History, parseEvents } from '@aquifer/engine/testing'
import { sizeFrom, tellFigures } from './figures.js'
import { startChild } from './start-child.js'

const fills = sizeFrom('AQUIFER_FILLS', 3)
const seed = sizeFrom('AQUIFER_SEED', Date.now() % 100_000)
const DISK_BYTES = 256 * 1024 * 1024
const run = promisify(execFile)
const child = new URL('./disk-full.child.js', import.meta.url)

interface Mounted extends AsyncDisposable {
  readonly path: string
}

/** A file system of its own, or why there can be none. */
async function mountSmallDisk(root: string): Promise<Mounted | { unavailable: string }> {
  const image = join(root, 'image')
  const path = join(root, 'mounted')
  try {
    const file = await open(image, 'w')
    await file.truncate(DISK_BYTES)
    await file.close()
    await mkdir(path)
    await run('mkfs.ext4', ['-q', '-m', '0', image])
    await run('mount', ['-o', 'loop', image, path])
  } catch (error) {
    return { unavailable: `a small file system cannot be mounted here (${String(error).split('\n')[0]})` }
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      await run('umount', [path])
    },
  }
}

const root = await mkdtemp(join(tmpdir(), 'aquifer-full-'))
const disk = await mountSmallDisk(root)
test.after(async () => {
  if (!('unavailable' in disk)) await disk[Symbol.asyncDispose]()
  await rm(root, { recursive: true, force: true })
})
const skip = 'unavailable' in disk ? disk.unavailable : false

test(`a full disk loses nothing, and takes writes again when it has room (seed ${seed})`, {
  skip,
}, async () => {
  if ('unavailable' in disk) return
  const directory = join(disk.path, 'data')
  const history = new History()
  let acknowledged = 0
  let refused = 0
  for (let fill = 0; fill < fills; fill++) {
    const historyFile = join(root, `history-${fill}`)
    refused += await fillAndDie(directory, historyFile, seed + fill)
    const events = parseEvents(await readFile(historyFile, 'utf8'))
    await rm(historyFile)
    acknowledged += events.filter((event) => 'end' in event && event.end === 'acknowledged').length
    history.add(events)
    const kv = await LevelKvStore.open({ directory, segmentBytes: 16 * 1024 * 1024 })
    const blobs = await FileBlobStore.open({ directory: join(directory, 'blobs') })
    const engine = await Engine.open({ stores: { kv, blobs }, background: false })
    try {
      await engine.reclaim()
      assert.deepEqual(await findViolations({ kv, blobs, engine, history, reclaimedAtMs: Date.now() }), [])
    } finally {
      await engine.close()
    }
  }
  tellFigures('full disk', { fills, acknowledged, refused })
})

/** Answers how many writes were refused. */
async function fillAndDie(directory: string, historyFile: string, childSeed: number): Promise<number> {
  const { process: life, ended, complaint } = startChild(child, [directory, historyFile, String(childSeed)])
  const [said] = await Promise.race([once(life.stdout, 'data'), ended])
  life.kill('SIGKILL')
  await ended
  assert.ok(Buffer.isBuffer(said), `the process ended by itself: ${complaint()}`)
  return Number(String(said).split(' ')[0])
}
