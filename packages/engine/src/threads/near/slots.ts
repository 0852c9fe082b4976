/** Memory that both sides see, in pieces of this size. */
export const SLOT_BYTES = 128 * 1024
/** Fresh memory costs its page faults. */
const IDLE_MAX = 16

/** Shared memory in which bytes cross; used again when the other side is done with it. */
export class Slots {
  readonly #idle: Uint8Array[] = []

  /** Its content is arbitrary. */
  take(): Uint8Array {
    return this.#idle.pop() ?? new Uint8Array(new SharedArrayBuffer(SLOT_BYTES))
  }

  give(slots: readonly Uint8Array[]): void {
    for (const slot of slots) if (this.#idle.length < IDLE_MAX) this.#idle.push(slot)
  }
}
