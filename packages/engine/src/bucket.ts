import { toBucketInfo } from './catalog/bucket-info.js'
import { getBucket, getUpload } from './catalog/find.js'
import { toUploadInfo } from './catalog/upload-info.js'
import type { Bucket, BucketInfo, RemoveBucketOptions } from './contract/bucket.js'
import type { BucketConfiguration, ConfigurationKind, SetOptions } from './contract/configuration.js'
import type { Caused } from './contract/events.js'
import type { Integrity } from './contract/integrity.js'
import type { LifecycleExplanation } from './contract/lifecycle.js'
import type { Listing, ListOptions } from './contract/listing.js'
import type { CompletedPart, CopiedPart, ObjectPart, Part, Upload, UploadInfo } from './contract/multipart.js'
import type {
  AppendOptions,
  Attributes,
  CopiedInfo,
  CopyOptions,
  Deleted,
  DeleteOptions,
  EtagKind,
  FanOutOptions,
  FanOutTarget,
  GetOptions,
  ObjectInfo,
  ObjectSummary,
  PutOptions,
  RenameOptions,
  ReplicaOptions,
  Source,
  StoredObject,
  Tags,
  VersionInfo,
  Which,
  WriteConditions,
} from './contract/object.js'
import type { Retention } from './contract/object-lock.js'
import type { ReplicaFacts } from './contract/replication.js'
import type { ByteRange, ByteSource, Cancel } from './contract/source.js'
import { bucketInstanceId } from './rules/bucket-id.js'
import type { Activity } from './sync/activity.js'
import { removeBucket } from './verbs/buckets/remove-bucket.js'
import { getConfiguration } from './verbs/configuration/get-configuration.js'
import { setConfiguration } from './verbs/configuration/set-configuration.js'
import { fanOut } from './verbs/fan-out/fan-out.js'
import { explainLifecycle } from './verbs/lifecycle/explain-lifecycle.js'
import { abortUpload } from './verbs/multipart/abort-upload.js'
import { completeUpload } from './verbs/multipart/complete-upload.js'
import { copyPart } from './verbs/multipart/copy-part.js'
import { createUpload } from './verbs/multipart/create-upload.js'
import { listParts } from './verbs/multipart/list-parts.js'
import { listUploads } from './verbs/multipart/list-uploads.js'
import { putPart } from './verbs/multipart/put-part.js'
import { setLegalHold } from './verbs/object-lock/set-legal-hold.js'
import { setRetention } from './verbs/object-lock/set-retention.js'
import { appendObject } from './verbs/objects/append-object.js'
import { copyObject } from './verbs/objects/copy-object.js'
import { deleteObject } from './verbs/objects/delete-object.js'
import { deleteObjects } from './verbs/objects/delete-objects.js'
import { getObject } from './verbs/objects/get-object.js'
import { getTags } from './verbs/objects/get-tags.js'
import { headObject } from './verbs/objects/head-object.js'
import { listObjectParts } from './verbs/objects/list-object-parts.js'
import { listObjectSummaries, listObjects } from './verbs/objects/list-objects.js'
import { putObject } from './verbs/objects/put-object.js'
import { renameObject } from './verbs/objects/rename-object.js'
import { setTags } from './verbs/objects/set-tags.js'
import { mergeReplica } from './verbs/replication/merge-replica.js'
import { listVersions } from './verbs/versions/list-versions.js'
import type { Works } from './works.js'

/** What an open engine gives its handles. */
export interface Access {
  readonly works: Works
  readonly activity: Activity
  /** Who asks, of a handle that was made for somebody. */
  readonly origin?: Caused['origin']
}

const NOBODY: Caused = {}

/** The verbs of one bucket, each handed on with the name. */
export class BucketHandle implements Bucket {
  readonly name: string
  readonly #access: Access

  constructor(access: Access, name: string) {
    this.#access = access
    this.name = name
  }

  /** Fills in the signal by which a closing engine stops the verb, and who asks. */
  #run<O extends Cancel, T>(options: O, verb: (works: Works, options: O & Caused) => Promise<T>): Promise<T> {
    const { activity, works } = this.#access
    return activity.run(options.signal, (signal) => verb(works, { ...options, signal, ...this.#caused }))
  }

  #with<O extends object>(options: O): O & Caused {
    const { origin } = this.#access
    return origin === undefined ? options : { ...options, origin }
  }

  get #caused(): Caused {
    const { origin } = this.#access
    return origin === undefined ? NOBODY : { origin }
  }

