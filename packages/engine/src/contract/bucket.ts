import type { BucketConfiguration, ConfigurationKind } from './configuration.js'
import type { Integrity } from './integrity.js'
import type { Listing, ListOptions } from './listing.js'
import type { ObjectPart, Upload, UploadInfo } from './multipart.js'
import type {
  Attributes,
  CopyOptions,
  Deleted,
  DeleteOptions,
  GetOptions,
  ObjectInfo,
  PutOptions,
  Source,
  StoredObject,
  Tags,
  WriteConditions,
} from './object.js'
import type { ByteSource, Cancel } from './source.js'

export interface BucketInfo {
  readonly name: string
  readonly created: Date
  readonly ownerId?: string
}

export interface CreateBucketOptions extends Cancel {
  ownerId?: string
  /** As {@link BucketConfiguration} has them. @throws `InvalidTag`, `BadRequest` */
  tags?: Tags
}

/** A handle: no I/O, cannot fail. Methods reject with `NoSuchBucket` while the bucket is not there. */
export interface Bucket {
  readonly name: string
  info(options?: Cancel): Promise<BucketInfo>
  /** Removes an empty bucket; its unfinished uploads go with it. @throws `BucketNotEmpty` */
  remove(options?: Cancel): Promise<void>
  /** What was set; `undefined` if it never was, or was taken back. */
  getConfiguration<K extends ConfigurationKind>(
    kind: K,
    options?: Cancel,
  ): Promise<BucketConfiguration[K] | undefined>
  /**
   * Sets one kind of configuration; `undefined` takes it back. When the promise resolves every later write goes by it.
   *
   * @throws {@link EngineError} `IllegalVersioningConfigurationException`, `InvalidBucketState`, `InvalidTag`, `BadRequest`.
   */
  setConfiguration<K extends ConfigurationKind>(
    kind: K,
    value: BucketConfiguration[K] | undefined,
    options?: Cancel,
  ): Promise<void>
  /**
   * Stores an object and makes it the current version of its key. When the promise resolves the object
   * survives a crash; when it rejects, no reader has seen any part of it.
   *
   * @param key 1 to 1024 bytes of UTF-8, without NUL.
   * @param source Read once, to its end, at the pace the disk allows.
   * @throws {@link EngineError} `NoSuchBucket`, `KeyTooLongError`, `PreconditionFailed`, `BadDigest`,
   * `IncompleteBody`, `EntityTooLarge`, `StorageUnavailable`.
   * @see S3 API Reference, PutObject.
   */
  put(key: string, source: ByteSource, options?: PutOptions): Promise<ObjectInfo>
  /** @throws `NoSuchKey`, `NotModified`, `PreconditionFailed`, `InvalidRange`, `InvalidPartNumber`. */
  get(key: string, options?: GetOptions): Promise<StoredObject>
  /** The facts that `get` would give, with the same conditions. No byte of the body is read. */
  head(key: string, options?: GetOptions): Promise<ObjectInfo>
  /** Deleting what is not there is no error. */
  delete(key: string, options?: DeleteOptions): Promise<Deleted>
  /** Many deletes, in the order given where keys repeat. One failing does not stop the others. */
  deleteMany(
    targets: readonly ({ key: string } & DeleteOptions)[],
    options?: Cancel,
  ): Promise<PromiseSettledResult<Deleted>[]>
  /** Shares the source's bytes: a copy of any size takes one commit and no disk. */
  copy(from: Source, key: string, options?: CopyOptions): Promise<ObjectInfo>
  /** @throws `NoSuchKey` */
  getTags(key: string, options?: Cancel): Promise<Tags>
  /** Puts these tags in the place of all there were. The object's bytes and age stay. @throws `InvalidTag`, `NoSuchKey` */
  setTags(key: string, tags: Tags, options?: Cancel): Promise<ObjectInfo>
  list(options?: ListOptions): Listing<ObjectInfo, 'object'>
  listUploads(options?: ListOptions): Listing<UploadInfo, 'upload'>
  createUpload(key: string, options?: Attributes & WriteConditions & Integrity & Cancel): Promise<Upload>
  upload(key: string, uploadId: string): Upload
  /** The parts a finished object was completed from, in order; none for one that was never in parts. @throws `NoSuchKey` */
  parts(key: string, options?: { afterPartNumber?: number } & Cancel): AsyncIterable<ObjectPart>
}
