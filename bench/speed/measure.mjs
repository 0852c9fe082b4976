import { median } from '../report/figures.mjs'
import { load } from './load.mjs'
import { writtenBytes } from './process.mjs'
import { rateOf } from './workloads.mjs'

/**
 * Each workload on each server in turn, round after round, so that whatever else the machine does meets all of them.
 *
 * @returns for each workload `{ name, unit, servers: [{ name, rates, rate, p50Ms, p99Ms, ofCeiling?, writtenPerByte? }] }`
 */
export async function measure({ servers, workloads, rounds, seconds }) {
  const results = []
  const prepared = new Set()
  for (const [at, workload] of workloads.entries()) {
    const seen = new Map(servers.map(({ name }) => [name, []]))
    // What is read must all be there; a round of writing may not have come to the last key.
    if (workload.work !== 'put' && !prepared.has(workload.prefix)) await prepare(servers, workload)
    if (workload.work !== 'put') prepared.add(workload.prefix)
    for (let round = 0; round < rounds; round++)
      for (const server of servers) {
        show(
          `${at + 1} of ${workloads.length}: ${workload.name}, round ${round + 1} of ${rounds}, ${server.name}`,
        )
        seen.get(server.name).push(await observe(server, workload, seconds))
      }
    results.push({
      name: workload.name,
      unit: workload.unit,
      servers: summaries(servers, workload, seen),
    })
  }
  show()
  return results
}

const orderOf = ({ url, credentials }, { work, prefix, sizeBytes, keys, concurrency }) => ({
  ...{ url, credentials, bucket: 'bench', work, prefix, sizeBytes, keys, concurrency },
})

async function prepare(servers, workload) {
  for (const server of servers) {
    show(`preparing ${workload.name} on ${server.name}`)
    const filling = { ...workload, work: 'put', concurrency: Math.min(8, workload.keys) }
    await load({ ...orderOf(server, filling), seconds: 0, count: workload.keys })
  }
}

async function observe(server, workload, seconds) {
  const before = server.pid === undefined ? undefined : writtenBytes(server.pid)
  const told = await load({ ...orderOf(server, workload), seconds })
  const after = server.pid === undefined ? undefined : writtenBytes(server.pid)
  const isWrite = workload.work === 'put' && !server.isCeiling
  return {
    ...told,
    ...(isWrite && before !== undefined ? { writtenPerByte: (after - before) / told.bytes } : {}),
  }
}

function summaries(servers, workload, seen) {
  const rows = servers.map(({ name }) => {
    const observed = seen.get(name)
    const rates = observed.map((each) => rateOf(workload, each))
    const written = observed.flatMap(({ writtenPerByte }) => writtenPerByte ?? [])
    return {
      name,
      rates,
      rate: median(rates),
      p50Ms: median(observed.map(({ p50Ms }) => p50Ms)),
      p99Ms: median(observed.map(({ p99Ms }) => p99Ms)),
      ...(written.length === 0 ? {} : { writtenPerByte: median(written) }),
    }
  })
  const ceiling = rows[servers.findIndex(({ isCeiling }) => isCeiling)]
  return rows.map((row) => ({ ...row, ...(ceiling && { ofCeiling: row.rate / ceiling.rate }) }))
}

function show(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text ?? ''}`)
  else if (text !== undefined) console.error(text)
}