  /** For verbs that look at some rows and are done: they are not worth a signal of their own. */
  #look<T>(verb: (works: Works) => Promise<T>): Promise<T> {
    const { activity, works } = this.#access
    return activity.runBriefly(() => verb(works))
  }

  #target(key: string, { versionId }: Which = {}) {
    return { bucket: this.name, key, ...(versionId === undefined ? {} : { versionId }) }
  }

  info(options: Cancel = {}): Promise<BucketInfo> {
    return this.#run(options, async ({ kv, opening }) => {
      const record = await getBucket(kv, this.name)
      return {
        ...toBucketInfo(this.name, record),
        instanceId: bucketInstanceId(record.bucketId, opening),
      }
    })
  }

  remove(options: RemoveBucketOptions = {}): Promise<void> {
    return this.#run(options, (works, filled) => removeBucket(works, this.name, filled))
  }

  getConfiguration<K extends ConfigurationKind>(
    kind: K,
    options: Cancel = {},
  ): Promise<BucketConfiguration[K] | undefined> {
    return this.#run(options, (works, filled) => getConfiguration(works, this.name, kind, filled))
  }

  setConfiguration<K extends ConfigurationKind>(
    kind: K,
    value: BucketConfiguration[K] | undefined,
    options: SetOptions = {},
  ): Promise<void> {
    return this.#run(options, (works, filled) => setConfiguration(works, this.name, kind, value, filled))
  }

  explainLifecycle(key: string, options: Cancel = {}): Promise<LifecycleExplanation> {
    return this.#run(options, (works, filled) => explainLifecycle(works, this.#target(key), filled))
  }

  put(key: string, source: ByteSource, options: PutOptions = {}): Promise<ObjectInfo> {
    // Bytes at hand keep nobody waiting but the disk, unless their checksum is yet to come.
    if (source instanceof Uint8Array && !awaitsChecksum(options))
      return this.#look((works) => putObject(works, this.#target(key), source, this.#with(options)))
    return this.#run(options, (works, filled) => putObject(works, this.#target(key), source, filled))
  }

  get(key: string, options: GetOptions = {}): Promise<StoredObject> {
    return this.#look((works) => getObject(works, this.#target(key, options), this.#with(options)))
  }

  head(key: string, options: GetOptions = {}): Promise<ObjectInfo> {
    return this.#look((works) => headObject(works, this.#target(key, options), this.#with(options)))
  }

  delete(key: string, options: DeleteOptions = {}): Promise<Deleted> {
    return this.#run(options, (works, filled) => deleteObject(works, this.#target(key, options), filled))
  }

  deleteMany(
    targets: readonly ({ key: string } & DeleteOptions)[],
    options: Cancel = {},
  ): Promise<PromiseSettledResult<Deleted>[]> {
    return this.#run(options, (works, filled) =>
      deleteObjects(
        (key, each) => deleteObject(works, this.#target(key, each), { ...each, ...this.#caused }),
        targets,
        filled,
      ),
    )
  }

  copy(from: Source, key: string, options: CopyOptions = {}): Promise<CopiedInfo> {
    return this.#run(options, (works, filled) => copyObject(works, from, this.#target(key), filled))
  }

  fanOut(
    source: ByteSource,
    targets: readonly FanOutTarget[],
    options: FanOutOptions & { atomic: true },
  ): Promise<PromiseFulfilledResult<ObjectInfo>[]>
  fanOut(
    source: ByteSource,
    targets: readonly FanOutTarget[],
    options?: FanOutOptions,
  ): Promise<PromiseSettledResult<ObjectInfo>[]>
  fanOut(
    source: ByteSource,
    targets: readonly FanOutTarget[],
    options: FanOutOptions = {},
  ): Promise<PromiseSettledResult<ObjectInfo>[]> {
    return this.#run(options, (works, filled) => fanOut(works, this.name, source, targets, filled))
  }

  getTags(key: string, options: Which & Cancel = {}): Promise<Tags> {
    return this.#run(options, (works, filled) => getTags(works, this.#target(key, options), filled))
  }

  setTags(key: string, tags: Tags, options: Which & Cancel = {}): Promise<ObjectInfo> {
    return this.#run(options, (works, filled) => setTags(works, this.#target(key, options), tags, filled))
  }

  append(key: string, source: ByteSource, options: AppendOptions = {}): Promise<ObjectInfo> {
    return this.#run(options, (works, filled) => appendObject(works, this.#target(key), source, filled))
  }

  rename(from: Source, key: string, options: RenameOptions = {}): Promise<ObjectInfo> {
    return this.#run(options, (works, filled) => renameObject(works, from, this.#target(key), filled))
  }

  setRetention(
    key: string,
    retention: Retention | undefined,
    options: Which & { bypassGovernance?: boolean } & Cancel = {},
  ): Promise<ObjectInfo> {
    return this.#run(options, (works, filled) =>
      setRetention(works, this.#target(key, options), retention, filled),
    )
  }

  setLegalHold(key: string, on: boolean, options: Which & Cancel = {}): Promise<ObjectInfo> {
    return this.#run(options, (works, filled) => setLegalHold(works, this.#target(key, options), on, filled))
  }

  mergeReplica(
    key: string,
    facts: ReplicaFacts,
    options: { bypassGovernance?: boolean } & Cancel = {},
  ): Promise<ObjectInfo> {
    return this.#run(options, (works, filled) => mergeReplica(works, this.#target(key), facts, filled))
  }

  list(options: ListOptions & { summary: true }): Listing<ObjectSummary, 'object'>
  list(options?: ListOptions): Listing<ObjectInfo, 'object'>
  list({ summary = false, ...options }: ListOptions & { summary?: boolean } = {}) {
    const { works } = this.#access
    return summary ? listObjectSummaries(works, this.name, options) : listObjects(works, this.name, options)
  }

  listVersions(options: ListOptions = {}): Listing<VersionInfo, 'version'> {
    return listVersions(this.#access.works, this.name, options)
  }

  listUploads(options: ListOptions = {}): Listing<UploadInfo, 'upload'> {
    return listUploads(this.#access.works, this.name, options)
  }

  async createUpload(
    key: string,
    options: Attributes & WriteConditions & ReplicaOptions & Integrity & Cancel = {},
  ): Promise<Upload> {
    const uploadId = await this.#run(options, (works, filled) =>
      createUpload(works, this.#target(key), filled),
    )
    return this.upload(key, uploadId)
  }

  upload(key: string, uploadId: string): Upload {
    return new UploadHandle(this.#access, this.name, key, uploadId)
  }

  parts(key: string, options: Which & { afterPartNumber?: number } & Cancel = {}): AsyncIterable<ObjectPart> {
    return listObjectParts(this.#access.works, this.#target(key, options), options)
  }
}

const awaitsChecksum = ({ checksums = {} }: Integrity): boolean =>
  Object.values(checksums).some((value) => typeof value !== 'string')

class UploadHandle implements Upload {
  readonly key: string
  readonly uploadId: string
  readonly #access: Access
  readonly #bucket: string

  constructor(access: Access, bucket: string, key: string, uploadId: string) {
    this.#access = access
    this.#bucket = bucket
    this.key = key
    this.uploadId = uploadId
  }

  #run<O extends Cancel, T>(options: O, verb: (works: Works, options: O & Caused) => Promise<T>): Promise<T> {
    const { activity, works, origin } = this.#access
    const caused = origin === undefined ? NOBODY : { origin }
    return activity.run(options.signal, (signal) => verb(works, { ...options, signal, ...caused }))
  }

  get #target() {
    return { bucket: this.#bucket, key: this.key, uploadId: this.uploadId }
  }

  info(options: Cancel = {}): Promise<UploadInfo> {
    return this.#run(options, async ({ kv, lifecycleRules }) => {
      const { uploadId, record, bucket } = await getUpload(kv, this.#target)
      return toUploadInfo(this.key, uploadId, record, await lifecycleRules.of(bucket))
    })
  }

  putPart(
    partNumber: number,
    source: ByteSource,
    options: Integrity & EtagKind & Cancel = {},
  ): Promise<Part> {
    return this.#run(options, (works, filled) => putPart(works, this.#target, partNumber, source, filled))
  }

  copyPart(
    partNumber: number,
    from: Source & { range?: ByteRange },
    options: Cancel = {},
  ): Promise<CopiedPart> {
    return this.#run(options, (works, filled) => copyPart(works, this.#target, partNumber, from, filled))
  }

  parts(options: { afterPartNumber?: number } & Cancel = {}): AsyncIterable<Part> {
    return listParts(this.#access.works, this.#target, options)
  }

  complete(
    parts: readonly CompletedPart[],
    options: WriteConditions & Integrity & Cancel = {},
  ): Promise<ObjectInfo> {
    return this.#run(options, (works, filled) => completeUpload(works, this.#target, parts, filled))
  }

  abort(options: Cancel = {}): Promise<void> {
    return this.#run(options, (works, filled) => abortUpload(works, this.#target, filled))
  }
}
