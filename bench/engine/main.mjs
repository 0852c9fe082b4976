// What the engine does without HTTP, beside what the disk and LevelDB alone do in the same run.
// usage: node engine/main.mjs [--quick] [--json FILE] [WORKLOAD…]      After a build.
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { machine, machineInWords } from '../report/machine.mjs'
import { table } from '../report/table.mjs'
import { largeObjects } from './large-objects.mjs'
import { listing } from './listing.mjs'
import { smallObjects } from './small-objects.mjs'
import { whateverTheSize } from './whatever-the-size.mjs'

const workloads = {
  'small-objects': smallObjects,
  listing,
  'large-objects': largeObjects,
  'whatever-the-size': whateverTheSize,
}

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
  allowPositionals: true,
})
const unknown = positionals.filter((name) => !(name in workloads))
if (unknown.length > 0) {
  console.error(
    `There is no workload ${unknown.join(', ')}; there are: ${Object.keys(workloads).join(', ')}.`,
  )
  process.exit(2)
}

console.log(
  `${machineInWords()}\nEvery put is durable when it is counted. Nothing else should run on the machine.\n`,
)
const results = {}
for (const [name, measure] of Object.entries(workloads)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  results[name] = await measure({ quick: values.quick })
  console.log(`${name}\n${table(results[name])}\n`)
}
if (values.json !== undefined)
  await writeFile(
    values.json,
    `${JSON.stringify({ machine: machine(), at: new Date(), results }, null, 2)}\n`,
  )
