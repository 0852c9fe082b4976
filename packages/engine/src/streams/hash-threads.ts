import { availableParallelism } from 'node:os'
import type { ChecksumAlgorithm } from '../contract/integrity.js'
import { HashThread } from './hash-thread.js'

/** More would not keep up with one thread that receives the bytes. */
const THREADS_MAX = 4

/** How long a byte takes, roughly, in tenths of the time that MD5 takes: by this the work is shared out. */
const cost: Partial<Record<ChecksumAlgorithm, number>> = {
  md5: 10,
  sha1: 5,
  sha256: 5,
  sha512: 8,
  crc64nvme: 5,
  crc32c: 4,
}
const CHEAP = 2

/**
 * Threads that take digests of large bodies, while this one receives the next bytes and the disk writes the last. They
 * start with the first body that is large, keep no process alive, and end with `close`.
 */
export class HashThreads {
  readonly #count: number
  #starting: Promise<readonly HashThread[]> | undefined
  #isClosed = false

  constructor(count: number = Math.min(THREADS_MAX, availableParallelism())) {
    this.#count = count
  }

  /** The digests of one body. Undefined where threads cannot be had: whoever asks then hashes by himself. */
  async begin(algorithms: Iterable<ChecksumAlgorithm>): Promise<ThreadedDigests | undefined> {
    if (this.#isClosed) return undefined
    this.#starting ??= this.#start()
    const threads = (await this.#starting).filter(({ isAlive }) => isAlive)
    return threads.length === 0 || this.#isClosed ? undefined : new ThreadedDigests(threads, algorithms)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const threads = (await this.#starting) ?? []
    await Promise.all(threads.map((thread) => thread.close()))
  }

  async #start(): Promise<readonly HashThread[]> {
    const starting = Array.from({ length: this.#count }, () => HashThread.start())
    const started = await Promise.allSettled(starting)
    // One that did not start is forbidden, out of memory, or bundled without its file: all works without.
    return started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  }
}

/** One body's digests, each algorithm taken by the thread that has least to do. */
export class ThreadedDigests {
  readonly #jobs: readonly { readonly thread: HashThread; readonly job: number }[]

  constructor(threads: readonly HashThread[], algorithms: Iterable<ChecksumAlgorithm>) {
    const shares = new Map<HashThread, ChecksumAlgorithm[]>()
    const costOf = (algorithm: ChecksumAlgorithm) => cost[algorithm] ?? CHEAP
    const load = new Map(threads.map((thread) => [thread, thread.load]))
    for (const algorithm of [...algorithms].sort((one, other) => costOf(other) - costOf(one))) {
      const [thread] = [...load].reduce((least, each) => (each[1] < least[1] ? each : least))
      load.set(thread, load.get(thread)! + costOf(algorithm))
      shares.set(thread, [...(shares.get(thread) ?? []), algorithm])
    }
    this.#jobs = [...shares].map(([thread, share]) => {
      const weight = share.reduce((sum, algorithm) => sum + costOf(algorithm), 0)
      return { thread, job: thread.begin(share, weight) }
    })
  }

  /** The bytes are borrowed until the promise resolves. Called in their order; need not be waited for to go on. */
  async update(bytes: Uint8Array): Promise<void> {
    await Promise.all(this.#jobs.map(({ thread, job }) => thread.hash(job, bytes)))
  }

  async digests(): Promise<ReadonlyMap<ChecksumAlgorithm, Uint8Array>> {
    const parts = await Promise.all(this.#jobs.map(({ thread, job }) => thread.end(job)))
    return new Map(parts.flatMap((part) => [...part]))
  }

  /** Nobody wants them any more. */
  drop(): void {
    for (const { thread, job } of this.#jobs) thread.drop(job)
  }
}
