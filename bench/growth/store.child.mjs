// One life of a store that grows: a process of its own, so that its memory and its opening are those of a fresh start.
// usage: node store.child.mjs '{"work": "fill" | "measure", "directory", "from", "to", "seconds", "sizeBytes"}'
// Prints a line of JSON at its end, and while it fills how far it came on standard error.
import { performance } from 'node:perf_hooks'
import { Engine } from '@aquifer/engine'
import { atOnce, forSeconds } from '../engine/at-once.mjs'
import { quantile } from '../report/figures.mjs'
import { peakResidentMib, residentMib, writtenBytes } from '../report/process.mjs'
import { keyOf } from './keys.mjs'

const { work, directory, from, to, seconds, sizeBytes } = JSON.parse(process.argv[2])
const CONCURRENCY = { fill: 128, measure: 32 }[work]
const PAGE = 1_000

const opened = performance.now()
const engine = await Engine.open({ directory })
const openMs = performance.now() - opened
const openedMib = residentMib(process.pid)
if (from === 0 && work === 'fill') await engine.createBucket('bench')
const bucket = engine.bucket('bench')
const body = Buffer.alloc(sizeBytes, 'aquifer')
const anyKey = () => keyOf(Math.floor(Math.random() * to))

const answer = work === 'fill' ? await fill() : await measure()
const memory = { residentMib: residentMib(process.pid), peakMib: peakResidentMib(process.pid) }
const closing = performance.now()
await engine.close()
const closeMs = performance.now() - closing
console.log(JSON.stringify({ openMs, openedMib, ...answer, ...memory, closeMs }))

async function fill() {
  const count = to - from
  const every = Math.max(1, Math.floor(count / 100))
  const before = writtenBytes(process.pid)
  const { perSecond, tookMs } = await atOnce(count, CONCURRENCY, async (n) => {
    await bucket.put(keyOf(from + n), body)
    if (n % every === 0) process.stderr.write(`${from + n}\n`)
  })
  const written = writtenBytes(process.pid) - before
  return { ...figures({ perSecond, tookMs }), writtenPerByte: written / (count * sizeBytes) }
}

/** Nothing is added: what is written replaces an object, so that the store stays as large as it is said to be. */
async function measure() {
  const put = await forSeconds(seconds, CONCURRENCY, () => bucket.put(anyKey(), body))
  const get = await forSeconds(seconds, CONCURRENCY, async () => {
    const object = await bucket.get(anyKey())
    await object.bytes()
    await object.close()
  })
  let listed = 0
  const list = await forSeconds(seconds, 1, async () => {
    const { entries } = await bucket.list({ startAfter: anyKey(), limit: PAGE }).page()
    listed += entries.length
  })
  const first = await forSeconds(Math.min(seconds, 2), 1, () =>
    bucket.list({ delimiter: '/', limit: PAGE }).page(),
  )
  return {
    put: figures(put),
    get: figures(get),
    list: { ...figures(list), rowsPerSecond: (listed / list.tookMs.length) * list.perSecond },
    listByDelimiter: figures(first),
  }
}

function figures({ perSecond, tookMs }) {
  return {
    perSecond,
    p50Ms: quantile(tookMs, 0.5),
    p99Ms: quantile(tookMs, 0.99),
    mostMs: quantile(tookMs, 1),
  }
}
