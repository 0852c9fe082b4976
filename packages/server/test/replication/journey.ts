const BAR_CELLS = 24
const REDRAW_MS = 500

/** A stretch of time in which something is done; on a terminal it shows how much of it is left. */
export class Journey {
  readonly #beganMs = performance.now()
  readonly #durationMs: number
  #isGivenUp = false

  constructor(seconds: number) {
    this.#durationMs = seconds * 1_000
  }

  get #passedMs(): number {
    return Math.min(this.#durationMs, performance.now() - this.#beganMs)
  }

  get isOver(): boolean {
    return this.#isGivenUp || this.#passedMs === this.#durationMs
  }

  /** Has all of them come to their end; of those that fail the first one's error is thrown, and it is over for the others. */
  async all(travellers: readonly Promise<void>[]): Promise<void> {
    try {
      await Promise.all(travellers)
    } finally {
      this.#isGivenUp = true
      await Promise.allSettled(travellers)
    }
  }

  /** For so long, or until it is over. */
  sleep(ms: number): Promise<void> {
    const leftMs = this.#durationMs - this.#passedMs
    return new Promise((resolve) => setTimeout(resolve, Math.min(ms, leftMs)))
  }

  /** Until it is over. @param describe What has been done so far. */
  async show(describe: () => string): Promise<void> {
    while (!this.isOver) {
      this.#draw(describe())
      await this.sleep(REDRAW_MS)
    }
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  }

  #draw(text: string): void {
    if (!process.stderr.isTTY) return
    const share = this.#passedMs / this.#durationMs
    const bar = '█'.repeat(Math.round(share * BAR_CELLS)).padEnd(BAR_CELLS, '░')
    const line = `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${text}`
    process.stderr.write(`\r\u001b[K${line.slice(0, (process.stderr.columns || 80) - 1)}`)
  }
}
