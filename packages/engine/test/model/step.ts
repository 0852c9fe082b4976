import type {
  Attributes,
  ByteRange,
  ChecksumAlgorithm,
  ChecksumType,
  LifecycleRule,
  ListOptions,
  ObjectLock,
  Tags,
  Versioning,
} from '@aquifer/engine'

/** ETags and ids are not known before a sequence runs: a step says which it means. */
export interface Conditions {
  ifMatch?: 'current' | 'other' | 'any'
  ifNoneMatch?: 'current' | 'other' | 'any'
}
export interface Where {
  bucket: string
  key: string
}
/** One of a key's versions, by its place from the newest on; `unknown`: one that never was. Absent: the current one. */
export type Version = number | 'null' | 'unknown'
export interface Source extends Where {
  version?: Version
}
/** Until so many milliseconds after the step. */
export interface RetentionAsked {
  mode: 'governance' | 'compliance'
  afterMs: number
}
export interface LockAsked {
  retention?: RetentionAsked
  legalHold?: boolean
}
export interface Bytes {
  seed: number
  sizeBytes: number
  /** As one array, as a stream of such chunks, or as a Blob. */
  as: 'whole' | 'pieces' | 'blob'
}
export type ReadAs = 'bytes' | 'body' | 'web'
/** What the caller says of the bytes it sends. */
export type Claim = 'nothing' | 'right' | 'wrong md5' | 'wrong size' | 'wrong checksum'

/** One verb with what it is given. Uploads are meant by their place among those begun so far. */
export type Step =
  | { verb: 'createBucket' | 'removeBucket'; bucket: string }
  | { verb: 'listBuckets'; options: ListOptions }
  | {
      verb: 'put'
      at: Where
      bytes: Bytes
      claim: Claim
      attributes: Attributes
      conditions: Conditions
      lock?: LockAsked
    }
  | { verb: 'setObjectLock'; bucket: string; objectLock: ObjectLock }
  | { verb: 'setRetention'; at: Source; retention?: RetentionAsked; bypassGovernance: boolean }
  | { verb: 'setLegalHold'; at: Source; on: boolean }
  | { verb: 'setVersioning'; bucket: string; versioning: Versioning }
  | { verb: 'get'; at: Source; range?: ByteRange; partNumber?: number; conditions: Conditions; as: ReadAs }
  | { verb: 'head'; at: Source; range?: ByteRange; conditions: Conditions }
  | { verb: 'delete'; at: Source; conditions: Conditions; bypassGovernance?: boolean }
  | {
      verb: 'deleteMany'
      bucket: string
      targets: { key: string; version?: Version; conditions: Conditions }[]
    }
  | {
      verb: 'fanOut'
      bucket: string
      bytes: Bytes
      claim: Claim
      targets: { at: Where; attributes: Attributes; conditions: Conditions; lock?: LockAsked }[]
      atomic: boolean
    }
  /** A version of another store comes, or a delete marker: newer than all there are, or older. */
  | { verb: 'bring'; at: Where; bytes: Bytes; isMarker: boolean; isNewest: boolean; lock?: LockAsked }
  | { verb: 'removeReplica'; at: Source; bypassGovernance: boolean }
  | { verb: 'setTags'; at: Source; tags: Tags }
  | { verb: 'getTags'; at: Source }
  | { verb: 'list' | 'listVersions' | 'listUploads'; bucket: string; options: ListOptions }
  | {
      verb: 'copy'
      from: Source
      at: Where
      fromConditions: Conditions
      conditions: Conditions
      replace?: Omit<Attributes, 'tags'>
      replaceTags?: Tags
      lock?: LockAsked
      storageClass?: string
    }
  | {
      verb: 'append'
      at: Where
      bytes: Bytes
      claim: Claim
      offset: 'end' | 'other' | 'any'
      conditions: Conditions
    }
  | { verb: 'rename'; from: Where; to: string; fromConditions: Conditions; conditions: Conditions }
  | {
      verb: 'createUpload'
      at: Where
      attributes: Attributes
      lock?: LockAsked
      checksum: { checksumAlgorithm?: ChecksumAlgorithm; checksumType?: ChecksumType }
      conditions: Conditions
    }
  | { verb: 'putPart'; upload: number; partNumber: number; bytes: Bytes }
  | { verb: 'copyPart'; upload: number; partNumber: number; from: Source; range?: ByteRange }
  | { verb: 'parts' | 'abort' | 'uploadOfAnotherKey'; upload: number; afterPartNumber: number }
  | {
      verb: 'complete'
      upload: number
      leaveOut: number
      mistake: 'none' | 'etag' | 'order' | 'missing'
      conditions: Conditions
    }
  /** `open` keeps an object open over the steps that follow, until `drain` reads the one that was opened first. */
  | { verb: 'open'; at: Source; as: ReadAs }
  | { verb: 'drain' }
  | { verb: 'setLifecycle'; bucket: string; rules?: LifecycleRule[] }
  | { verb: 'sweep' }
  | { verb: 'reclaim' }
  | { verb: 'reopen' }
