import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { quantile } from '../report/figures.mjs'

let next = 0

/**
 * Puts new objects until it is told to end, or so many: as fast as answers come, or so many a second. Answers how many there were a
 * second, and how long each took.
 */
export class Writers {
  #server
  #bucket
  #body
  #rate
  #count
  #began = performance.now()
  #tookMs = []
  #isOver = false
  #asked = 0
  #all

  constructor(server, { bucket, sizeBytes, connections, rate, count = Number.POSITIVE_INFINITY }) {
    this.#server = server
    this.#bucket = bucket
    this.#body = randomBytes(sizeBytes)
    this.#rate = rate
    this.#count = count
    this.#all = Promise.all(Array.from({ length: connections }, () => this.#write()))
    this.#all.catch(() => {}) // Told by `end`.
  }

  async #write() {
    const connection = await this.#server.connect()
    try {
      while (!this.#isOver && this.#asked < this.#count) {
        const at = this.#asked++
        if (this.#rate !== undefined) await this.#turn(at)
        const began = performance.now()
        await this.#server.ask(connection, 'PUT', `/${this.#bucket}/object-${next++}`, { body: this.#body })
        this.#tookMs.push(performance.now() - began)
      }
    } finally {
      connection.close()
    }
  }

  async #turn(at) {
    const waitMs = this.#began + (at * 1_000) / this.#rate - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
  }

  /** All that `count` asks for have been written. */
  done() {
    return this.#all
  }

  async end() {
    this.#isOver = true
    await this.#all
    const seconds = (performance.now() - this.#began) / 1_000
    return {
      writes: this.#tookMs.length,
      perSecond: this.#tookMs.length / seconds,
      p50Ms: quantile(this.#tookMs, 0.5),
      p99Ms: quantile(this.#tookMs, 0.99),
    }
  }
}
