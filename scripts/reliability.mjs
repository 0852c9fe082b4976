// usage: node scripts/reliability.mjs [RUN…] [--figures FILE] [--seed N] [--total N | --minutes N]
//
// The long runs: the same tests as those of `pnpm test`, with a bigger number. Without a RUN it lists them. A run is
// taken in pieces, each with a seed of its own; every piece that passed is a line of JSON in FILE (reliability.jsonl by
// default), and the next call goes on behind the last one. A piece that fails ends the run and says how to repeat it.
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const engine = (file) => join(root, 'packages/engine', file)

/** `size` names the variable that says how much one piece does; `each` is that number, `total` the whole run's. */
const runs = {
  model: {
    what: 'random verbs against the reference model: sequences of up to 40 steps',
    files: [engine('dist-test/model.test.js')],
    size: (count) => ({ AQUIFER_MODEL_RUNS: String(count / 2_400) }),
    each: 1_200,
    total: 50_000,
  },
  'power-cuts': {
    what: 'power cuts of a simulated disk under the journal and under the engine',
    files: [engine('dist-test/crash/power-cut.test.js')],
    size: (count) => ({ AQUIFER_CUTS: String(count) }),
    each: 5_000,
    total: 300_000,
  },
  kill: {
    what: 'kill -9 of a process under load, on the real disk',
    files: [engine('dist-test/crash/kill.test.js')],
    size: (count) => ({ AQUIFER_KILLS: String(count) }),
    each: 50,
    total: 3_000,
  },
  events: {
    what: 'kill -9 each 200 ms of a process whose mutations are told of: mutations',
    files: [engine('dist-test/crash/events-kill.test.js')],
    size: (count) => ({ AQUIFER_EVENT_MUTATIONS: String(count) }),
    each: 5_000,
    total: 100_000,
  },
  'event-cuts': {
    what: 'power cuts of a simulated disk amid mutations that are told of',
    files: [engine('dist-test/crash/events-power-cut.test.js')],
    size: (count) => ({ AQUIFER_EVENT_CUTS: String(count) }),
    each: 500,
    total: 5_000,
  },
  'fan-outs': {
    what: 'kill -9 amid the commits of a stream that becomes a thousand objects',
    files: [engine('dist-test/crash/fan-out-kill.test.js')],
    size: (count) => ({ AQUIFER_FAN_OUT_KILLS: String(count) }),
    each: 20,
    total: 200,
  },
  lifecycle: {
    what: 'kill -9 while objects go by lifecycle rules: nothing gone that was not due or was locked',
    files: [engine('dist-test/crash/lifecycle-kill.test.js')],
    size: (count) => ({ AQUIFER_LIFECYCLE_KILLS: String(count) }),
    each: 20,
    total: 300,
  },
  'engine-cuts': {
    what: 'power cuts under an engine on real files, with the real LevelDB',
    files: [engine('dist-test/power/engine-cuts.test.js')],
    size: (count) => ({ AQUIFER_ENGINE_CUTS: String(count) }),
    each: 25,
    total: 500,
  },
  'crash-points': {
    what: 'a kill before each sync and rename of eleven scenarios, on real files with the real LevelDB',
    files: [engine('dist-test/power/crash-points.test.js')],
    size: () => ({ AQUIFER_POINTS_STEP: '1' }),
    each: 1,
    total: 1,
  },
  linearizability: {
    what: 'operations of 16 clients on 20 keys, through kills, for which an order must be found',
    files: [engine('dist-test/crash/linearizability.test.js')],
    size: (count) => ({ AQUIFER_OPERATIONS: String(count) }),
    each: 10_000,
    total: 100_000,
  },
  corruption: {
    what: 'each kind of file damaged in each way: places of each kind',
    files: [engine('dist-test/crash/corruption.test.js')],
    size: (count) => ({ AQUIFER_OFFSETS: String(count) }),
    each: 5,
    total: 100,
  },
  faults: {
    what: 'each call of the disk failing once, in every scenario: EIO, ENOSPC, a short write, the power',
    files: [
      engine('dist-test/crash/fault-sweep.test.js'),
      engine('dist/kv/level/fault-sweep.test.js'),
      engine('dist/blobs/files/file-blob-store-faults.test.js'),
    ],
    size: () => ({ AQUIFER_SWEEP: 'EIO:1,ENOSPC:1,short:1,power-cut:1', AQUIFER_LONG: '1' }),
    each: 1,
    total: 1,
  },
  full: {
    what: 'a mounted file system of 256 MiB filled to its last byte and freed',
    files: [engine('dist-test/crash/disk-full.test.js')],
    size: (count) => ({ AQUIFER_FILLS: String(count) }),
    each: 5,
    total: 50,
  },
  walk: {
    what: 'put, copy, part copy, complete, abort, append, rename, delete with kills: what the disk holds in the end',
    files: [engine('dist-test/walk/walk.test.js')],
    size: (count) => ({ AQUIFER_WALK_STEPS: String(count), AQUIFER_WALK_LARGE_MIB: '100' }),
    each: 2_000,
    total: 20_000,
  },
  'log-shipping': {
    what: 'appends of 1 KiB by 8 writers to one object over HTTP, the server killed and started again',
    files: [join(root, 'packages/server/dist-test/log-shipping.test.js')],
    size: (count) => ({ AQUIFER_APPENDS: String(count) }),
    each: 10_000,
    total: 10_000,
  },
  replication: {
    what: 'minutes of writes to two servers that replicate to each other and are killed: both come to hold the same',
    files: [join(root, 'packages/server/dist-test/replication/convergence.test.js')],
    size: (minutes) => ({ AQUIFER_REPLICATION_SECONDS: String(minutes * 60) }),
    each: 60,
    total: 60,
  },
  'replication-model': {
    what: 'schedules of two and three engines that replicate to each other in a simulation and are killed between any two steps',
    files: [engine('dist-test/replication/crashes.test.js')],
    size: (count) => ({ AQUIFER_SCHEDULES: String(count) }),
    each: 1_000,
    total: 20_000,
  },
  rebuild: {
    what: 'the index removed: objects of a store that is made whole again',
    files: [engine('dist-test/crash/rebuild.test.js')],
    size: (count) => ({ AQUIFER_OBJECTS: String(count) }),
    each: 1_000_000,
    total: 1_000_000,
  },
}

