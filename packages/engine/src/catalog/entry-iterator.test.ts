import assert from 'node:assert/strict'
import test from 'node:test'
import type { ListingPage } from '../contract/listing.js'
import { EntryIterator } from './entry-iterator.js'

type Page = ListingPage<string, 'object'>

/** Pages of these many entries, counted as they are asked for. */
function pagesOf(...sizes: readonly number[]) {
  const asked: (string | undefined)[] = []
  const read = async (next: Page['next']): Promise<Page> => {
    const at = asked.push(next?.startAfter) - 1
    await Promise.resolve()
    const entries = Array.from({ length: sizes[at]! }, (_, n) => ({
      type: 'object' as const,
      info: `${at}.${n}`,
    }))
    return at + 1 < sizes.length ? { entries, next: { startAfter: `page ${at}` } } : { entries }
  }
  return { asked, iterator: new EntryIterator<string, 'object'>(read) }
}

const infoOf = ({ value }: IteratorResult<Page['entries'][number], undefined>): string | undefined =>
  value?.type === 'object' ? value.info : undefined

async function all(iterator: EntryIterator<string, 'object'>): Promise<string[]> {
  const found: string[] = []
  for await (const entry of iterator) found.push(entry.type === 'object' ? entry.info : entry.prefix)
  return found
}

test('all entries come in order, empty pages among them, and then nothing', async () => {
  const { asked, iterator } = pagesOf(2, 0, 0, 1, 0)
  assert.deepEqual(await all(iterator), ['0.0', '0.1', '3.0'])
  assert.deepEqual(asked, [undefined, 'page 0', 'page 1', 'page 2', 'page 3'])
  assert.deepEqual(await iterator.next(), { done: true, value: undefined })
  assert.deepEqual(await all(pagesOf(0).iterator), [])
})

test('nothing is read before the first entry is asked for, then one page ahead', async () => {
  const { asked, iterator } = pagesOf(2, 1, 1, 1)
  assert.equal(asked.length, 0)
  await iterator.next()
  assert.equal(asked.length, 2)
  await iterator.next()
  assert.equal(asked.length, 2)
  await iterator.next()
  assert.equal(asked.length, 3)
})

test('whoever asks for several entries at once gets them in order', async () => {
  const { iterator } = pagesOf(2, 0, 2)
  const found = await Promise.all(Array.from({ length: 6 }, () => iterator.next()))
  assert.deepEqual(found.map(infoOf), ['0.0', '0.1', '2.0', '2.1', undefined, undefined])
})

test('leaving early ends it, also while a page is under way', async () => {
  const { asked, iterator } = pagesOf(2, 2, 2)
  for await (const _entry of iterator) break
  assert.equal((await iterator.next()).done, true)
  assert.equal(asked.length, 2)

  const other = pagesOf(2, 2).iterator
  const waiting = other.next()
  await other.return()
  assert.equal((await waiting).done, true)
  assert.equal((await other.next()).done, true)
})

test('a page that cannot be read is told to whoever goes on, once, and to nobody who stops', async () => {
  const failing = () => {
    let pages = 0
    return new EntryIterator<string, 'object'>(async () => {
      if (++pages === 2) throw new Error('the disk is gone')
      return { entries: [{ type: 'object', info: 'a' }], next: { startAfter: 'a' } }
    })
  }
  const iterator = failing()
  assert.equal(infoOf(await iterator.next()), 'a')
  await assert.rejects(iterator.next(), /the disk is gone/)
  assert.equal((await iterator.next()).done, true)

  for await (const _entry of failing()) break // An unhandled rejection would fail the test.
  await new Promise((resolve) => setImmediate(resolve))
})
