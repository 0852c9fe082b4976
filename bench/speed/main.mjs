// Aquifer beside every other server that is installed, on the same machine, under the same load, in turn.
// usage: npx -y pnpm@12 bench [--help]
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { measureEngine } from '../engine/workloads.mjs'
import { deviceOf } from '../report/device.mjs'
import { freshDirectory } from '../report/fresh-directory.mjs'
import { machine, machineInWords } from '../report/machine.mjs'
import { peakResidentMib, residentMib } from '../report/process.mjs'
import { writePictures } from '../report/write-pictures.mjs'
import { addTo } from './add-to.mjs'
import { drawBars } from './draw-bars.mjs'
import { measure } from './measure.mjs'
import { readOptions } from './options.mjs'
import { caveats, printReport } from './print-report.mjs'
import { startServers } from './start-servers.mjs'

const options = readOptions()
const { rounds, seconds, payload } = options
const directory = await freshDirectory('speed', options.directory)
const servers = []
const report = { at: new Date(), machine: machine(), load: loadavg()[0], rounds, seconds, payload, caveats }
try {
  console.log(machineInWords())
  if (options.workloads.length > 0) {
    await startServers({ ...options, into: servers, directory })
    console.log(`${rounds} rounds of ${seconds} s, in turn: ${servers.map(({ name }) => name).join(', ')}\n`)
    report.results = await measure({ ...options, servers, directory, device: await deviceOf(directory) })
    report.memory = servers.flatMap(({ name, pid }) =>
      pid === undefined ? [] : [{ name, residentMib: residentMib(pid), peakMib: peakResidentMib(pid) }],
    )
  }
} finally {
  await Promise.allSettled(servers.map((server) => server.stop()))
  await rm(directory, { recursive: true, force: true })
}
if (options.withEngine) report.engine = await measureEngine(['small-objects', 'listing'], options)
printReport(report)
await mkdir(options.out, { recursive: true })
const path = join(options.out, 'results')
const saved = options.add ? await addTo(`${path}.json`, report, options) : report
await writeFile(`${path}.json`, `${JSON.stringify(saved, null, 2)}\n`)
const pictures = saved.results?.length > 0 ? await writePictures(path, drawBars(saved)) : []
console.log(`\nWritten: ${[`${path}.json`, ...pictures].join(', ')}`)
