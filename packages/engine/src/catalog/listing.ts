import type { Listing, ListOptions } from '../contract/listing.js'
import type { KvStore } from '../kv/kv.js'
import { limits } from '../limits.js'
import { EntryIterator } from './entry-iterator.js'
import type { Listable } from './listable.js'
import { readPage } from './listing-page.js'

/** One page, or all pages one after the other. `open` is called once, when the first page is asked for. */
export function listing<T, K extends string>(
  kv: KvStore,
  options: ListOptions,
  open: () => Promise<Listable<T, K>>,
): Listing<T, K> {
  const pageLimit = Math.min(options.limit ?? limits.listPageDefault, limits.listPageMax)
  if (!Number.isInteger(pageLimit) || pageLimit < 0)
    throw new RangeError('A page holds a whole number of entries.')
  return {
    async page() {
      return readPage(kv, await open(), options, pageLimit)
    },
    [Symbol.asyncIterator]() {
      const { startAfter: _key, startAfterId: _id, ...rest } = options
      let opened: Promise<Listable<T, K>> | undefined
      return new EntryIterator<T, K>(async (next) => {
        opened ??= open()
        const from = next === undefined ? options : { ...rest, ...next }
        return readPage(kv, await opened, from, limits.listPageDefault)
      })
    },
  }
}
