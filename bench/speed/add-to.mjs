import { readFile } from 'node:fs/promises'
import { workloads } from './workloads.mjs'

/**
 * A report with what an earlier run left in the same place, where this one has nothing of its own. What is resident after
 * all is told by a run of all alone.
 */
export async function addTo(path, report, { isWhole }) {
  const earlier = JSON.parse(await readFile(path, 'utf8').catch(() => '{}'))
  const found = [...(report.results ?? []), ...(earlier.results ?? [])]
  const results = workloads.flatMap(({ name }) => found.find((result) => result.name === name) ?? [])
  const memory = isWhole ? report.memory : earlier.memory
  const engine = { ...earlier.engine, ...report.engine }
  return { ...report, results, memory, ...(Object.keys(engine).length > 0 && { engine }) }
}
