import { Worker } from 'node:worker_threads'
import type { ChecksumAlgorithm } from '../contract/integrity.js'
import { storageUnavailable } from '../errors.js'
import type { HashAnswer, HashOrder } from './hash-thread.worker.js'

type Answer = Exclude<HashAnswer, 'ready'>

interface Job {
  readonly weight: number
  /** Who waits for the answers to come, the first first. */
  readonly waiting: { resolve(answer: Answer): void; reject(error: Error): void }[]
  /** Nothing more will be asked of it. */
  isOver: boolean
}

/** The near end of a thread that hashes. */
export class HashThread {
  readonly #worker: Worker
  readonly #jobs = new Map<number, Job>()
  #lastJob = 0
  #awaited = 0
  #failure: Error | undefined

  private constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (answer: Answer) => this.#take(answer))
    const fail = (error: unknown) => this.#fail(error)
    worker.on('error', fail)
    worker.on('exit', (code) => fail(new Error(`A thread that hashes ended by itself: ${code}.`)))
    worker.unref()
  }

  static async start(): Promise<HashThread> {
    // Not with the flags that this process was started with: they are not all for threads.
    const worker = new Worker(new URL('./hash-thread.worker.js', import.meta.url), {
      execArgv: [],
      // Short messages are all that it makes: there is no use in room for tens of megabytes of them.
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    })
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve())
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('The thread ended before it had begun.')))
    })
    return new HashThread(worker)
  }

  get isAlive(): boolean {
    return this.#failure === undefined
  }

  /** What all jobs under way weigh together. */
  get load(): number {
    let load = 0
    for (const { weight } of this.#jobs.values()) load += weight
    return load
  }

  begin(algorithms: readonly ChecksumAlgorithm[], weight: number): number {
    const job = ++this.#lastJob
    this.#jobs.set(job, { weight, waiting: [], isOver: false })
    this.#tell({ job, kind: 'begin', algorithms })
    return job
  }

  async hash(job: number, bytes: Uint8Array): Promise<void> {
    await this.#ask({ job, kind: 'hash', bytes })
  }

  async end(job: number): Promise<ReadonlyMap<ChecksumAlgorithm, Uint8Array>> {
    const answer = this.#ask({ job, kind: 'end' })
    this.#over(job)
    return (await answer).digests!
  }

  /** What was asked before is still answered. */
  drop(job: number): void {
    if (this.#jobs.get(job)?.isOver !== false) return
    this.#tell({ job, kind: 'drop' })
    this.#over(job)
  }

  async close(): Promise<void> {
    this.#worker.removeAllListeners('exit')
    await this.#worker.terminate()
    this.#fail(new Error('The thread was ended.')) // Whoever should still wait must not for ever.
  }

  #tell(order: HashOrder): void {
    this.#worker.postMessage(order)
  }

  #ask(order: HashOrder): Promise<Answer> {
    const job = this.#jobs.get(order.job)
    if (job === undefined || job.isOver || this.#failure !== undefined)
      return Promise.reject(this.#failure ?? new TypeError(`There is no job ${order.job}.`))
    return new Promise((resolve, reject) => {
      job.waiting.push({ resolve, reject })
      if (this.#awaited++ === 0) this.#worker.ref()
      this.#tell(order)
    })
  }

  #take(answer: Answer): void {
    if (--this.#awaited === 0) this.#worker.unref()
    const job = this.#jobs.get(answer.job)
    job?.waiting.shift()?.resolve(answer)
    if (job?.isOver && job.waiting.length === 0) this.#jobs.delete(answer.job)
  }

  #over(id: number): void {
    const job = this.#jobs.get(id)
    if (job === undefined) return
    job.isOver = true
    if (job.waiting.length === 0) this.#jobs.delete(id)
  }

  /** All that was hashed here is lost: the writes that waited for it fail, and say so. */
  #fail(cause: unknown): void {
    this.#failure ??= storageUnavailable('absent', 'A thread that takes checksums has failed.', cause)
    for (const { waiting } of this.#jobs.values())
      for (const { reject } of waiting.splice(0)) reject(this.#failure)
    this.#jobs.clear()
  }
}
