// How much memory the server holds while one large object goes up and comes down and many slow clients dribble, and what
// they leave of the rate at which it goes when nobody else is there.
// usage: node memory/main.mjs [--large-mib 1024] [--up 100] [--down 100] [--pause-ms 200] [--limit-mib 200]      After a build. Linux alone: it reads /proc.
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startServer } from '../../scripts/start-server.mjs'
import { freshDirectory } from '../report/fresh-directory.mjs'
import { openS3 } from './s3.mjs'
import { settled } from './settled.mjs'
import { dribbleDown, dribbleUp } from './slow-client.mjs'
import { watchMemory } from './watch-memory.mjs'

const mib = 1024 * 1024
const slowObjectMib = 16

const { values } = parseArgs({
  options: {
    'large-mib': { type: 'string', default: '1024' },
    up: { type: 'string', default: '100' },
    down: { type: 'string', default: '100' },
    /** Between the pieces of 4 KiB that a slow client sends or takes. */
    'pause-ms': { type: 'string', default: '200' },
    /** What the server's resident memory is to stay under. */
    'limit-mib': { type: 'string', default: '200' },
  },
})
const largeBytes = Number(values['large-mib']) * mib
const pauseMs = Number(values['pause-ms'])
const limitMib = Number(values['limit-mib'])

/** MiB/s of an upload, and of the download of the same. */
async function rates(put, get) {
  const began = performance.now()
  const sent = await put()
  const between = performance.now()
  const received = await get()
  assert.equal(received, sent, 'what came down is what went up')
  const rate = (ms) => largeBytes / mib / (ms / 1000)
  return { PUT: rate(between - began), GET: rate(performance.now() - between) }
}

const directory = await freshDirectory('memory')
const credentials = { accessKeyId: 'AQUIFERBENCH', secretAccessKey: 'a-secret-of-the-benchmark' }
const main = fileURLToPath(new URL('../../packages/server/dist/main.js', import.meta.url))
const server = await startServer({
  command: [process.execPath, main, 'serve', directory, '--port', '0', '--log', 'warn'],
  env: {
    AQUIFER_ROOT_ACCESS_KEY: credentials.accessKeyId,
    AQUIFER_ROOT_SECRET_KEY: credentials.secretAccessKey,
  },
})
console.log(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / mib)} MiB`,
)
console.log(
  `${values['large-mib']} MiB up and down, ${values.up} clients dribble up, ${values.down} down; resident memory in MiB\n`,
)
const memory = watchMemory(server.pid)
try {
  const s3 = openS3({ url: server.url, region: 'us-east-1', ...credentials })
  await memory.during('idle', () => s3.put('/bench', Buffer.alloc(0)))
  await s3.put('/bench/slow', Buffer.alloc(slowObjectMib * mib, 'slow'))

  const runAlone = (key) =>
    rates(
      () => s3.putLarge(key, largeBytes),
      () => s3.getLarge(key),
    )
  const before = await runAlone('/bench/alone-before')

  const slow = [
    ...Array.from({ length: Number(values.up) }, (_, n) => dribbleUp(s3, `/bench/slow-${n}`, pauseMs)),
    ...Array.from({ length: Number(values.down) }, () => dribbleDown(s3, '/bench/slow', pauseMs)),
  ]
  await memory.during('slow clients', () => Promise.all(slow.map((client) => client.underWay)))
  const used = await memory.during('slow clients', () => settled(server.pid))
  const among = await rates(
    () => memory.during('large PUT', () => s3.putLarge('/bench/large', largeBytes)),
    () => memory.during('large GET', () => s3.getLarge('/bench/large')),
  )
  const alive = slow.filter((client) => client.isAlive()).length
  for (const client of slow) client.leave()
  assert.equal(alive, slow.length, 'the slow clients were served to the end')
  await settled(server.pid)
  const after = await runAlone('/bench/alone-after')
  console.log(`\nthe slow clients alone took ${Math.round(100 * used)} % of one processor of the server's`)
  console.log('\n      alone before and after, MiB/s  among slow clients')
  for (const verb of ['PUT', 'GET']) {
    const alone = (before[verb] + after[verb]) / 2
    const share = Math.round((100 * among[verb]) / alone)
    console.log(
      `${verb} ${before[verb].toFixed(0).padStart(17)} ${after[verb].toFixed(0).padStart(15)} ${among[verb].toFixed(0).padStart(10)} (${share} %)`,
    )
  }
} finally {
  memory.stop()
  await server.stop()
  await rm(directory, { recursive: true, force: true })
}

console.log('\nphase             peak')
for (const [phase, peakMib] of memory.peaks) console.log(`${phase.padEnd(14)} ${String(peakMib).padStart(7)}`)
const peakMib = Math.max(...memory.peaks.values())
console.log(`\npeak ${peakMib} MiB, promised ${limitMib} MiB: ${peakMib <= limitMib ? 'kept' : 'NOT kept'}`)
process.exitCode = peakMib <= limitMib ? 0 : 1
