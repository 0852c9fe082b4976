// One life of a store that grows: a process of its own, so that its memory and its opening are those of a fresh start.
// usage: node store.child.mjs '{"work": "fill" | "measure", "directory", "from", "to", "seconds", "sizeBytes"}'
// Prints a line of JSON at its end, and while it fills how far it came on standard error.
import { performance } from 'node:perf_hooks'
import { Engine } from '@aquifer/engine'
import { atOnce, forSeconds } from '../engine/at-once.mjs'
import { median, quantile } from '../report/figures.mjs'
import { peakResidentMib, residentMib, residentWithoutFilesMib, writtenBytes } from '../report/process.mjs'
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
const memory = {
  residentMib: residentMib(process.pid),
  withoutFilesMib: residentWithoutFilesMib(process.pid),
  peakMib: peakResidentMib(process.pid),
}
const closing = performance.now()
await engine.close()
const closeMs = performance.now() - closing
console.log(JSON.stringify({ openMs, openedMib, ...answer, ...memory, closeMs }))

/** In pieces, so that what stops the machine for a while spoils one of them and not the whole. */
async function fill() {
  const piece = Math.max(1_000, Math.floor((to - from) / 50))
  const before = writtenBytes(process.pid)
  const rounds = []
  for (let done = from; done < to; done += piece) {
    process.stderr.write(`${done}\n`)
    rounds.push(
      await atOnce(Math.min(piece, to - done), CONCURRENCY, (n) => bucket.put(keyOf(done + n), body)),
    )
  }
  const written = writtenBytes(process.pid) - before
  return { ...figures(rounds), writtenPerByte: written / ((to - from) * sizeBytes) }
}

/** Nothing is added: what is written replaces an object, so that the store stays as large as it is said to be. */
async function measure() {
  const put = () => bucket.put(anyKey(), body)
  const get = async () => {
    const object = await bucket.get(anyKey())
    await object.bytes()
    await object.close()
  }
  let listed = 0
  const list = async () => {
    const { entries } = await bucket.list({ startAfter: anyKey(), limit: PAGE }).page()
    listed += entries.length
  }
  const first = () => bucket.list({ delimiter: '/', limit: PAGE }).page()
  const puts = await inRounds(CONCURRENCY, put)
  const gets = await inRounds(CONCURRENCY, get)
  const lists = await inRounds(1, list)
  const rowsAPage = listed / lists.reduce((sum, { tookMs }) => sum + tookMs.length, 0)
  return {
    put: figures(puts),
    get: figures(gets),
    list: { ...figures(lists), rowsPerSecond: rowsAPage * figures(lists).perSecond },
    listByDelimiter: figures(await inRounds(1, first)),
  }
}

async function inRounds(concurrency, act) {
  const rounds = []
  for (let round = 0; round < seconds; round++) rounds.push(await forSeconds(1, concurrency, act))
  return rounds
}

/** The medians of the rounds, and the longest of all. */
function figures(rounds) {
  const middle = (of) => median(rounds.map(of))
  return {
    perSecond: middle(({ perSecond }) => perSecond),
    p50Ms: middle(({ tookMs }) => quantile(tookMs, 0.5)),
    p99Ms: middle(({ tookMs }) => quantile(tookMs, 0.99)),
    mostMs: Math.max(...rounds.map(({ tookMs }) => quantile(tookMs, 1))),
  }
}
