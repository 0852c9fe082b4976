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

export interface HashThreadsOptions {
  /** @defaultValue one for each processor, up to four */
  readonly count?: number
  /** Milliseconds after which threads that nobody needs end: each takes some 16 MiB. @defaultValue never */
  readonly idleMs?: number
}

/**
 * Threads that take digests of large bodies, while this one receives the next bytes and the disk writes the last. They
 * start with the first body that is large, keep no process alive, and end with `close`, or when they have nothing to do.
 */
export class HashThreads {
  readonly #count: number
  readonly #idleMs: number | undefined
  #starting: Promise<readonly HashThread[]> | undefined
  #ending: Promise<unknown> = Promise.resolve()
  #underWay = 0
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor({ count = Math.min(THREADS_MAX, availableParallelism()), idleMs }: HashThreadsOptions = {}) {
    this.#count = count
    this.#idleMs = idleMs
  }

  /** Whether threads are there, or about to be. */
  get areThere(): boolean {
    return this.#starting !== undefined
  }

  /** The digests of one body. Undefined where threads cannot be had: whoever asks then hashes by himself. */
  async begin(algorithms: Iterable<ChecksumAlgorithm>): Promise<ThreadedDigests | undefined> {
    if (this.#isClosed) return undefined
    clearTimeout(this.#timer)
    this.#underWay++
    this.#starting ??= this.#start()
    const threads = (await this.#starting).filter(({ isAlive }) => isAlive)
    if (threads.length > 0 && !this.#isClosed)
      return new ThreadedDigests(threads, algorithms, () => this.#over())
    this.#over()
    return undefined
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#end()
    await this.#ending
  }

  async #start(): Promise<readonly HashThread[]> {
    const starting = Array.from({ length: this.#count }, () => HashThread.start())
    const started = await Promise.allSettled(starting)
    // One that did not start is forbidden, out of memory, or bundled without its file: all works without.
    return started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  }

  #over(): void {
    this.#underWay--
    if (this.#underWay > 0 || this.#idleMs === undefined || this.#isClosed) return
    this.#timer = setTimeout(() => this.#end(), this.#idleMs).unref()
  }

  /** Who begins after this gets new ones. */
  #end(): void {
    const closing = this.#starting?.then((threads) => Promise.all(threads.map((thread) => thread.close())))
    this.#starting = undefined
    this.#ending = Promise.all([this.#ending, closing])
  }
}

/** One body's digests, each algorithm taken by the thread that has least to do. */
export class ThreadedDigests {
  readonly #jobs: readonly { readonly thread: HashThread; readonly job: number }[]
  #over: (() => void) | undefined

  /** @param over Called once, when nothing more is asked of the threads. */
  constructor(threads: readonly HashThread[], algorithms: Iterable<ChecksumAlgorithm>, over: () => void) {
    this.#over = over
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
    try {
      const parts = await Promise.all(this.#jobs.map(({ thread, job }) => thread.end(job)))
      return new Map(parts.flatMap((part) => [...part]))
    } finally {
      this.#tellOver()
    }
  }

  /** Nobody wants them any more. What was asked for before is still answered. */
  drop(): void {
    for (const { thread, job } of this.#jobs) thread.drop(job)
    this.#tellOver()
  }

  #tellOver(): void {
    this.#over?.()
    this.#over = undefined
  }
}
