/** What runs in a thread of its own: takes the digests of many bodies, the pieces of each in order. */
import { parentPort } from 'node:worker_threads'
import type { ChecksumAlgorithm } from '../contract/integrity.js'
import { type Checksum, createChecksum } from './checksums.js'

/** What the thread is told. A job is one body's. */
export type HashOrder =
  | { readonly job: number; readonly kind: 'begin'; readonly algorithms: readonly ChecksumAlgorithm[] }
  /** Memory that is shared stays as it is until the answer. */
  | { readonly job: number; readonly kind: 'hash'; readonly bytes: Uint8Array }
  | { readonly job: number; readonly kind: 'end' | 'drop' }

/** What it answers: once that it is ready, then to each `hash` and each `end`, in their order. */
export type HashAnswer =
  | 'ready'
  | { readonly job: number; readonly digests?: ReadonlyMap<ChecksumAlgorithm, Uint8Array> }

const port = parentPort!
const jobs = new Map<number, ReadonlyMap<ChecksumAlgorithm, Checksum>>()

async function obey(order: HashOrder): Promise<void> {
  const { job } = order
  if (order.kind === 'begin') {
    const checksums = new Map<ChecksumAlgorithm, Checksum>()
    for (const algorithm of order.algorithms) checksums.set(algorithm, await createChecksum(algorithm))
    jobs.set(job, checksums)
    return
  }
  const checksums = jobs.get(job)
  if (checksums === undefined) throw new Error(`There is no job ${job}.`)
  if (order.kind === 'hash') {
    for (const checksum of checksums.values()) checksum.update(order.bytes)
    answer({ job })
    return
  }
  jobs.delete(job)
  if (order.kind === 'drop') return
  const digests = new Map<ChecksumAlgorithm, Uint8Array>()
  // Copied: a small Buffer is a view of a pool, which would be sent along.
  for (const [algorithm, checksum] of checksums) digests.set(algorithm, Uint8Array.from(checksum.digest()))
  answer({ job, digests })
}

function answer(what: HashAnswer): void {
  port.postMessage(what)
}

/** One order at a time: beginning may have to wait, and what follows must not overtake it. */
let before = Promise.resolve()
port.on('message', (order: HashOrder) => {
  before = before.then(() => obey(order))
})
answer('ready')
