// Durable puts without a pause for minutes, second by second: whether compaction, checkpoints or the index make cliffs.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { Engine } from '@aquifer/engine'
import { keyOf } from '../growth/keys.mjs'
import { ask } from '../report/child.mjs'
import { directoryMib } from '../report/directory-size.mjs'
import { median, quantile } from '../report/figures.mjs'
import { freshDirectory } from '../report/fresh-directory.mjs'
import { machine, machineInWords } from '../report/machine.mjs'
import { readOptions, resultsDirectory } from '../report/options.mjs'
import { peakResidentMib, residentMib, writtenBytes } from '../report/process.mjs'
import { progress } from '../report/progress.mjs'
import { table } from '../report/table.mjs'
import { writePictures } from '../report/write-pictures.mjs'
import { steadyCurves } from './curves.mjs'

const help = `Usage: node bench/steady/main.mjs [options]      After a build.

Puts objects without a pause and notes for each second how many, p50, p99 and the longest. Beside it a small process appends
to a file and syncs it ten times a second: a stall that it has too is the disk's.

  --seconds N       (default 600)
  --at-once N       puts under way (default 32)
  --size-bytes N    of each body (default 4096)
  --keys N          so many keys are written over and over (default 500000)
  --directory DIR   where the store lies; removed afterwards (default: in the system's temporary directory)
  --out DIR         where steady.json, steady.svg and steady.png go (default bench/results)
  --help
`

const values = readOptions(help, {
  seconds: '600',
  'at-once': '32',
  'size-bytes': '4096',
  keys: '500000',
  directory: undefined,
  out: resultsDirectory,
})
const seconds = Number(values.seconds)
const concurrency = Number(values['at-once'])
const sizeBytes = Number(values['size-bytes'])
const keys = Number(values.keys)
const probe = fileURLToPath(new URL('./probe.child.mjs', import.meta.url))
const parent = await freshDirectory('steady', values.directory)
const directory = join(parent, 'store')

console.log(
  `${machineInWords()}\n${concurrency} puts of ${sizeBytes} bytes at once for ${seconds} s, ${keys} keys.\n`,
)
try {
  const engine = await Engine.open({ directory })
  await engine.createBucket('bench')
  const bySecond = await writeOn(engine.bucket('bench'))
  const after = {
    diskMib: await directoryMib(directory),
    residentMib: residentMib(process.pid),
    peakMib: peakResidentMib(process.pid),
    writtenPerByte:
      writtenBytes(process.pid) / (bySecond.reduce((sum, { puts }) => sum + puts, 0) * sizeBytes),
  }
  await engine.close()
  const report = {
    at: new Date(),
    machine: machine(),
    seconds,
    concurrency,
    sizeBytes,
    keys,
    after,
    bySecond,
  }
  print(report)
  await mkdir(values.out, { recursive: true })
  await writeFile(join(values.out, 'steady.json'), `${JSON.stringify(report)}\n`)
  console.log(
    `Written: ${(await writePictures(join(values.out, 'steady'), steadyCurves(report))).join(', ')}`,
  )
} finally {
  await rm(parent, { recursive: true, force: true })
}

async function writeOn(bucket) {
  const body = Buffer.alloc(sizeBytes, 'aquifer')
  const bySecond = []
  const took = Array.from({ length: seconds }, () => [])
  const delay = monitorEventLoopDelay({ resolution: 10 })
  const telling = progress('writing', seconds)
  const probed = ask(probe, { path: join(parent, 'probe'), seconds })
  const began = performance.now()
  delay.enable()
  const closeSecond = () => {
    bySecond.push({ load: loadavg()[0], loopMs: delay.max / 1e6 })
    delay.reset()
    telling.at(bySecond.length)
  }
  const timer = setInterval(closeSecond, 1_000)
  const writer = async () => {
    for (;;) {
      const asked = performance.now()
      if (asked - began >= seconds * 1_000) return
      await bucket.put(keyOf(Math.floor(Math.random() * keys)), body)
      const ended = performance.now()
      took[Math.min(seconds - 1, Math.floor((ended - began) / 1_000))].push(ended - asked)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, writer))
  clearInterval(timer)
  delay.disable()
  telling.end()
  const probeMs = await probed
  return took.map((tookMs, second) => ({
    puts: tookMs.length,
    ...(tookMs.length > 0 && {
      p50Ms: quantile(tookMs, 0.5),
      p99Ms: quantile(tookMs, 0.99),
      mostMs: quantile(tookMs, 1),
    }),
    probeMs: probeMs[second],
    ...bySecond[second],
  }))
}

function print({ bySecond, after }) {
  const of = (name) => bySecond.map((each) => each[name]).filter((value) => value != null)
  const rows = [
    ['puts', 'puts in a second'],
    ['p50Ms', 'put p50 ms'],
    ['p99Ms', 'put p99 ms'],
    ['mostMs', 'put longest ms'],
    ['loopMs', 'event loop held, longest ms'],
    ['probeMs', 'the disk: 4 KiB appended, synced, longest ms'],
    ['load', 'load of the machine'],
  ].map(([name, words]) => ({
    'of each second': words,
    least: quantile(of(name), 0),
    median: median(of(name)),
    'p95 of seconds': quantile(of(name), 0.95),
    most: quantile(of(name), 1),
  }))
  console.log(`${table(rows)}\n\n${table([after])}\n`)
}
