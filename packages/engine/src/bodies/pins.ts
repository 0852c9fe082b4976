import { Buffer } from 'node:buffer'

/** Readers' holds on bodies: what is held is not freed, though no record names it any more. */
export class Pins {
  readonly #holds = new Map<string, number>()
  readonly #onFree: (() => void)[] = []

  /** Releasing twice is fine. */
  hold(bodyId: Uint8Array): () => void {
    const name = nameOf(bodyId)
    this.#holds.set(name, (this.#holds.get(name) ?? 0) + 1)
    let held = true
    return () => {
      if (!held) return
      held = false
      const left = this.#holds.get(name)! - 1
      if (left > 0) {
        this.#holds.set(name, left)
      } else {
        this.#holds.delete(name)
        for (const tell of this.#onFree) tell()
      }
    }
  }

  isHeld(bodyId: Uint8Array): boolean {
    return this.#holds.has(nameOf(bodyId))
  }

  /** Called whenever the last hold on some body has gone. */
  onFree(tell: () => void): void {
    this.#onFree.push(tell)
  }
}

const nameOf = (bodyId: Uint8Array): string =>
  Buffer.from(bodyId.buffer, bodyId.byteOffset, bodyId.byteLength).toString('latin1')
