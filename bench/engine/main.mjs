// What the engine does without HTTP, beside what the disk and LevelDB alone do in the same run.
// usage: node engine/main.mjs [--quick] [--json FILE] [WORKLOAD…]      After a build.
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { machine, machineInWords } from '../report/machine.mjs'
import { measureEngine, names, printEngine } from './workloads.mjs'

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
  allowPositionals: true,
})
const unknown = positionals.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`There is no workload ${unknown.join(', ')}; there are: ${names.join(', ')}.`)
  process.exit(2)
}

console.log(
  `${machineInWords()}\nEvery put is durable when it is counted. Nothing else should run on the machine.\n`,
)
const results = await measureEngine(positionals.length > 0 ? positionals : names, values)
printEngine(results)
if (values.json !== undefined)
  await writeFile(
    values.json,
    `${JSON.stringify({ machine: machine(), at: new Date(), results }, null, 2)}\n`,
  )
