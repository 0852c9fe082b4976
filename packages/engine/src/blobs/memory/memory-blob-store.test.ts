import test from 'node:test'
import { blobStoreSuite } from '../../testing/blob-store-suite.js'
import { MemoryBlobStore } from './memory-blob-store.js'

test.describe('the memory blob store', () => {
  blobStoreSuite({ test, factory: () => MemoryBlobStore.open() })
})
