// usage: node scripts/lifecycle-timing.mjs [--objects N] [--due N] [--seconds N] [--figures FILE] [--fail]
//
// What expiry takes and what it leaves: a store of N objects (1,000,000) under a rule by which some of them (100,000) fall
// due together, while 128 writers put new ones as fast as they can. Told as a line of JSON, and added to FILE: how long
// after their moment the last one was gone, whether any other was touched, and what of the rate of durable writes was left
// while it went on, beside the rate before and after in the same run. For a machine that does nothing else; build first.
// With --fail it ends with 1 where a goal is missed: all gone within 60 s, no other touched, at least 70 % of the rate.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { atOnce } from '../bench/engine/at-once.mjs'
import { Engine } from '../packages/engine/dist/index.js'

const WRITERS = 128
const DAY_MS = 86_400_000
const bytesOf = (at) => Buffer.alloc(200, `${at} `)

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '1000000' },
    due: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '10' }, // The rate before and after is taken over so many.
    figures: { type: 'string' },
    fail: { type: 'boolean', default: false },
  },
})
const [objects, due, seconds] = [values.objects, values.due, values.seconds].map(Number)
const directory = mkdtempSync(join(tmpdir(), 'aquifer-lifecycle-'))
// Days are real ones. The clock goes on as it should, but for a jump while the store is closed, to just before the moment.
let aheadMs = 0
const clock = { now: () => Date.now() + aheadMs, monotonic: () => performance.now() }
const open = () => Engine.open({ directory: join(directory, 'data'), clock })
const prefixOf = (at) => (at % Math.round(objects / due) === 0 ? 'due' : 'kept')

let engine = await open()
try {
  const filled = await fill()
  await engine.close()
  aheadMs = (Math.floor(Date.now() / DAY_MS) + 2) * DAY_MS - (seconds + 2) * 1_000 - Date.now()
  engine = await open()
  await measure(engine.bucket('many'), filled)
} finally {
  await engine.close()
  rmSync(directory, { recursive: true, force: true })
}

async function fill() {
  await engine.createBucket('many')
  const bucket = engine.bucket('many')
  const rules = [
    { id: 'due', status: 'enabled', filter: { prefix: 'due/' }, expiration: { days: 1 } },
    { id: 'kept', status: 'enabled', filter: { prefix: 'kept/' }, expiration: { days: 3_650 } },
  ]
  await bucket.setConfiguration('lifecycle', { rules })
  const keyOf = (at) => `${prefixOf(at)}/${String(at).padStart(9, '0')}`
  const { perSecond } = await atOnce(objects, WRITERS, (at) => bucket.put(keyOf(at), bytesOf(at)))
  return perSecond
}

async function measure(bucket, filled) {
  const { at: dueAt } = (await bucket.head('due/000000000')).expiry
  const dueKeys = await count(bucket, 'due/')
  const writes = writersOf(bucket)
  const before = await writes.rate(seconds)
  while (clock.now() <= dueAt.getTime()) await new Promise((resolve) => setTimeout(resolve, 10))
  writes.reset()
  while ((await count(bucket, 'due/', 1)) > 0) await new Promise((resolve) => setTimeout(resolve, 100))
  const goneMs = clock.now() - dueAt.getTime()
  const during = writes.sofar()
  const after = await writes.rate(seconds)
  await writes.stop()
  const touched = objects - dueKeys - (await count(bucket, 'kept/'))
  const usual = (before + after) / 2
  const line = JSON.stringify({
    ...{ figure: 'expiry', objects, due: dueKeys, 'filled/s': Math.round(filled) },
    ...{ 'all gone after s': round(goneMs / 1_000), 'expired/s': Math.round(dueKeys / (goneMs / 1_000)) },
    ...{ 'others touched': touched, 'writes/s before': Math.round(before) },
    ...{ 'writes/s meanwhile': Math.round(during), 'writes/s after': Math.round(after) },
    ...{ 'of the rate': round(during / usual), date: new Date().toISOString() },
  })
  console.log(line)
  if (values.figures !== undefined) appendFileSync(values.figures, `${line}\n`)
  if (values.fail && (goneMs > 60_000 || touched !== 0 || during < 0.7 * usual)) process.exitCode = 1
}

function round(number) {
  return Math.round(number * 100) / 100
}

async function count(bucket, prefix, most = Number.POSITIVE_INFINITY) {
  let found = 0
  for await (const _ of bucket.list({ prefix, summary: true })) if (++found >= most) break
  return found
}

/** Writers that go on until they are stopped, and how many writes a second became durable. */
function writersOf(bucket) {
  let written = 0
  let since = performance.now()
  let stopped = false
  const write = async (writer) => {
    for (let at = 0; !stopped; at++) {
      await bucket.put(`new/${writer}/${at}`, bytesOf(at))
      written++
    }
  }
  const all = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
  const reset = () => {
    written = 0
    since = performance.now()
  }
  const sofar = () => written / ((performance.now() - since) / 1_000)
  return {
    reset,
    sofar,
    async rate(forSeconds) {
      reset()
      await new Promise((resolve) => setTimeout(resolve, forSeconds * 1_000))
      return sofar()
    },
    stop() {
      stopped = true
      return all
    },
  }
}
