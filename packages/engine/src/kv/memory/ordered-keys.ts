import type { KeyText } from '../key-text.js'

const LEAF_KEYS_MAX = 512

/**
 * An ordered set of keys, as a list of sorted leaves: finding is two binary searches, and adding moves at most
 * one leaf's keys, so that a hundred thousand keys are as quick as a hundred.
 */
export class OrderedKeys {
  /** Never an empty leaf, except the only one. */
  #leaves: KeyText[][] = [[]]

  add(key: KeyText): void {
    const at = this.#leafOf(key)
    const leaf = this.#leaves[at]!
    const index = lowerBound(leaf, key)
    if (leaf[index] === key) return
    leaf.splice(index, 0, key)
    if (leaf.length > LEAF_KEYS_MAX) this.#leaves.splice(at + 1, 0, leaf.splice(LEAF_KEYS_MAX / 2))
  }

  remove(key: KeyText): void {
    const at = this.#leafOf(key)
    const leaf = this.#leaves[at]!
    const index = lowerBound(leaf, key)
    if (leaf[index] !== key) return
    leaf.splice(index, 1)
    if (leaf.length === 0 && this.#leaves.length > 1) this.#leaves.splice(at, 1)
  }

  /** Keys from `from`, before `to`, upwards. The set must not change meanwhile. */
  *upwards(from: KeyText, to: KeyText): Generator<KeyText> {
    let at = this.#leafOf(from)
    let index = lowerBound(this.#leaves[at]!, from)
    for (; at < this.#leaves.length; at++, index = 0) {
      const leaf = this.#leaves[at]!
      for (; index < leaf.length; index++) {
        const key = leaf[index]!
        if (key >= to) return
        yield key
      }
    }
  }

  /** The same keys, from the end towards the beginning. */
  *downwards(from: KeyText, to: KeyText): Generator<KeyText> {
    let at = this.#leafOf(to)
    let index = lowerBound(this.#leaves[at]!, to) - 1
    for (; at >= 0; at--, index = (this.#leaves[at]?.length ?? 0) - 1) {
      const leaf = this.#leaves[at]!
      for (; index >= 0; index--) {
        const key = leaf[index]!
        if (key < from) return
        yield key
      }
    }
  }

  /** The last leaf whose first key is not above `key`. */
  #leafOf(key: KeyText): number {
    let low = 0
    let high = this.#leaves.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#leaves[middle]![0]! <= key) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** Where `key` stands or would stand. */
function lowerBound(sorted: readonly KeyText[], key: KeyText): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}
