import type { ByteSource } from '../../contract/source.js'
import { type SourceReader, toAsyncIterable } from '../../streams/byte-source.js'
import type { CallId } from '../items.js'
import type { Connection } from './connection.js'
import { SLOT_BYTES } from './slots.js'

/** Chunks below this go as copies of their own: a slow client's are small, and are to hold no more memory than that. */
const SLOT_MIN_BYTES = 16 * 1024

/**
 * A source whose bytes go to the other side as it wants them: nothing is read before. Chunks of a slow source go one by
 * one; those of a quick one together.
 */
export class OutgoingSource {
  readonly #reader: SourceReader
  readonly #connection: Connection
  #id: CallId = 0
  #credit = 0
  #isReading = false
  #pieces: Uint8Array[] = []
  #gatheredBytes = 0
  /** Those of what is gathered; then, message by message, of what the other side has. */
  #slots: Uint8Array[] = []
  readonly #away: (readonly Uint8Array[])[] = []
  #wanted: (() => void) | undefined

  constructor(connection: Connection, source: ByteSource, signal: AbortSignal | undefined) {
    this.#connection = connection
    this.#reader = toAsyncIterable(source, signal)
  }

  of(id: CallId): void {
    this.#id = id
  }

  want(messages: number): void {
    // The first asks for some ahead; each other says that one was used.
    if (this.#isReading) this.#connection.slots.give(this.#away.shift() ?? [])
    this.#credit += messages
    this.#wanted?.()
    if (this.#isReading) return
    this.#isReading = true
    this.#read().catch((error) => this.#connection.sendError('broken', this.#id, error))
  }

  /** The call has succeeded: all that was sent was used. Of one that fails, nobody knows, and its memory is not used again. */
  done(): void {
    this.#connection.slots.give(this.#away.flat())
  }

  /** The call is over: a source that was not read to its end is closed. */
  over(): void {
    this.#pieces = []
    this.#wanted?.()
    this.#reader[Symbol.dispose]()
  }

  async #read(): Promise<void> {
    for await (const chunk of this.#reader) {
      for (let at = 0; at < chunk.byteLength; at += SLOT_BYTES) {
        this.#gather(chunk.subarray(at, at + SLOT_BYTES))
        if (this.#credit > 0) this.#send(false)
        else if (this.#gatheredBytes >= SLOT_BYTES) await this.#sendWhenWanted(false)
      }
    }
    // A source that was closed since the call is over has not come to its end.
    if (this.#connection.isUnderWay(this.#id)) await this.#sendWhenWanted(true)
  }

  async #sendWhenWanted(isLast: boolean): Promise<void> {
    while (this.#credit === 0 && this.#connection.isUnderWay(this.#id))
      await new Promise<void>((resolve) => {
        this.#wanted = resolve
      })
    if (this.#connection.isUnderWay(this.#id)) this.#send(isLast)
  }

  /** Chunks are borrowed, and may be part of memory that others use: what crosses is a copy. */
  #gather(chunk: Uint8Array): void {
    this.#gatheredBytes += chunk.byteLength
    if (chunk.byteLength < SLOT_MIN_BYTES) {
      this.#pieces.push(Uint8Array.from(chunk))
      return
    }
    const slot = this.#connection.slots.take()
    slot.set(chunk)
    this.#slots.push(slot)
    this.#pieces.push(slot.subarray(0, chunk.byteLength))
  }

  #send(isLast: boolean): void {
    const pieces = this.#pieces
    if (pieces.length === 0 && !isLast) return
    this.#credit--
    this.#away.push(this.#slots)
    this.#pieces = []
    this.#slots = []
    this.#gatheredBytes = 0
    this.#connection.send(['bytes', this.#id, pieces, isLast])
  }
}
