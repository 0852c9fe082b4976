import { setTimeout as rest } from 'node:timers/promises'
import type { Clock } from '../clock.js'

/** What may go at once after a pause, as so much time's worth. */
const BURST_SECONDS = 0.25

/** Bytes a second, of all who take from it together, in the order of asking. What is taken may be more than there is: then it is owed. */
export class Pace {
  readonly #bytesPerSecond: number
  readonly #clock: Clock
  #left: number
  #atMs: number

  /** @param bytesPerSecond `Infinity`: as fast as it goes. */
  constructor(bytesPerSecond: number, clock: Clock) {
    this.#bytesPerSecond = bytesPerSecond
    this.#clock = clock
    this.#left = bytesPerSecond * BURST_SECONDS
    this.#atMs = clock.monotonic()
  }

  get isLimited(): boolean {
    return this.#bytesPerSecond !== Number.POSITIVE_INFINITY
  }

  /** Resolves when so many bytes may go. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    if (!this.isLimited) return
    const nowMs = this.#clock.monotonic()
    const grown = this.#left + ((nowMs - this.#atMs) / 1_000) * this.#bytesPerSecond
    this.#left = Math.min(grown, this.#bytesPerSecond * BURST_SECONDS) - bytes
    this.#atMs = nowMs
    if (this.#left < 0) await rest((-this.#left / this.#bytesPerSecond) * 1_000, undefined, { signal })
  }

  /** The same bytes in their time, in pieces that go often enough for nobody to believe that they have stopped. */
  async *through(
    bytes: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const pieceBytes = Math.max(1, Math.ceil(this.#bytesPerSecond * BURST_SECONDS))
    for await (const chunk of bytes)
      for (let at = 0; at < chunk.byteLength; at += pieceBytes) {
        const piece = chunk.subarray(at, at + pieceBytes)
        await this.take(piece.byteLength, signal)
        yield piece
      }
  }
}
