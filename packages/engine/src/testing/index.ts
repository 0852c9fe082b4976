export { AsynchronousKvStore, type AsynchronousOptions } from './asynchronous-kv-store.js'
export { type BlobStoreSuiteOptions, blobStoreSuite } from './blob-store-suite.js'
export { type KvStoreSuiteOptions, kvStoreSuite } from './kv-store-suite.js'