const { values, positionals } = whatIsAsked()

if (values.help) {
  const [first, , ...rest] = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n')
  const lines = [
    first,
    '//',
    ...rest.slice(
      0,
      rest.findIndex((line) => !line.startsWith('//')),
    ),
  ]
  for (const line of lines) console.log(line.slice(3))
} else if (positionals.length === 0) {
  for (const [name, { what, total }] of Object.entries(runs))
    console.log(`${name.padEnd(15)} ${String(total).padStart(9)}  ${what}`)
}
const unknown = positionals.find((name) => runs[name] === undefined)
if (unknown !== undefined) refuse(`There is no run "${unknown}": without a name the runs are listed.`)
for (const name of values.help ? [] : positionals) {
  if (!(await carryOut(name, runs[name]))) {
    process.exitCode = 1
    break
  }
}

function whatIsAsked() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        figures: { type: 'string', default: 'reliability.jsonl' },
        seed: { type: 'string', default: '1' },
        total: { type: 'string' },
        minutes: { type: 'string' }, // The total of a run that is counted by them.
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    refuse(`${error.message} See --help.`)
  }
}

function refuse(message) {
  console.error(message)
  process.exit(2)
}

async function carryOut(name, { files, size, each, total: usual }) {
  const first = Number(values.seed)
  const total = Number(values.total ?? values.minutes ?? usual)
  const before = linesOf(values.figures).filter((line) => line.run === name && line.firstSeed === first)
  let done = before.reduce((sum, { count }) => sum + count, 0)
  // A piece's seeds are its own: those of a test that goes on from its seed by one never meet the next piece's.
  for (let piece = before.length; done < total; piece++) {
    const count = Math.min(each, total - done)
    const seed = first + piece * each
    const environment = { ...size(count), AQUIFER_SEED: String(seed) }
    const { isGood, seconds, figures } = await runPiece(files, environment)
    if (!isGood) {
      const told = Object.entries(environment).map(([key, value]) => `${key}=${value}`)
      console.log(`${name}: FAILED. Again: ${told.join(' ')} node ${files.join(' ')}`)
      return false
    }
    done += count
    const date = new Date().toISOString()
    append(values.figures, { run: name, firstSeed: first, seed, count, done, total, seconds, date, figures })
    console.log(`${date} ${name}: ${done} of ${total}, ${seconds} s for the last ${count}`)
  }
  console.log(`${name}: done, ${done} of ${total}`)
  return true
}

/** The test's files, one after the other, each in a process of its own; what they print is shown where they fail. */
async function runPiece(files, environment) {
  const folder = mkdtempSync(join(tmpdir(), 'aquifer-reliability-'))
  const told = join(folder, 'figures')
  const started = Date.now()
  try {
    for (const file of files) {
      const { status, output } = await runFile(file, { ...environment, AQUIFER_FIGURES: told })
      if (status === 0) continue
      console.log(`${output}\n${file} ended with ${status}`)
      return { isGood: false }
    }
    const seconds = Math.round((Date.now() - started) / 1_000)
    return { isGood: true, seconds, figures: linesOf(told) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runFile(file, environment) {
  // A long test shows on a terminal how far it has come.
  const stdio = ['ignore', 'pipe', process.stderr.isTTY ? 'inherit' : 'pipe']
  const child = spawn(process.execPath, [file], { env: { ...process.env, ...environment }, stdio })
  const chunks = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) =>
      resolve({ status: code ?? signal, output: Buffer.concat(chunks).toString() }),
    )
  })
}

function linesOf(file) {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
}

function append(file, line) {
  appendFileSync(file, `${JSON.stringify(line)}\n`)
}
