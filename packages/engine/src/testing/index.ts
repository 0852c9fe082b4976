export { AsynchronousKvStore, type AsynchronousOptions } from './asynchronous-kv-store.js'
export { type KvStoreSuiteOptions, kvStoreSuite } from './kv-store-suite.js'
