import { Buffer } from 'node:buffer'

/** Readers' holds on bodies: what is held is not freed, though no record names it any more. */
export class Pins {
  readonly #holds = new Map<string, number>()
  /** Held bodies that somebody would have freed. */
  readonly #awaited = new Set<string>()
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
        if (this.#awaited.delete(name)) for (const tell of this.#onFree) tell()
      }
    }
  }

  /** Whoever hears that it is held is told when it no longer is, with all others that `onFree` named. */
  isHeld(bodyId: Uint8Array): boolean {
    const name = nameOf(bodyId)
    const isHeld = this.#holds.has(name)
    if (isHeld) this.#awaited.add(name)
    return isHeld
  }

  /** Called when the last hold has gone on a body that somebody found held. Of most readers nobody needs to hear. */
  onFree(tell: () => void): void {
    this.#onFree.push(tell)
  }
}

const nameOf = (bodyId: Uint8Array): string =>
  Buffer.from(bodyId.buffer, bodyId.byteOffset, bodyId.byteLength).toString('latin1')
