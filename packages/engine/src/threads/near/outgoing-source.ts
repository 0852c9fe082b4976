import type { ByteSource } from '../../contract/source.js'
import { type SourceReader, toAsyncIterable } from '../../streams/byte-source.js'
import type { CallId } from '../items.js'
import type { Connection } from './connection.js'

/** What is gathered while the other side is busy with what it has; then the source waits. */
const GATHERED_BYTES = 128 * 1024

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
  #wanted: (() => void) | undefined

  constructor(connection: Connection, source: ByteSource, signal: AbortSignal | undefined) {
    this.#connection = connection
    this.#reader = toAsyncIterable(source, signal)
  }

  of(id: CallId): void {
    this.#id = id
  }

  want(messages: number): void {
    this.#credit += messages
    this.#wanted?.()
    if (this.#isReading) return
    this.#isReading = true
    this.#read().catch((error) => this.#connection.sendError('broken', this.#id, error))
  }

  /** The call is over: a source that was not read to its end is closed. */
  over(): void {
    this.#wanted?.()
    this.#reader[Symbol.dispose]()
  }

  async #read(): Promise<void> {
    for await (const chunk of this.#reader) {
      for (let at = 0; at < chunk.byteLength; at += GATHERED_BYTES) {
        this.#gather(chunk.subarray(at, at + GATHERED_BYTES))
        if (this.#credit > 0) this.#send(false)
        else if (this.#gatheredBytes >= GATHERED_BYTES) await this.#sendWhenWanted(false)
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
    const copy = Buffer.allocUnsafeSlow(chunk.byteLength)
    copy.set(chunk)
    this.#pieces.push(copy)
    this.#gatheredBytes += chunk.byteLength
  }

  #send(isLast: boolean): void {
    const pieces = this.#pieces
    if (pieces.length === 0 && !isLast) return
    this.#credit--
    this.#pieces = []
    this.#gatheredBytes = 0
    this.#connection.send(
      ['bytes', this.#id, pieces, isLast],
      pieces.map(({ buffer }) => buffer as ArrayBuffer),
    )
  }
}
