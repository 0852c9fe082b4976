import type { BufferBudget } from './buffer-budget.js'

/** Memory that a read holds until its consumer is done with it. */
export interface Room {
  /** Absent where the consumer keeps what he is given: it must then be memory of its own. */
  readonly buffer?: Uint8Array
  /** Twice is fine. */
  release(): void
}

/** The buffers of one read, in the terms of its consumer. */
export class ReadBuffers {
  readonly #budget: BufferBudget
  readonly #areBorrowed: boolean

  /** @param areBorrowed Whether he is done with a chunk when he asks for the next, so that its memory can be used again. */
  constructor(budget: BufferBudget, areBorrowed: boolean) {
    this.#budget = budget
    this.#areBorrowed = areBorrowed
  }

  /** Room for a megabyte, while there is any; who is not known to be quick leaves half of all to those who are. */
  findLarge(isQuick: boolean): Room | undefined {
    const isGranted = isQuick ? this.#budget.takeLarge() : this.#budget.takeLargeOnTrial()
    if (!isGranted) return undefined
    if (this.#areBorrowed) return this.#lent(this.#budget.idleLarge())
    return { release: once(() => this.#budget.giveLarge()) }
  }

  block(): Room {
    return this.#areBorrowed ? this.#lent(this.#budget.take()) : { release: () => {} }
  }

  #lent(buffer: Uint8Array): Room {
    return { buffer, release: once(() => this.#budget.give(buffer)) }
  }
}

function once(act: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    act()
  }
}
