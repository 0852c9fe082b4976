// What a store costs as it grows: one store, filled further and further, measured at each size by a fresh process.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { appendLimit } from '../report/append-limit.mjs'
import { ask } from '../report/child.mjs'
import { directoryMib } from '../report/directory-size.mjs'
import { freshDirectory } from '../report/fresh-directory.mjs'
import { machine, machineInWords } from '../report/machine.mjs'
import { readOptions, resultsDirectory } from '../report/options.mjs'
import { progress } from '../report/progress.mjs'
import { table } from '../report/table.mjs'
import { writePictures } from '../report/write-pictures.mjs'
import { growthCurves } from './curves.mjs'

const help = `Usage: node bench/growth/main.mjs [options]      After a build.

Fills one store with more and more objects and measures at each size: durable puts, gets, lists, opening, memory, disk.

  --objects N,N,…   the sizes (default 10000,100000,1000000)
  --size-bytes N    of each body (default 1024)
  --seconds N       rounds of a second for each measurement, of which medians are told (default 5)
  --directory DIR   where the store grows; removed afterwards (default: in the system's temporary directory)
  --out DIR         where growth.json, growth.svg and growth.png go (default bench/results)
  --help

5,000,000 objects of 1 KiB take about 15 GB of disk while they grow.
`

const values = readOptions(help, {
  objects: '10000,100000,1000000',
  'size-bytes': '1024',
  seconds: '5',
  directory: undefined,
  out: resultsDirectory,
})
const sizes = values.objects.split(',').map(Number)
const seconds = Number(values.seconds)
const sizeBytes = Number(values['size-bytes'])
const child = fileURLToPath(new URL('./store.child.mjs', import.meta.url))
const parent = await freshDirectory('growth', values.directory)
const directory = join(parent, 'store')
const report = { at: new Date(), machine: machine(), sizeBytes, seconds, sizes: [] }

console.log(
  `${machineInWords()}\nBodies of ${sizeBytes} bytes, keys in no order. Every put is durable when it is counted.\n`,
)
await mkdir(values.out, { recursive: true })
try {
  for (const [at, objects] of sizes.entries()) {
    const from = sizes[at - 1] ?? 0
    const order = { directory, from, to: objects, seconds, sizeBytes }
    const filling = progress(`filling up to ${objects} objects`, objects)
    const fill = await ask(child, { ...order, work: 'fill' }, { onLine: (line) => filling.at(Number(line)) })
    filling.end()
    const measured = await ask(child, { ...order, work: 'measure' })
    report.sizes.push({
      objects,
      fill,
      measured,
      appendsPerSecond: await appendLimit(join(parent, 'appended'), 32 * sizeBytes, Math.min(seconds, 2)),
      diskMib: {
        journal: await directoryMib(join(directory, 'journal')),
        index: await directoryMib(join(directory, 'index')),
        all: await directoryMib(directory),
      },
      load: loadavg()[0],
    })
    console.log(`${objects.toLocaleString('en-US')} objects measured.`)
    await writeFile(join(values.out, 'growth.json'), `${JSON.stringify(report, null, 2)}\n`)
  }
} finally {
  await rm(parent, { recursive: true, force: true })
}
console.log(`\n${table(rowsOf(report.sizes))}\n`)
console.log(`Written: ${(await writePictures(join(values.out, 'growth'), growthCurves(report))).join(', ')}`)

/** A row for each figure, a column for each size. */
function rowsOf(sizes) {
  const columns = sizes.map(figuresOf)
  return Object.keys(columns[0]).map((name) => ({
    figure: name,
    ...Object.fromEntries(
      columns.map((figures, at) => [sizes[at].objects.toLocaleString('en-US'), figures[name]]),
    ),
  }))
}

function figuresOf({ fill, measured, appendsPerSecond, diskMib, load }) {
  return {
    'filled, 128 at once, puts/s': fill.perSecond,
    'replaced, 32 at once, puts/s': measured.put.perSecond,
    'limit: 32 bodies appended, synced, /s': appendsPerSecond * 32,
    'put p50 ms': measured.put.p50Ms,
    'put p99 ms': measured.put.p99Ms,
    'put longest ms': measured.put.mostMs,
    'gets/s, 32 at once': measured.get.perSecond,
    'get p99 ms': measured.get.p99Ms,
    'listed objects/s, by pages of 1,000': measured.list.rowsPerSecond,
    'list by "/", a page of 1,000 prefixes, ms': measured.listByDelimiter.p50Ms,
    'open ms': measured.openMs,
    'close ms': measured.closeMs,
    'resident MiB after opening': measured.openedMib,
    'resident MiB at the most': measured.peakMib,
    'resident MiB at the end': measured.residentMib,
    'of which not mapped files': measured.withoutFilesMib,
    'disk MiB': diskMib.all,
    'index MiB': diskMib.index,
    'written to disk per byte filled': fill.writtenPerByte,
    'load of the machine': load,
  }
}
