import type { Cancel } from './source.js'

export interface ListOptions extends Cancel {
  prefix?: string
  /** Keys that share the text up to this delimiter (after the prefix) are rolled up into one common prefix. */
  delimiter?: string
  /**
   * Exclusive. A key, or a common prefix that an earlier page returned: then all that it rolls up is
   * skipped. It need not exist.
   */
  startAfter?: string
  /** Where several entries share a key: the id of the upload (or version) to go on after. */
  startAfterId?: string
  /** Entries a page holds, common prefixes counted. @defaultValue 1000, at most 10,000 */
  limit?: number
}

export type Listed<T, K extends string> = { type: K; info: T } | { type: 'common-prefix'; prefix: string }

export interface ListingPage<T, K extends string> {
  entries: Listed<T, K>[]
  /** Where the next page begins; absent when nothing follows. */
  next?: { startAfter: string; startAfterId?: string }
}

/** In UTF-8 byte order. Iterates over all entries; `page()` gives one page, for who has to say where it stopped. */
export interface Listing<T, K extends string> extends AsyncIterable<Listed<T, K>> {
  page(): Promise<ListingPage<T, K>>
}
