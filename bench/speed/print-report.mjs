import { table } from '../report/table.mjs'

/** What these figures are not. */
export const caveats = [
  'The load generator runs on the same machine and takes its share of it.',
  'Aquifer and Garage sync what they acknowledge; s3s-fs and s3rver leave it in the page cache.',
  'The bare Node server stores nothing: it reads a PUT, takes its MD5 and forgets it.',
  'Objects are few enough to stay in the page cache; disks that must be read are not measured.',
  'One machine and plain HTTP: neither networks nor TLS are in it.',
]

export function printReport({ results, limits, memory }) {
  for (const { name, unit, servers } of results) {
    const rows = servers.map((server) => ({
      server: server.name,
      [unit]: server.rate,
      'p50 ms': server.p50Ms,
      'p99 ms': server.p99Ms,
      ...(server.ofCeiling === undefined ? {} : { 'of bare Node': server.ofCeiling }),
      ...(server.writtenPerByte === undefined ? {} : { 'written per byte': server.writtenPerByte }),
    }))
    console.log(`${name}\n${table(rows)}\n`)
  }
  console.log(
    `Limits of the disk in this run\n${table(limits.map(({ name, unit, rate }) => ({ what: name, rate, unit })))}\n`,
  )
  const resident = memory.filter(({ residentMib }) => residentMib !== undefined)
  console.log(
    `Resident memory after all\n${table(resident.map((each) => ({ server: each.name, MiB: each.residentMib })))}\n`,
  )
  console.log(`What this does not show\n${caveats.map((line) => `  ${line}`).join('\n')}`)
}
