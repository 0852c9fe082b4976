import { uncrossError } from '../crossed-error.js'
import { uncrossOrigin } from '../crossed-origin.js'
import type { Answer, Begun, CallId, Order } from '../items.js'
import { IncomingSource } from './incoming-source.js'

type Promised = ReadonlyMap<string, { keep(value: string): void; refuse(error: unknown): void }>

/** A call of the other side's, as long as it lasts. */
export class ServedCall {
  readonly id: CallId
  readonly begun: Begun
  readonly args: readonly unknown[]
  readonly answer: (answer: Answer, moved?: ArrayBuffer[]) => void
  readonly #controller: AbortController | undefined
  readonly #source: IncomingSource | undefined
  readonly #promised: Promised | undefined
  #wanted = 0
  #hasLeft = false
  #wake: (() => void) | undefined

  constructor(id: CallId, begun: Begun, answer: (answer: Answer, moved?: ArrayBuffer[]) => void) {
    this.id = id
    this.begun = begun
    this.answer = answer
    const args = [...begun.args]
    if (begun.signalIn !== undefined) {
      this.#controller = new AbortController()
      args[begun.signalIn] = { ...(args[begun.signalIn] as object), signal: this.#controller.signal }
    }
    if (begun.origin !== undefined)
      args[begun.origin.in] = { ...(args[begun.origin.in] as object), ...uncrossOrigin(begun.origin.text) }
    if (begun.source !== undefined) {
      this.#source = new IncomingSource((messages) => answer(['want', id, messages]))
      args[begun.source] = this.#source
    }
    if (begun.promised !== undefined) {
      const { checksums, promised } = promisesOf(begun.promised.algorithms)
      const options = args[begun.promised.in] as { checksums?: object }
      args[begun.promised.in] = { ...options, checksums: { ...options.checksums, ...checksums } }
      this.#promised = promised
    }
    this.args = args
  }

  obey(order: Exclude<Order, readonly ['call', ...unknown[]]>): void {
    switch (order[0]) {
      case 'abort':
        this.#controller?.abort(uncrossError(order[2]))
        break
      case 'bytes':
        this.#source?.take(order[2], order[3])
        break
      case 'broken':
        this.#source?.fail(uncrossError(order[2]))
        break
      case 'kept':
        this.#promised?.get(order[2])?.keep(order[3])
        break
      case 'unkept':
        this.#promised?.get(order[2])?.refuse(uncrossError(order[3]))
        break
      case 'more':
        this.#wanted++
        this.#wake?.()
        break
      case 'leave':
        this.#hasLeft = true
        this.#wake?.()
    }
  }

  /** The other side is there no more. */
  lose(): void {
    const gone = new Error('The thread that asked for it has gone.')
    gone.name = 'AbortError'
    this.#controller?.abort(gone)
    this.#source?.fail(gone)
    for (const { refuse } of this.#promised?.values() ?? []) refuse(gone)
    this.#hasLeft = true
    this.#wake?.()
  }

  /** Waits until the reader wants more; false where it wants nothing any more. */
  async isWanted(): Promise<boolean> {
    while (this.#wanted === 0 && !this.#hasLeft)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    if (this.#hasLeft) return false
    this.#wanted--
    return true
  }
}

function promisesOf(algorithms: readonly string[]) {
  const promised = new Map<string, { keep(value: string): void; refuse(error: unknown): void }>()
  const checksums: Record<string, Promise<string>> = {}
  for (const algorithm of algorithms) {
    checksums[algorithm] = new Promise((keep, refuse) => {
      promised.set(algorithm, { keep, refuse })
    })
    checksums[algorithm].catch(() => {}) // The call may be refused before anybody asks for it.
  }
  return { checksums, promised }
}
