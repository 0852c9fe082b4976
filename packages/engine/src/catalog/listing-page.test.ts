import assert from 'node:assert/strict'
import test from 'node:test'
import type { ListOptions } from '../contract/listing.js'
import { MemoryKvStore } from '../kv/memory/memory-kv-store.js'
import { readPage } from './listing-page.js'

/** Folders with so many rows each; `list` gives all common prefixes, and how many rows were read for them. */
async function foldersOf(sizes: readonly number[]) {
  const kv = MemoryKvStore.open()
  for (const [folder, size] of sizes.entries()) {
    const puts = Array.from({ length: size }, (_, n) => ({
      key: Buffer.from(`o${String(folder).padStart(4, '0')}/${String(n).padStart(4, '0')}`),
      value: new Uint8Array(0),
    }))
    await kv.commit({ checks: [], puts, deletes: [] })
  }
  let rowsRead = 0
  const counting = new Proxy(kv, {
    get(target, name) {
      if (name !== 'scan') return Reflect.get(target, name, target)
      return async (...given: Parameters<MemoryKvStore['scan']>) => {
        const page = await target.scan(...given)
        rowsRead += page.rows.length
        return page
      }
    },
  })
  const listable = { type: 'object' as const, family: Buffer.from('o'), read: () => 'info' }
  return async (options: ListOptions = {}) => {
    rowsRead = 0
    const { entries } = await readPage(counting, listable, { delimiter: '/', ...options }, 1_000)
    return {
      prefixes: entries.map((entry) => (entry.type === 'common-prefix' ? entry.prefix : '')),
      rowsRead,
    }
  }
}

const namesOf = (sizes: readonly number[]) => sizes.map((_, n) => `${String(n).padStart(4, '0')}/`)

test('of folders with many rows few are read, of folders with one row hardly more than there are', async () => {
  const large = Array.from({ length: 50 }, () => 500)
  const ofLarge = await (await foldersOf(large))()
  assert.deepEqual(ofLarge.prefixes, namesOf(large))
  assert.ok(ofLarge.rowsRead < 50 * 10, `${ofLarge.rowsRead} rows were read for 50 folders`)

  const small = Array.from({ length: 900 }, () => 1)
  const ofSmall = await (await foldersOf(small))()
  assert.deepEqual(ofSmall.prefixes, namesOf(small))
  assert.ok(ofSmall.rowsRead <= 900, `${ofSmall.rowsRead} rows were read for 900 folders of one`)
})

test('folders of all sizes are each listed once', async () => {
  const sizes = Array.from({ length: 200 }, (_, n) => [1, 2, 7, 8, 9, 31, 32, 33, 100, 1_000][(n * 7) % 10]!)
  const { prefixes } = await (await foldersOf(sizes))()
  assert.deepEqual(prefixes, namesOf(sizes))
})
