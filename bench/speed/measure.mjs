import { join } from 'node:path'
import { median } from '../report/figures.mjs'
import { cpuMs, machineCpuMs } from '../report/process.mjs'
import { show } from '../report/progress.mjs'
import { load } from './load.mjs'
import { rateOf } from './workloads.mjs'

/** Uncounted, before the first round: what compiles its code while it runs has done so mostly by then. */
const WARM_SECONDS = 1.5

/**
 * Each workload on each server in turn, round after round, so that whatever else the machine does meets all of them; in
 * each round the disk's limit too.
 *
 * @param device what `deviceOf` gives; without it nothing is said of bytes written
 * @returns for each workload `{ name, unit, limit?, servers: [{ name, rates, rate, p50Ms, p99Ms, … }], failed }`
 */
export async function measure({ servers, workloads, rounds, seconds, directory, payload, device }) {
  const results = []
  const prepared = new Set()
  for (const [at, workload] of workloads.entries()) {
    const seen = new Map(servers.map(({ name }) => [name, []]))
    const failed = new Map()
    const limitRates = []
    // What is read must all be there; a round of writing may not have come to the last key.
    if (workload.work !== 'put' && !prepared.has(workload.prefix)) await prepare(servers, workload, payload)
    if (workload.work !== 'put') prepared.add(workload.prefix)
    for (const server of servers) {
      show(`${at + 1} of ${workloads.length}: ${workload.name}, warming ${server.name}`)
      // What it cannot do shows in the first round.
      await load({ ...orderOf(server, { ...workload, payload }), seconds: WARM_SECONDS }).catch(
        () => undefined,
      )
    }
    for (let round = 0; round < rounds; round++) {
      const tell = (whose) =>
        show(`${at + 1} of ${workloads.length}: ${workload.name}, round ${round + 1} of ${rounds}, ${whose}`)
      for (const server of servers.filter(({ name }) => !failed.has(name))) {
        tell(server.name)
        try {
          seen.get(server.name).push(await observe(server, { ...workload, payload }, seconds, device))
        } catch (error) {
          // What a peer cannot do is its result; what we cannot is a failure.
          if (!server.isPeer) throw error
          failed.set(server.name, error.message)
        }
      }
      if (workload.limit === undefined) continue
      tell('the disk')
      limitRates.push(await workload.limit.perSecond(join(directory, 'limit'), Math.min(seconds, 2)))
    }
    const limit = limitRates.length === 0 ? undefined : median(limitRates)
    results.push({
      name: workload.name,
      unit: workload.unit,
      ...(limit !== undefined && { limit: { name: workload.limit.name, rates: limitRates, rate: limit } }),
      servers: summaries(
        servers.filter(({ name }) => !failed.has(name)),
        { workload, seen, limit },
      ),
      failed: [...failed].map(([name, why]) => ({ name, why })),
    })
  }
  show()
  return results
}

const orderOf = ({ url, credentials }, { work, prefix, sizeBytes, keys, concurrency, payload }) => ({
  ...{ url, credentials, bucket: 'bench', work, prefix, sizeBytes, keys, concurrency, payload },
})

async function prepare(servers, workload, payload) {
  for (const server of servers) {
    if (server.isCeiling) continue
    show(`preparing ${workload.name} on ${server.name}`)
    const filling = { ...workload, payload, work: 'put', concurrency: Math.min(8, workload.keys) }
    const filled = load({ ...orderOf(server, filling), seconds: 0, count: workload.keys })
    await (server.isPeer ? filled.catch(() => undefined) : filled) // Reading will tell what a peer could not.
  }
}

async function observe(server, workload, seconds, device) {
  const isCounted = workload.work === 'put' && !server.isCeiling
  const before = isCounted ? await device?.settledBytes() : undefined
  const [machineMs, serverMs] = [machineCpuMs(), cpuMs(server.pid)]
  const told = await load({ ...orderOf(server, workload), seconds })
  const generatorMs = told.busy * told.tookSeconds * 1_000
  const othersMs = machineCpuMs() - machineMs - (cpuMs(server.pid) - serverMs) - generatorMs
  const observed = { ...told, others: Math.max(0, othersMs / 1_000 / told.tookSeconds) }
  if (before === undefined) return observed
  return { ...observed, writtenPerByte: ((await device.settledBytes()) - before) / told.bytes }
}

function summaries(servers, { workload, seen, limit }) {
  const rows = servers.map(({ name }) => {
    const observed = seen.get(name)
    const rates = observed.map((each) => rateOf(workload, each))
    const written = observed.flatMap(({ writtenPerByte }) => writtenPerByte ?? [])
    const middle = (figure) => median(observed.map((each) => each[figure]))
    return {
      name,
      rates,
      rate: median(rates),
      p50Ms: middle('p50Ms'),
      p99Ms: middle('p99Ms'),
      generatorBusy: middle('busy'),
      others: middle('others'),
      ...(written.length > 0 && { writtenPerByte: median(written) }),
    }
  })
  const ceiling = rows[servers.findIndex(({ isCeiling }) => isCeiling)]
  return rows.map((row) => ({
    ...row,
    ...(ceiling && { ofCeiling: row.rate / ceiling.rate }),
    ...(limit !== undefined && { ofLimit: row.rate / limit }),
  }))
}
