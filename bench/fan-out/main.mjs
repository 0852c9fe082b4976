// What one stream costs as many objects beside what it costs as one: time, memory, disk; the engine alone and over HTTP.
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ask } from '../report/child.mjs'
import { median } from '../report/figures.mjs'
import { freshDirectory } from '../report/fresh-directory.mjs'
import { machineInWords } from '../report/machine.mjs'
import { readOptions } from '../report/options.mjs'
import { table } from '../report/table.mjs'
import { measureServer } from './measure-server.mjs'

const help = `Usage: node bench/fan-out/main.mjs [options]      After a build. Linux alone: it reads /proc.

Puts a stream as one object, then the same as many, in turn (A B A B), each to a store of the same directory. It fails where the
many take more than 1.3 times as long (medians), more disk than a tenth above the stream, or more memory than 200 MiB.

  --mib N           of the stream (default 1024)
  --targets N       objects that it becomes (default 1000)
  --rounds N        (default 3)
  --only WORD       engine or http
  --directory DIR   where the stores lie; removed afterwards (default: in the system's temporary directory)
  --help
`

const values = readOptions(help, {
  mib: '1024',
  targets: '1000',
  rounds: '3',
  only: undefined,
  directory: undefined,
})
const order = { mib: Number(values.mib), targets: Number(values.targets), rounds: Number(values.rounds) }
const child = fileURLToPath(new URL('./engine.child.mjs', import.meta.url))
const ways = {
  engine: (directory) => ask(child, { ...order, directory }),
  http: (directory) => measureServer({ ...order, directory }),
}

console.log(`${machineInWords()}\n${order.mib} MiB as one object and as ${order.targets}.\n`)
const rows = []
for (const [way, measure] of Object.entries(ways)) {
  if (values.only !== undefined && values.only !== way) continue
  const parent = await freshDirectory('fan-out', values.directory)
  try {
    rows.push(rowOf(way, await measure(join(parent, 'store'))))
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
}
console.log(table(rows))

for (const row of rows) {
  assert.ok(row.ratio <= 1.3, `${row.way}: ${row.ratio.toFixed(2)} times one put`)
  assert.ok(row['more disk, MiB'] <= order.mib * 1.1, `${row.way}: the stream was stored more than once`)
  assert.ok(row['memory at most, MiB'] < 200, `${row.way}: more memory than was promised`)
}

/** @param rounds of each the times, what the directory grew by and the peak of resident memory during the fan-out */
function rowOf(way, rounds) {
  const of = (name) => median(rounds.map((round) => round[name]))
  return {
    way,
    'put, s': of('putMs') / 1_000,
    'fan-out, s': of('fanOutMs') / 1_000,
    ratio: of('fanOutMs') / of('putMs'),
    'MiB/s': order.mib / (of('fanOutMs') / 1_000),
    'more disk, MiB': of('grownMib'),
    'memory at most, MiB': Math.max(...rounds.map(({ peakMib }) => peakMib)),
  }
}
