// usage: node scripts/reliability-timing.mjs [--objects N] [--rebuilt N] [--seconds N] [--figures FILE]
//
// The figures of reliability that are times, for a machine that does nothing else; build first. They are printed, and
// added to FILE as lines of JSON: how long a store of N objects (100,000) takes to open after a kill -9; how many objects
// a second an index is made anew from (of 1,000,000); and what endless overwrites for N seconds (60) take of the disk,
// and leave of the rate of durable writes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { atOnce } from '../bench/engine/at-once.mjs'
import { Engine } from '../packages/engine/dist/index.js'
import { FileBlobStore, LevelKvStore } from '../packages/engine/dist/stores.js'

const WRITERS = 128
const bytesOf = (at) => Buffer.alloc(200, `${at} `)
const keyOf = (at) => `object-${String(at).padStart(9, '0')}`

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '100000' },
    rebuilt: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '60' },
    figures: { type: 'string' },
    fill: { type: 'string' }, // For the child alone: the directory.
  },
})

if (values.fill !== undefined) {
  await fillAndWait(values.fill, Number(values.objects))
} else {
  const root = mkdtempSync(join(tmpdir(), 'aquifer-timing-'))
  try {
    await reopen(join(root, 'killed'), Number(values.objects))
    await rebuild(join(root, 'rebuilt'), Number(values.rebuilt))
    await overwrite(join(root, 'overwritten'), Number(values.seconds))
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function tell(figure, figures) {
  const line = JSON.stringify({ figure, ...figures, date: new Date().toISOString() })
  console.log(line)
  if (values.figures !== undefined) appendFileSync(values.figures, `${line}\n`)
}

async function fill(engine, objects) {
  await engine.createBucket('many')
  const bucket = engine.bucket('many')
  await atOnce(objects, WRITERS, (at) => bucket.put(keyOf(at), bytesOf(at)))
}

/** Fills the store and goes on writing to it until it is killed. */
async function fillAndWait(directory, objects) {
  const engine = await Engine.open({ directory })
  await fill(engine, objects)
  console.log('filled')
  for (let at = 0; ; at++) await engine.bucket('many').put(keyOf(at % objects), bytesOf(at))
}

async function reopen(directory, objects) {
  const script = fileURLToPath(import.meta.url)
  const child = spawn(process.execPath, [script, '--fill', directory, '--objects', String(objects)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  await new Promise((resolve) => setTimeout(resolve, 200))
  child.kill('SIGKILL')
  await once(child, 'close')
  const started = performance.now()
  const engine = await Engine.open({ directory })
  const openedMs = Math.round(performance.now() - started)
  let found = 0
  for await (const entry of engine.bucket('many').list()) if (entry.type === 'object') found++
  await engine.close()
  if (found !== objects) throw new Error(`${found} objects of ${objects} are there.`)
  tell('reopen after kill -9', { objects, openedMs, wantedMs: 1_000 })
}

async function rebuild(directory, objects) {
  const engine = await Engine.open({ directory, background: false })
  await fill(engine, objects)
  await engine.close()
  rmSync(join(directory, 'index'), { recursive: true })
  const started = performance.now()
  const reopened = await Engine.open({ directory, background: false })
  const seconds = (performance.now() - started) / 1_000
  await reopened.close()
  const perSecond = Math.round(objects / seconds)
  tell('index made anew', {
    objects,
    seconds: Number(seconds.toFixed(2)),
    perSecond,
    wantedPerSecond: 50_000,
  })
}

/** 4 KiB over 4,000 keys: 16 MiB that live, written over and over. */
async function overwrite(directory, seconds) {
  const segmentBytes = 16 * 1024 * 1024
  const kv = await LevelKvStore.open({ directory, segmentBytes })
  const blobs = await FileBlobStore.open({ directory: join(directory, 'blobs') })
  const engine = await Engine.open({ stores: { kv, blobs }, background: false })
  await engine.createBucket('few')
  const bucket = engine.bucket('few')
  const bytes = Buffer.alloc(4_096, 'x')
  let written = 0
  let isDone = false
  let segmentsBeyond = 0
  const write = async () => {
    while (!isDone) await bucket.put(keyOf(written++ % 4_000), bytes)
  }
  const started = performance.now()
  const writing = Array.from({ length: 32 }, write)
  const rates = []
  for (let second = 0, before = 0; second < seconds; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    rates.push(written - before)
    before = written
    const { journalBytes, liveBytes } = await kv.stat()
    segmentsBeyond = Math.max(segmentsBeyond, (journalBytes - 2 * liveBytes) / segmentBytes)
  }
  isDone = true
  await Promise.all(writing)
  const elapsed = (performance.now() - started) / 1_000
  await engine.close()
  const { alone, compacted } = await rateAlone(join(directory, 'alone'), bytes, rates)
  tell('endless overwrites', {
    seconds: Math.round(elapsed),
    written,
    perSecondAlone: alone,
    perSecondWithCompaction: compacted,
    share: Number((compacted / alone).toFixed(2)),
    wantedShare: 0.5,
    segmentsBeyondTwiceLive: Number(segmentsBeyond.toFixed(2)),
    wantedSegments: 4,
  })
}

/** The same writes to a journal so young that nothing is compacted yet; and the later half of the others' rates. */
async function rateAlone(directory, bytes, rates) {
  const engine = await Engine.open({ directory, background: false })
  await engine.createBucket('few')
  let written = 0
  let isDone = false
  const write = async () => {
    while (!isDone) await engine.bucket('few').put(keyOf(written++), bytes)
  }
  const started = performance.now()
  const writing = Array.from({ length: 32 }, write)
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  isDone = true
  await Promise.all(writing)
  const alone = Math.round(written / ((performance.now() - started) / 1_000))
  await engine.close()
  const later = rates.slice(Math.floor(rates.length / 2))
  return { alone, compacted: Math.round(later.reduce((sum, rate) => sum + rate, 0) / later.length) }
}
