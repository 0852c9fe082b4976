import type { CallId } from '../items.js'
import type { Connection } from './connection.js'
import type { Left } from './leave-behind.js'

/** What the other side iterates over, some at a time. Begun when the first is asked for. */
export class IncomingItems implements AsyncIterableIterator<unknown, undefined> {
  readonly #connection: Connection
  readonly #left: Left
  #id: CallId | undefined
  #items: readonly unknown[] = []
  #at = 0
  #isOver = false
  #coming: { resolve(): void; reject(error: unknown): void } | undefined
  #before: Promise<unknown> = Promise.resolve()

  constructor(connection: Connection, left: Left) {
    this.#connection = connection
    this.#left = left
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** One after the other, as a generator has it. */
  next(): Promise<IteratorResult<unknown, undefined>> {
    const next = this.#before.then(() => this.#next())
    this.#before = next.catch(() => {})
    return next
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    if (!this.#isOver && this.#id !== undefined) {
      this.#connection.send(['leave', this.#id])
      this.#connection.forget(this.#id)
    }
    this.#isOver = true
    this.#items = []
    this.#at = 0
    this.#coming?.resolve()
    return { done: true, value: undefined }
  }

  async #next(): Promise<IteratorResult<unknown, undefined>> {
    while (this.#at === this.#items.length) {
      if (this.#isOver) return { done: true, value: undefined }
      await this.#more()
    }
    return { done: false, value: this.#items[this.#at++] }
  }

  #more(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#coming = { resolve, reject }
      if (this.#id !== undefined) return this.#connection.send(['more', this.#id])
      const { call, signal } = this.#left
      signal?.throwIfAborted()
      this.#id = this.#connection.begin(
        call,
        {
          items: (items, isLast) => {
            this.#items = items
            this.#at = 0
            if (isLast) this.#connection.forget(this.#id!)
            this.#isOver ||= isLast
            this.#coming?.resolve()
          },
          error: (error) => {
            this.#isOver = true
            this.#coming?.reject(error)
          },
        },
        signal,
      )
    })
  }
}
