import { show } from '../report/progress.mjs'
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

export const names = Object.keys(workloads)

/** The engine without HTTP: the rows of each workload by its name. */
export async function measureEngine(chosen, { quick }) {
  const results = {}
  for (const name of names.filter((each) => chosen.includes(each))) {
    show(`the engine alone: ${name}`)
    results[name] = await workloads[name]({ quick })
  }
  show()
  return results
}

export function printEngine(results) {
  for (const [name, rows] of Object.entries(results))
    console.log(`The engine alone: ${name}\n${table(rows)}\n`)
}
