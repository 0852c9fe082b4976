import { formatBytes } from './format.js'

export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const REDRAW_MS = 100
const BAR_CELLS = 24
/** Before this much time has passed, what is left is anyone's guess. */
const ESTIMATE_AFTER_MS = 3_000
const CLEAR_LINE = '\r\u001b[K'

/** How far a long task is, in one line that is drawn over and over. Where no person looks nothing is written. */
export class ProgressBar implements Disposable {
  readonly #terminal: Terminal | undefined
  readonly #label: string
  readonly #now: () => number
  readonly #began: number
  #drawnAt = Number.NEGATIVE_INFINITY
  #isDrawn = false

  constructor(terminal: Terminal, label: string, now: () => number = () => performance.now()) {
    this.#terminal = terminal.isTTY === true && process.env.TERM !== 'dumb' ? terminal : undefined
    this.#label = label
    this.#now = now
    this.#began = now()
  }

  show({ doneBytes, totalBytes }: { doneBytes: number; totalBytes: number }): void {
    const now = this.#now()
    if (this.#terminal === undefined || now - this.#drawnAt < REDRAW_MS) return
    this.#drawnAt = now
    this.#isDrawn = true
    const share = totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes)
    const filled = Math.round(share * BAR_CELLS)
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled)
    const percent = `${String(Math.floor(share * 100)).padStart(3)} %`
    const bytes = `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`
    const line = `${this.#label} ${bar} ${percent}  ${bytes}${timeLeft(share, now - this.#began)}`
    // A line that wraps could not be drawn over.
    this.#terminal.write(CLEAR_LINE + line.slice(0, (this.#terminal.columns ?? 80) - 1))
  }

  /** Makes way for a line of text. */
  clear(): void {
    if (!this.#isDrawn) return
    this.#isDrawn = false
    this.#drawnAt = Number.NEGATIVE_INFINITY
    this.#terminal?.write(CLEAR_LINE)
  }

  [Symbol.dispose](): void {
    this.clear()
  }
}

function timeLeft(share: number, spentMs: number): string {
  if (share === 0 || share === 1 || spentMs < ESTIMATE_AFTER_MS) return ''
  const seconds = Math.ceil(((spentMs / share) * (1 - share)) / 1_000)
  if (seconds < 60) return `  ${seconds} s left`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `  ${minutes} min left` : `  ${(minutes / 60).toFixed(1)} h left`
}
