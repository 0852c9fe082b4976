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
  /** When the first bytes were told of, and how many: what came before has another pace. */
  #began: { ms: number; doneBytes: number } | undefined
  #drawnAt = Number.NEGATIVE_INFINITY
  #isDrawn = false

  constructor(terminal: Terminal, label: string, now: () => number = () => performance.now()) {
    this.#terminal = terminal.isTTY === true && process.env.TERM !== 'dumb' ? terminal : undefined
    this.#label = label
    this.#now = now
    this.#draw(`${label} …`)
  }

  show({ doneBytes, totalBytes }: { doneBytes: number; totalBytes: number }): void {
    const now = this.#now()
    this.#began ??= { ms: now, doneBytes }
    if (now - this.#drawnAt < REDRAW_MS) return
    this.#drawnAt = now
    const share = totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes)
    const filled = Math.round(share * BAR_CELLS)
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled)
    const percent = `${String(Math.floor(share * 100)).padStart(3)} %`
    const bytes = `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`
    const pace = (doneBytes - this.#began.doneBytes) / (now - this.#began.ms)
    const leftMs = now - this.#began.ms < ESTIMATE_AFTER_MS ? 0 : (totalBytes - doneBytes) / pace
    this.#draw(`${this.#label} ${bar} ${percent}  ${bytes}${timeLeft(leftMs)}`)
  }

  /** For a task of which nobody knows how long it is. */
  note(text: string): void {
    const now = this.#now()
    if (now - this.#drawnAt < REDRAW_MS) return
    this.#drawnAt = now
    this.#draw(`${this.#label} … ${text}`)
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

  #draw(line: string): void {
    if (this.#terminal === undefined) return
    this.#isDrawn = true
    // A line that wraps could not be drawn over.
    this.#terminal.write(CLEAR_LINE + line.slice(0, (this.#terminal.columns || 80) - 1))
  }
}

function timeLeft(leftMs: number): string {
  if (leftMs <= 0 || !Number.isFinite(leftMs)) return ''
  const seconds = Math.ceil(leftMs / 1_000)
  if (seconds < 60) return `  ${seconds} s left`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `  ${minutes} min left` : `  ${(minutes / 60).toFixed(1)} h left`
}
