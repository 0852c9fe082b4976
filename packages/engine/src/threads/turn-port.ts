import type { MessagePort, Transferable } from 'node:worker_threads'

/**
 * One side of a channel, which by itself keeps no process alive. All that is sent in one turn of the event loop goes as one message: a message costs more than what
 * is in it, and with many requests under way many are sent in a turn.
 */
export class TurnPort<Sent extends readonly unknown[], Received> {
  readonly #port: MessagePort
  readonly #refused: (item: Sent, error: unknown) => void
  #items: Sent[] = []
  #moved: Transferable[] = []
  #isClosed = false

  /** @param listener.refused An item holds what cannot cross, such as a function. It was not sent; the others were. */
  constructor(
    port: MessagePort,
    listener: {
      receive(item: Received): void
      refused(item: Sent, error: unknown): void
      closed(): void
    },
  ) {
    this.#port = port
    this.#refused = (item, error) => listener.refused(item, error)
    port.on('message', (items: readonly Received[]) => {
      for (const item of items) listener.receive(item)
    })
    port.once('close', () => {
      this.#isClosed = true
      listener.closed()
    })
    port.unref()
  }

  /** @param moved Memory that is the other side's from now on. */
  send(item: Sent, moved?: Transferable[]): void {
    if (this.#isClosed) return
    if (this.#items.push(item) === 1) setImmediate(this.#flush)
    if (moved !== undefined) this.#moved.push(...moved)
  }

  /** What was sent still arrives. */
  close(): void {
    this.#flush()
    this.#port.ref() // For the event that tells of it.
    this.#port.close()
  }

  /** Whether the process is to wait for what may come. */
  keepAlive(wanted: boolean): void {
    if (wanted) this.#port.ref()
    else this.#port.unref()
  }

  readonly #flush = (): void => {
    const items = this.#items
    const moved = this.#moved
    if (items.length === 0 || this.#isClosed) return
    this.#items = []
    this.#moved = []
    try {
      this.#port.postMessage(items, moved)
    } catch {
      // Nothing was sent or moved. One of them is to blame; the others go by themselves.
      for (const item of items) this.#sendAlone(item, moved)
    }
  }

  #sendAlone(item: Sent, moved: readonly Transferable[]): void {
    const own = moved.filter((memory) => holds(item, memory))
    try {
      this.#port.postMessage([item], own)
    } catch (error) {
      this.#refused(item, error)
    }
  }
}

function holds(item: readonly unknown[], memory: Transferable): boolean {
  return item.flat().some((part) => part instanceof Uint8Array && part.buffer === memory)
}
