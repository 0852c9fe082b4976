import { printEngine } from '../engine/workloads.mjs'
import { table } from '../report/table.mjs'

/** What these figures are not. */
export const caveats = [
  'The load generator runs on the same machine and takes its share of it; "generator" says how many processors.',
  '"others" is what else ran meanwhile, in processors, starting the generator and the kernel\'s own work included: near 0 is a quiet machine.',
  'Aquifer and Garage sync what they acknowledge; s3s-fs and s3rver leave it in the page cache.',
  'The bare Node server stores nothing and checks no signature: it reads a PUT, takes its MD5 and forgets it.',
  'Objects are few enough to stay in the page cache; disks that must be read are not measured.',
  'Bytes written are those of the whole disk while a server was loaded, its page cache written out at the end.',
  'One machine and plain HTTP: neither networks nor TLS are in it.',
]

export function printReport({ results = [], memory = [], engine, load }) {
  for (const { name, unit, servers, limit, failed } of results) {
    const rows = servers.map((server) => ({
      server: server.name,
      [unit]: server.rate,
      'p50 ms': server.p50Ms,
      'p99 ms': server.p99Ms,
      ...(server.ofCeiling !== undefined && { 'of bare Node': server.ofCeiling }),
      ...(server.ofLimit !== undefined && { 'of the disk': server.ofLimit }),
      ...(server.writtenPerByte !== undefined && { 'written per byte': server.writtenPerByte }),
      generator: server.generatorBusy,
      ...(server.others >= 0 && { others: server.others }),
    }))
    const disk = limit === undefined ? [] : [{ server: `  limit: ${limit.name}`, [unit]: limit.rate }]
    const failures = failed.map(
      (each) =>
        `${each.name} failed: ${
          each.why
            .trim()
            .split('\n')
            .find((line) => line.startsWith('Error')) ?? each.why
        }\n`,
    )
    console.log(`${name}\n${table([...rows, ...disk])}\n${failures.join('')}`)
  }
  if (memory.length > 0)
    console.log(
      `Resident memory afterwards\n${table(
        memory.map((each) => ({ server: each.name, MiB: each.residentMib, 'at the most': each.peakMib })),
      )}\n`,
    )
  if (engine !== undefined) printEngine(engine)
  console.log(`The load of the machine at the start was ${load.toFixed(2)}.`)
  console.log(`What this does not show\n${caveats.map((line) => `  ${line}`).join('\n')}`)
}
