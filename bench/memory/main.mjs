// How much memory the server holds while one large object goes up and comes down and many slow clients dribble.
// usage: node memory/main.mjs [--large-mib 1024] [--up 100] [--down 100]      After a build. Linux alone: it reads /proc.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startServer } from '../../scripts/start-server.mjs'
import { openS3 } from './s3.mjs'
import { dribbleDown, dribbleUp } from './slow-client.mjs'
import { watchMemory } from './watch-memory.mjs'

const mib = 1024 * 1024
/** What the server's resident memory is to stay under. */
const limitMib = 200
const slowObjectMib = 16

const { values } = parseArgs({
  options: {
    'large-mib': { type: 'string', default: '1024' },
    up: { type: 'string', default: '100' },
    down: { type: 'string', default: '100' },
  },
})
const largeBytes = Number(values['large-mib']) * mib

const directory = await mkdtemp(join(tmpdir(), 'aquifer-memory-'))
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

  const slow = [
    ...Array.from({ length: Number(values.up) }, (_, n) => dribbleUp(s3, `/bench/slow-${n}`)),
    ...Array.from({ length: Number(values.down) }, () => dribbleDown(s3, '/bench/slow')),
  ]
  await memory.during('slow clients', () => Promise.all(slow.map((client) => client.underWay)))
  const sent = await memory.during('large PUT', () => s3.putLarge('/bench/large', largeBytes))
  const received = await memory.during('large GET', () => s3.getLarge('/bench/large'))
  assert.equal(received, sent, 'what came down is what went up')
  const alive = slow.filter((client) => client.isAlive()).length
  for (const client of slow) client.leave()
  assert.equal(alive, slow.length, 'the slow clients were served to the end')
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
