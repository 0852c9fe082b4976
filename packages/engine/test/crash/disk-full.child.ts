/**
 * Fills the disk that its directory lies on and frees it again, then waits to be killed. Arguments: directory,
 * history file, seed. Says how many writes were refused, or ends with an error.
 */
import { closeSync, openSync, statfsSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Engine, isEngineError } from '@aquifer/engine'
import { FileBlobStore, LevelKvStore } from '@aquifer/engine/stores'
import { History, RecordedEngine, seededRandom } from '@aquifer/engine/testing'
import { bytesOf } from './workload.js'

const [directory = '', historyFile = '', seedText = ''] = process.argv.slice(2)
const seed = Number(seedText)
const random = seededRandom(seed)
const file = openSync(historyFile, 'a')
const history = new History({ write: (line) => writeSync(file, line) })
const kv = await LevelKvStore.open({ directory, segmentBytes: 16 * 1024 * 1024 })
const blobs = await FileBlobStore.open({ directory: join(directory, 'blobs') })
const engine = await Engine.open({ stores: { kv, blobs } })
const recorded = new RecordedEngine(engine, history)
await recorded.createBucket('box').catch(() => {})
const box = recorded.bucket('box')

const WRITERS = 8
const KEYS = 4_000
let content = seed * 100_000
let refused = 0

/** Goes on until each writer was refused a few times. */
async function fill(): Promise<void> {
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      for (let left = 5; left > 0; ) if (!(await put())) left--
    }),
  )
}

/** Answers whether there was room. */
async function put(): Promise<boolean> {
  const sizeBytes =
    random() < 0.5 ? 2_000 + Math.floor(random() * 60_000) : 70_000 + Math.floor(random() * 900_000)
  try {
    await box.put(`k${Math.floor(random() * KEYS)}`, bytesOf(++content, sizeBytes))
    return true
  } catch (error) {
    if (!isEngineError(error, 'StorageFull') && !isEngineError(error, 'StorageUnavailable')) throw error
    refused++
    // A caller who is refused comes again a little later.
    await new Promise((resolve) => setTimeout(resolve, 20))
    return false
  }
}

/** Space comes back: what is deleted is reclaimed, and then writes are taken again. */
async function free(share: number): Promise<void> {
  const keys: string[] = []
  for await (const entry of engine.bucket('box').list())
    if (entry.type === 'object' && random() < share) keys.push(entry.info.key)
  for (const key of keys) await box.delete(key)
  await engine.reclaim()
}

async function untilTaken(): Promise<void> {
  const started = Date.now()
  while (!(await put()))
    if (Date.now() - started > 30_000) throw new Error('no write is taken although the disk has room')
}

/** Takes all the space there is, behind the store's back. */
function crowd(): () => void {
  const path = join(directory, '..', 'crowd')
  const crowding = openSync(path, 'w')
  const block = Buffer.alloc(1024 * 1024, 1)
  try {
    for (;;) writeSync(crowding, block)
  } catch {
    // The disk is full.
  }
  closeSync(crowding)
  return () => unlinkSync(path)
}

await fill()
await free(0.5)
await untilTaken()
const writing = fill()
const uncrowd = crowd()
await writing
uncrowd()
await untilTaken()
for (let left = 50; left > 0; left--) await put()
await fill()
await free(0.3)
const { bavail, bsize } = statfsSync(directory)
writeSync(1, `${refused} ${bavail * bsize}\n`)
setInterval(() => {}, 1_000)
