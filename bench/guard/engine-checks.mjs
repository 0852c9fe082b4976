import { createHash } from 'node:crypto'
import { readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { nodeDisk } from '@aquifer/engine/stores'
import { forSeconds } from '../engine/at-once.mjs'
import { withEngine } from '../engine/with-engine.mjs'

const SIZE = 4_096
const KEYS = 5_000
const PAGE = 1_000
const SECONDS = 0.3
const TOGETHER = 128
const body = Buffer.alloc(SIZE, 'guard')

/** The engine without HTTP; `carry` gets the checks while the store is open. */
export function withEngineChecks(carry) {
  const counted = countingDisk()
  const run = async ({ bucket, directory }) => {
    const file = await open(join(directory, 'bare'), 'w+')
    const level = await rowsInLevel(join(directory, 'level'))
    let next = 0
    const key = () => `key-${(next++ * 7_919) % KEYS}`
    const put = () => bucket.put(key(), body)
    await forCount(KEYS, put)
    const append = async (count) => {
      const bytes = Buffer.alloc(count * SIZE, 'bare')
      await file.write(bytes, 0, bytes.length, (next++ % 64) * bytes.length)
      await file.datasync()
    }
    try {
      return await carry([
        {
          name: 'a durable put of 4 KiB beside an append and fdatasync',
          what: 'time',
          floor: 0.2,
          limit: () => costOf({ concurrency: 1, act: () => append(1) }, 'time'),
          ours: () => costOf({ concurrency: 1, act: put }, 'time'),
        },
        {
          name: 'the syncs of a durable put beside one',
          what: 'syncs',
          floor: 0.6,
          limit: () => 1,
          ours: async () => {
            const before = counted.syncs()
            const { tookMs } = await forSeconds(SECONDS, 1, put)
            return (counted.syncs() - before) / tookMs.length
          },
        },
        {
          name: '128 durable puts at once beside their MD5, one append and fdatasync',
          what: 'processor',
          floor: 0.11,
          limit: () => costOf({ concurrency: 1, of: TOGETHER, act: () => appendHashed(append) }, 'processor'),
          ours: () => costOf({ concurrency: TOGETHER, act: put }, 'processor'),
        },
        {
          name: 'a get of 4 KiB by bytes() beside a read of a file',
          what: 'processor',
          floor: 0.017,
          limit: () => costOf({ concurrency: 1, of: 100, act: () => readOften(file.fd, 100) }, 'processor'),
          ours: () =>
            costOf({ concurrency: 32, act: async () => (await bucket.get(key())).bytes() }, 'processor'),
        },
        {
          name: 'a page of a list beside as many rows of LevelDB',
          what: 'processor',
          floor: 0.28,
          limit: () => costOf({ concurrency: 1, act: () => page(level) }, 'processor'),
          ours: () => costOf({ concurrency: 1, act: () => bucket.list({ limit: PAGE }).page() }, 'processor'),
        },
      ])
    } finally {
      await file.close()
      await level.close()
    }
  }
  return withEngine(run, { disk: counted.disk })
}

/** The disk, and how often a file was synced, by itself or with a write. */
function countingDisk() {
  let syncs = 0
  const open = async (path, mode) => {
    const file = await nodeDisk.open(path, mode)
    for (const name of ['sync', 'writeDurably']) {
      const act = file[name]?.bind(file)
      if (act === undefined) continue
      file[name] = (...given) => {
        syncs++
        return act(...given)
      }
    }
    return file
  }
  return { disk: Object.create(nodeDisk, { open: { value: open } }), syncs: () => syncs }
}

async function forCount(count, act) {
  let left = count
  await Promise.all(
    Array.from({ length: TOGETHER }, async () => {
      while (left-- > 0) await act()
    }),
  )
}

/** Milliseconds of time or of the processor (all threads) for one; each act may be `of` several. */
async function costOf({ concurrency, of = 1, act }, what) {
  const began = performance.now()
  const cpu = process.cpuUsage()
  const { tookMs } = await forSeconds(SECONDS, concurrency, act)
  const { user, system } = process.cpuUsage(cpu)
  const ms = what === 'time' ? performance.now() - began : (user + system) / 1_000
  return ms / (tookMs.length * of)
}

async function appendHashed(append) {
  for (let n = 0; n < TOGETHER; n++) createHash('md5').update(body).digest()
  await append(TOGETHER)
}

async function readOften(fd, count) {
  const bytes = Buffer.allocUnsafe(SIZE)
  for (let n = 0; n < count; n++) readSync(fd, bytes, 0, SIZE, n * SIZE)
}

async function rowsInLevel(path) {
  const { Level } = createRequire(import.meta.resolve('@aquifer/engine'))('level')
  const level = new Level(path, { keyEncoding: 'view', valueEncoding: 'view', compression: false })
  const value = Buffer.alloc(120, 'v')
  await level.batch(
    Array.from({ length: KEYS }, (_, n) => ({
      type: 'put',
      key: Buffer.from(`o0123456789abcdef/key-${n}`),
      value,
    })),
  )
  return level
}

async function page(level) {
  const iterator = level.iterator({ highWaterMarkBytes: 2 ** 20 })
  const rows = await iterator.nextv(PAGE)
  await iterator.close()
  if (rows.length !== PAGE) throw new Error(`LevelDB gave ${rows.length} rows where ${PAGE} were asked for`)
}
