export type { BlobId, BlobStore, BlobStretch, BlobWriter } from './blobs/blobs.js'
export { FileBlobStore, type FileBlobStoreOptions } from './blobs/files/file-blob-store.js'
export { MemoryBlobStore } from './blobs/memory/memory-blob-store.js'
export { type Clock, systemClock } from './clock.js'
export { type Disk, type DiskFile, nodeDisk } from './disk.js'
export { type Ids, randomIds } from './ids.js'
export {
  type Awaitable,
  type Change,
  type Check,
  type CommitOutcome,
  type KvDamage,
  type KvHealth,
  type KvLimits,
  type KvStat,
  type KvStore,
  type KvVerifyOptions,
  kvLimits,
  type Revision,
  type Row,
  type RowPut,
  type ScanOptions,
  type ScanPage,
} from './kv/kv.js'
export { LevelKvStore, type LevelKvStoreOptions } from './kv/level/level-kv-store.js'
export { MemoryKvStore } from './kv/memory/memory-kv-store.js'
