import { appended, cached, written } from './limits.mjs'

const KIB = 1_024
const MIB = 2 ** 20

const small = { prefix: 'small-', sizeBytes: 4 * KIB, keys: 5_000, quickKeys: 1_500 }
const medium = { prefix: 'medium-', sizeBytes: MIB, keys: 200, quickKeys: 50 }
const large = { prefix: 'large-', sizeBytes: 64 * MIB, keys: 8, quickKeys: 4 }

/**
 * What is asked of every server, in this order. `unit` is what the row counts; keys are written round and round, so
 * that a fast server does not fill the disk. `limit` is what the disk alone gives, in the same unit; for the others it
 * is the bare Node server.
 */
export const workloads = [
  {
    ...small,
    name: 'PUT 4 KiB, 1 client',
    work: 'put',
    concurrency: 1,
    limit: appended({ sizeBytes: 4 * KIB, together: 1 }),
  },
  {
    ...small,
    name: 'PUT 4 KiB, 32 clients',
    work: 'put',
    concurrency: 32,
    limit: appended({ sizeBytes: 4 * KIB, together: 32 }),
  },
  { ...small, name: 'GET 4 KiB, 32 clients', work: 'get', concurrency: 32 },
  { ...small, name: 'HEAD, 32 clients', work: 'head', concurrency: 32 },
  { ...small, name: 'LIST of 1,000, 4 clients', work: 'list', concurrency: 4 },
  {
    ...medium,
    name: 'PUT 1 MiB, 8 clients',
    work: 'put',
    concurrency: 8,
    limit: appended({ sizeBytes: MIB, together: 1 }),
  },
  { ...medium, name: 'GET 1 MiB, 8 clients', work: 'get', concurrency: 8, limit: cached },
  { ...large, name: 'PUT 64 MiB, 4 clients', work: 'put', concurrency: 4, limit: written({ mib: 64 }) },
  { ...large, name: 'GET 64 MiB, 4 clients', work: 'get', concurrency: 4, limit: cached },
].map((workload) => ({ ...workload, unit: unitOf(workload) }))

function unitOf({ work, sizeBytes }) {
  if (work === 'list') return 'objects/s'
  return sizeBytes >= MIB ? 'MiB/s' : 'requests/s'
}

/** The figure that a workload is about, from what the load generator saw. */
export function rateOf({ unit }, { perSecond, mibPerSecond }) {
  if (unit === 'MiB/s') return mibPerSecond
  return unit === 'objects/s' ? perSecond * 1_000 : perSecond
}
