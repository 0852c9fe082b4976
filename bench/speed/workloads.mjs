const KIB = 1_024
const MIB = 2 ** 20

/**
 * What is asked of every server, in this order: what is read was written before. `unit` is what the row counts;
 * `keys` are written round and round, so that a fast server does not fill the disk.
 */
export const workloads = [
  {
    name: 'PUT 4 KiB, 1 client',
    work: 'put',
    prefix: 'small-',
    sizeBytes: 4 * KIB,
    keys: 5_000,
    concurrency: 1,
  },
  {
    name: 'PUT 4 KiB, 32 clients',
    work: 'put',
    prefix: 'small-',
    sizeBytes: 4 * KIB,
    keys: 5_000,
    concurrency: 32,
  },
  {
    name: 'GET 4 KiB, 32 clients',
    work: 'get',
    prefix: 'small-',
    sizeBytes: 4 * KIB,
    keys: 5_000,
    concurrency: 32,
  },
  {
    name: 'HEAD, 32 clients',
    work: 'head',
    prefix: 'small-',
    sizeBytes: 4 * KIB,
    keys: 5_000,
    concurrency: 32,
  },
  {
    name: 'LIST of 1,000, 4 clients',
    work: 'list',
    prefix: 'small-',
    sizeBytes: 4 * KIB,
    keys: 5_000,
    concurrency: 4,
  },
  { name: 'PUT 1 MiB, 8 clients', work: 'put', prefix: 'medium-', sizeBytes: MIB, keys: 200, concurrency: 8 },
  { name: 'GET 1 MiB, 8 clients', work: 'get', prefix: 'medium-', sizeBytes: MIB, keys: 200, concurrency: 8 },
  {
    name: 'PUT 64 MiB, 4 clients',
    work: 'put',
    prefix: 'large-',
    sizeBytes: 64 * MIB,
    keys: 8,
    concurrency: 4,
  },
  {
    name: 'GET 64 MiB, 4 clients',
    work: 'get',
    prefix: 'large-',
    sizeBytes: 64 * MIB,
    keys: 8,
    concurrency: 4,
  },
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
