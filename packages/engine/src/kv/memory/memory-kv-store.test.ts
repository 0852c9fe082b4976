import test from 'node:test'
import { AsynchronousKvStore } from '../../testing/asynchronous-kv-store.js'
import { kvStoreSuite } from '../../testing/kv-store-suite.js'
import { MemoryKvStore } from './memory-kv-store.js'

test.describe('the memory store', () => {
  kvStoreSuite({ test, factory: () => MemoryKvStore.open() })
})

test.describe('the memory store, answering late and with conflicts', () => {
  let seed = 1
  kvStoreSuite({ test, factory: () => new AsynchronousKvStore(MemoryKvStore.open(), { seed: seed++ }) })
})
