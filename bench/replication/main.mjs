// How far behind a target is under a steady load; how fast one that was down is caught up, and what of the source's writes is left
// meanwhile; and what it costs a write that it is carried over.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { median, quantile } from '../report/figures.mjs'
import { freshDirectory } from '../report/fresh-directory.mjs'
import { machine, machineInWords } from '../report/machine.mjs'
import { readOptions, resultsDirectory } from '../report/options.mjs'
import { residentWithoutFilesMib } from '../report/process.mjs'
import { progress } from '../report/progress.mjs'
import { startPair } from './pair.mjs'
import { Writers } from './writers.mjs'

const help = `Usage: node bench/replication/main.mjs [options]      After a build.

Two servers with a directory each, and this process, which loads them over HTTP, on one machine.

  --only NAME,…     lag, cost, catch-up (default: all)
  --rate N          objects a second, for the lag (default 200)
  --seconds N       of that load (default 30)
  --waiting N       versions that wait for the target when it comes back (default 24000: two minutes of 200 a second)
  --window N        seconds of writes as fast as they are answered, for the cost and for what is left meanwhile (default 5)
  --rounds N        of the cost and of the catching up (default 2)
  --size-bytes N    of an object (default 1024)
  --cpu-prof DIR    the servers leave profiles there
  --directory DIR   where the stores lie; removed afterwards (default: in the system's temporary directory)
  --out DIR         where replication.json goes (default bench/results)
  --help
`
const values = readOptions(help, {
  ...{ only: 'lag,cost,catch-up', rate: '200', seconds: '30', waiting: '24000', window: '5', rounds: '2' },
  ...{ 'size-bytes': '1024', 'cpu-prof': undefined, directory: undefined, out: resultsDirectory },
})
const [rate, seconds, waiting, window, rounds, sizeBytes] = [
  ...[values.rate, values.seconds, values.waiting, values.window, values.rounds, values['size-bytes']],
].map(Number)
const CONNECTIONS = 8

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const round = (number) => Math.round(number * 100) / 100
const { source, target, close } = await begin()
const report = { at: new Date(), machine: machine(), rate, sizeBytes }
const works = { lag: measureLag, cost: measureCost, 'catch-up': measureCatchingUp }
console.log(machineInWords())
try {
  for (const name of values.only.split(',')) {
    report[name] = await works[name]()
    console.log(JSON.stringify({ [name]: report[name] }))
  }
  await mkdir(values.out, { recursive: true })
  await writeFile(join(values.out, 'replication.json'), `${JSON.stringify(report, null, 2)}\n`)
} finally {
  await close()
}

async function begin() {
  const directory = await freshDirectory('replication', values.directory)
  const profile = values['cpu-prof']
  const flags = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile]
  const pair = await startPair(directory, flags)
  return {
    ...pair,
    async close() {
      await Promise.allSettled([pair.source.stop(), pair.target.stop()])
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function write(server, bucket, more = {}) {
  return new Writers(server, { bucket, sizeBytes, connections: CONNECTIONS, ...more })
}

async function writeFor(bucket, more) {
  const writers = write(source, bucket, more)
  await sleep(window * 1_000)
  return writers.end()
}

/** Until nothing waits. */
async function drained() {
  while ((await source.status()).waiting > 0) await sleep(50)
}

/**
 * Beside what the source itself says, a client's own: from the answer to its PUT until the target has the object, asked for every 5 ms.
 * Ten objects a second are asked for so.
 */
async function measureLag() {
  const writers = write(source, 'carried', { rate })
  const shown = progress(`${rate} objects a second`, seconds)
  const connections = [await source.connect(), await target.connect()]
  const seenMs = []
  const began = performance.now()
  for (let at = 0; performance.now() - began < seconds * 1_000; at++) {
    const path = `/carried/asked-for-${at}`
    await source.ask(connections[0], 'PUT', path, { body: Buffer.alloc(sizeBytes) })
    const answered = performance.now()
    while ((await target.ask(connections[1], 'HEAD', path)).status !== 200) await sleep(5)
    seenMs.push(performance.now() - answered)
    shown.at((performance.now() - began) / 1_000)
    await sleep(answered + 100 - performance.now())
  }
  shown.end()
  const { lagMs } = await source.status()
  const { perSecond, p50Ms, p99Ms } = await writers.end()
  for (const connection of connections) connection.close()
  await drained()
  return {
    ...{ 'objects/s': round(perSecond), 'lag ms, as the source says': lagMs, 'asked for': seenMs.length },
    'lag ms, as a client sees': {
      ...{
        median: round(median(seenMs)),
        p99: round(quantile(seenMs, 0.99)),
        max: round(Math.max(...seenMs)),
      },
    },
    'put ms': { median: round(p50Ms), p99: round(p99Ms) },
  }
}

/** As fast as they are answered, in turn to a bucket that is carried over and to one that is not. */
async function measureCost() {
  await writeFor('plain') // What comes first is slower, whatever it is.
  const measured = []
  for (let at = 0; at < rounds; at++) {
    const plain = await writeFor('plain')
    const carried = await writeFor('carried')
    const left = (await source.status()).waiting
    await drained()
    measured.push({
      ...{ 'plain/s': round(plain.perSecond), 'carried/s': round(carried.perSecond) },
      ...{ ratio: round(carried.perSecond / plain.perSecond), 'left to carry': left },
    })
  }
  return { rounds: measured, 'ratio, median': median(measured.map(({ ratio }) => ratio)) }
}

/**
 * The target is down while as many are written as are to wait, and comes back. Meanwhile, and after it, others are written to a bucket
 * that is carried nowhere.
 */
async function measureCatchingUp() {
  const measured = []
  await writeFor('plain')
  for (let at = 0; at < rounds; at++) {
    const before = await writeFor('plain')
    const restingMib = residentWithoutFilesMib(source.pid)
    await target.stop()
    const filling = progress('filling', 1)
    const filler = write(source, 'carried', { count: waiting })
    await filler.done()
    await filler.end()
    filling.end()
    const { waiting: left } = await source.status()
    const waitingMib = residentWithoutFilesMib(source.pid)
    await target.start()
    const started = performance.now()
    // Until it is tried again it rests; and what is measured begins when it has begun.
    while ((await source.status()).waiting >= left) await sleep(20)
    const restedMs = performance.now() - started
    const first = (await source.status()).waiting
    const began = performance.now()
    const writers = write(source, 'plain')
    while ((await source.status()).waiting > 0) await sleep(50)
    const tookSeconds = (performance.now() - began) / 1_000
    const meanwhile = await writers.end()
    const after = await writeFor('plain')
    const usual = (before.perSecond + after.perSecond) / 2
    measured.push({
      ...{
        waited: left,
        'until the first s': round(restedMs / 1_000),
        'objects/s': round(first / tookSeconds),
      },
      ...{ 'writes/s before': round(before.perSecond), meanwhile: round(meanwhile.perSecond) },
      ...{ after: round(after.perSecond), 'of the rate': round(meanwhile.perSecond / usual) },
      ...{ "source's MiB before, while they wait": [restingMib, waitingMib].map(Math.round) },
      ...{ 'put p99 ms before, meanwhile': [round(before.p99Ms), round(meanwhile.p99Ms)] },
    })
  }
  return measured
}
