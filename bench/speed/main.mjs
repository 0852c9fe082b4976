// Aquifer beside every other server that is installed, on the same machine, under the same load, in turn.
// usage: npx -y pnpm@12 bench [--quick] [--peer NAME=URL,ACCESS-KEY,SECRET-KEY[,REGION]]… [--only WORD]… [--out DIR]
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { requestSigner } from '../../scripts/sign-request.mjs'
import { machine, machineInWords } from '../report/machine.mjs'
import { drawSvg } from './draw-svg.mjs'
import { diskLimits } from './limits.mjs'
import { measure } from './measure.mjs'
import { caveats, printReport } from './print-report.mjs'
import { residentMib } from './process.mjs'
import { aquifer } from './servers/aquifer.mjs'
import { bareNode } from './servers/bare-node.mjs'
import { garage, running, s3rver, s3sFs } from './servers/peers.mjs'
import { workloads } from './workloads.mjs'

const help = `Usage: npx -y pnpm@12 bench [options]

Measures Aquifer beside every other server that is installed (s3s-fs, Garage, s3rver) and what a bare Node server
and the disk allow. Every server gets a fresh directory and the same requests, in turn.

  --quick        one round of 1 second each, under 3 minutes in all
  --rounds N     rounds of each workload (default 3)
  --seconds N    how long each round loads a server (default 5)
  --only WORD    only workloads whose name holds it; may be given again
  --peer P       a server that is running already: NAME=URL,ACCESS-KEY,SECRET-KEY[,REGION]; may be given again
  --out DIR      where results.json and results.svg go (default bench/results)
  --help
`

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    peer: { type: 'string', multiple: true, default: [] },
    out: { type: 'string', default: fileURLToPath(new URL('../results', import.meta.url)) },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(help)
  process.exit(0)
}
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
const seconds = Number(values.seconds ?? (values.quick ? 1 : 5))
const chosen = workloads.filter(
  ({ name }) =>
    values.only.length === 0 || values.only.some((word) => name.toLowerCase().includes(word.toLowerCase())),
)

const directory = await mkdtemp(join(tmpdir(), 'aquifer-speed-'))
const candidates = [aquifer, bareNode, s3sFs, garage, s3rver, ...values.peer.map(running)]
const servers = []
try {
  for (const candidate of candidates) {
    if (!candidate.isInstalled()) {
      console.log(`${candidate.name} is not installed and left out.`)
      continue
    }
    const place = await candidate.start(join(directory, `server-${servers.length}`))
    servers.push({ ...place, name: candidate.name, isCeiling: candidate.isCeiling === true })
    if (place.credentials !== undefined) await createBucket(place)
  }
  console.log(
    `\n${machineInWords()}\n${rounds} rounds of ${seconds} s each, in turn: ${servers.map(({ name }) => name).join(', ')}\n`,
  )
  const limits = diskLimits(directory, Math.min(seconds, 2))
  const results = await measure({ servers, workloads: chosen, rounds, seconds })
  const memory = servers.map(({ name, pid }) => ({
    name,
    residentMib: pid === undefined ? undefined : residentMib(pid),
  }))
  const report = { at: new Date(), machine: machine(), rounds, seconds, limits, results, memory, caveats }
  printReport(report)
  await mkdir(values.out, { recursive: true })
  await writeFile(join(values.out, 'results.json'), `${JSON.stringify(report, null, 2)}\n`)
  await writeFile(join(values.out, 'results.svg'), drawSvg(report))
  console.log(`\nWritten: ${join(values.out, 'results.json')}, ${join(values.out, 'results.svg')}`)
} finally {
  await Promise.allSettled(servers.map((server) => server.stop()))
  await rm(directory, { recursive: true, force: true })
}

async function createBucket({ url, credentials }) {
  const sign = requestSigner({ url, ...credentials })
  const { host: _, ...headers } = sign('PUT', '/bench')
  const answer = await fetch(`${url}/bench`, { method: 'PUT', headers })
  if (!answer.ok && answer.status !== 409)
    throw new Error(`${url} made no bucket: ${answer.status} ${await answer.text()}`)
}
