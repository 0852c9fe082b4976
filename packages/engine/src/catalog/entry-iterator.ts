import type { ListingPage } from '../contract/listing.js'

type Entry<T, K extends string> = ListingPage<T, K>['entries'][number]
type ReadPage<T, K extends string> = (next: ListingPage<T, K>['next']) => Promise<ListingPage<T, K>>

/**
 * All entries of a listing, page after page; the store reads on while the caller looks at what there is. Written out
 * because a generator waits several times for each entry that it passes on, which takes longer than making the entry.
 */
export class EntryIterator<T, K extends string> implements AsyncIterableIterator<Entry<T, K>, undefined> {
  readonly #read: ReadPage<T, K>
  #entries: readonly Entry<T, K>[] = []
  #at = 0
  /** Undefined behind the last page. */
  #following: (() => Promise<ListingPage<T, K>>) | undefined
  #turning: Promise<void> | undefined

  /** @param read Gives the page that begins where another ended, or the first. */
  constructor(read: ReadPage<T, K>) {
    this.#read = read
    this.#following = () => read(undefined)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Entry<T, K>, undefined>> {
    while (this.#at === this.#entries.length) {
      if (this.#following === undefined) return { done: true, value: undefined }
      // Whoever asks for several entries at once waits for one page.
      this.#turning ??= this.#turnTo(this.#following)
      await this.#turning
    }
    return { done: false, value: this.#entries[this.#at++]! }
  }

  async return(): Promise<IteratorResult<Entry<T, K>, undefined>> {
    this.#end()
    return { done: true, value: undefined }
  }

  async #turnTo(page: () => Promise<ListingPage<T, K>>): Promise<void> {
    try {
      const { entries, next } = await page()
      if (this.#following === undefined) return // Ended meanwhile.
      this.#entries = entries
      this.#at = 0
      this.#following = next && this.#readAhead(next)
    } catch (error) {
      this.#end()
      throw error
    } finally {
      this.#turning = undefined
    }
  }

  #readAhead(next: NonNullable<ListingPage<T, K>['next']>): () => Promise<ListingPage<T, K>> {
    const page = this.#read(next)
    page.catch(() => {}) // Whoever goes on is told; whoever stops need not be.
    return () => page
  }

  #end(): void {
    this.#following = undefined
    this.#entries = []
    this.#at = 0
  }
}
