import { createHash } from 'node:crypto'
import type { Clock } from '../clock.js'
import type { Versioning } from '../contract/configuration.js'
import type { Integrity } from '../contract/integrity.js'
import type { LifecycleRule } from '../contract/lifecycle.js'
import type { ListingPage, ListOptions } from '../contract/listing.js'
import type { CompletedPart } from '../contract/multipart.js'
import type {
  AppendOptions,
  Attributes,
  CopyOptions,
  Deleted,
  GetOptions,
  ReadConditions,
  Source,
  Tags,
  WriteConditions,
} from '../contract/object.js'
import type { ObjectLock, Retention } from '../contract/object-lock.js'
import type { ByteRange } from '../contract/source.js'
import { EngineError, isEngineError, lockedVersion, noSuchVersion } from '../errors.js'
import { limits } from '../limits.js'
import { checkWithin } from '../rules/byte-range.js'
import { checkLifecycle } from '../rules/lifecycle/check-lifecycle.js'
import { checkUploadChecksum } from '../rules/multipart-checksum.js'
import {
  checkLockEnabled,
  checkObjectLockChange,
  lockedUntil,
  lockOfNewVersion,
  lockOfReplica,
  mayRemove,
  mayRetain,
} from '../rules/object-lock.js'
import { checkCopySourceConditions, checkReadConditions } from '../rules/read-conditions.js'
import { checkTakesReplicas } from '../rules/replication/takes-replicas.js'
import { checkTags } from '../rules/tags.js'
import { refuseVersioned } from '../rules/unversioned.js'
import { checkVersioningChange } from '../rules/versioning-state.js'
import { checkDeleteConditions, checkWriteConditions } from '../rules/write-conditions.js'
import { listPage } from './reference-listing.js'
import {
  type ModelInfo,
  type ModelPart,
  ReferenceStore,
  stretchOf,
  type Target,
  type UploadTarget,
  type VersionTarget,
} from './reference-store.js'
import { type ModelSweep, sweepModel } from './reference-sweep.js'

const NOTHING = new Uint8Array(0)
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

/**
 * What the engine should do, in memory and in the plainest way: one after the other, nothing shared, lists
 * sorted and filtered when asked for. An engine is compared with it step by step. The rules, which have tables
 * of their own, are the engine's; all else is written anew. It calls the versions that it makes v1, v2 and so on.
 */
export class ReferenceModel {
  readonly #store: ReferenceStore

  constructor(clock: Clock) {
    this.#store = new ReferenceStore(clock)
  }

  createBucket(name: string): void {
    if (this.#store.buckets.has(name))
      throw new EngineError('BucketAlreadyOwnedByYou', 'There.', { bucket: name })
    this.#store.buckets.set(name, { objects: new Map(), uploads: new Map() })
  }

  removeBucket(name: string): void {
    if (this.#store.bucket(name).objects.size > 0)
      throw new EngineError('BucketNotEmpty', 'Full.', { bucket: name })
    this.#store.buckets.delete(name)
  }

  listBuckets(options: ListOptions): ListingPage<string, 'bucket'> {
    return listPage(
      [...this.#store.buckets.keys()].map((name) => ({ key: name, info: name })),
      'bucket',
      options,
    )
  }

  setVersioning(bucket: string, versioning: Versioning): void {
    const found = this.#store.bucket(bucket)
    found.versioning = checkVersioningChange(bucket, found, versioning)
  }

  setObjectLock(bucket: string, wanted: ObjectLock): void {
    const found = this.#store.bucket(bucket)
    const { defaultRetention } = checkObjectLockChange(bucket, found, wanted)
    delete found.defaultRetention
    Object.assign(found, { objectLock: true, ...(defaultRetention && { defaultRetention }) })
  }

  setLifecycle(bucket: string, rules: readonly LifecycleRule[] | undefined): void {
    const found = this.#store.bucket(bucket)
    if (rules !== undefined) checkLifecycle(rules, found)
    delete found.lifecycle
    if (rules !== undefined) found.lifecycle = rules.map((rule, at) => ({ ...rule, id: `r${at}` }))
  }

  sweep(dayMs: number): ModelSweep {
    return sweepModel(this.#store, dayMs, (target) => this.delete(target, {}))
  }

  setRetention(target: VersionTarget, retention: Retention | undefined, bypassGovernance: boolean): void {
    const found = this.#store.object(target)
    checkLockEnabled(this.#store.bucket(target.bucket))
    const nowMs = this.#store.clock.now()
    const wanted = retention && lockedUntil(retention, nowMs)
    if (!mayRetain(found.lock.retention, wanted, nowMs, bypassGovernance)) throw lockedVersion(target)
    const { retention: _, ...rest } = found.lock
    found.lock = { ...rest, ...(wanted && { retention: wanted }) }
  }

  setLegalHold(target: VersionTarget, on: boolean): void {
    const found = this.#store.object(target)
    checkLockEnabled(this.#store.bucket(target.bucket))
    found.lock = { ...found.lock, legalHold: on }
  }

  put(target: Target, bytes: Uint8Array, options: Attributes & WriteConditions): ModelInfo {
    checkTags(options.tags ?? {}, 'object')
    return this.#store.write(target, { bytes, etag: md5(bytes), attributes: options }, options)
  }

  /** What becomes of each target, in their order; with `atomic` nothing is kept where one is refused. */
  fanOut(
    targets: readonly (Target & Attributes & WriteConditions)[],
    bytes: Uint8Array,
    { atomic }: { atomic: boolean },
  ): (ModelInfo | EngineError)[] {
    const named = new Set(targets.map(({ bucket, key }) => `${bucket}/${key}`))
    if (atomic && named.size < targets.length)
      throw new EngineError('InvalidRequest', 'Named twice.', { reason: 'twice' })
    const takeBack = this.#store.remember()
    const results = targets.map((target) => {
      try {
        return this.put(target, bytes, target)
      } catch (error) {
        if (!isEngineError(error)) throw error
        return error
      }
    })
    const refused = results.find((result) => result instanceof EngineError)
    if (!atomic || refused === undefined) return results
    takeBack()
    throw refused
  }

  get(target: VersionTarget, options: GetOptions): { info: ModelInfo; bytes: Uint8Array } {
    const found = this.#store.object(target)
    checkReadConditions(options, found.info, this.#store.clock.now())
    const { offset, length } = stretchOf(found, options)
    return { info: this.#store.info(target, found), bytes: found.bytes.subarray(offset, offset + length) }
  }

  delete(target: VersionTarget, options: WriteConditions & { bypassGovernance?: boolean }): Deleted {
    const { objects, versioning } = this.#store.bucket(target.bucket)
    const { key, versionId } = target
    const versions = this.#store.versions(target)
    if (versionId !== undefined) {
      const version = versions.find((each) => each.versionId === versionId)
      if (version === undefined && options.ifMatch !== undefined)
        throw noSuchVersion(target.bucket, key, versionId)
      checkDeleteConditions(options, version?.info, target)
      if (version && !mayRemove(version.lock, this.#store.clock.now(), options.bypassGovernance === true))
        throw lockedVersion(target)
      const left = versions.filter((each) => each !== version)
      if (left.length > 0) objects.set(key, left)
      else objects.delete(key)
      return { key, versionId, ...(version?.info.isDeleteMarker && { deleteMarker: { versionId } }) }
    }
    checkDeleteConditions(options, versions[0]?.info, target)
    if (versioning === undefined) {
      objects.delete(key)
      return { key }
    }
    const lastModifiedMs = this.#store.clock.now()
    const facts = { isDeleteMarker: true, etag: '', sizeBytes: 0, lastModifiedMs, metadata: {} }
    const marker = this.#store.add(target, {
      info: { key, ...facts },
      tags: {},
      lock: {},
      bytes: new Uint8Array(0),
    })
    return { key, deleteMarker: { versionId: marker.versionId } }
  }

  /** A version of another store, or without bytes a delete marker, which is newer than all that are there, or older. */
  bring(
    target: Target,
    bytes: Uint8Array | undefined,
    { isNewest, lastModified, ...lock }: { isNewest: boolean; lastModified: Date } & Attributes,
  ): ModelInfo {
    const bucket = this.#store.bucket(target.bucket)
    checkTakesReplicas(bucket)
    const facts = {
      key: target.key,
      isDeleteMarker: bytes === undefined,
      etag: bytes === undefined ? '' : md5(bytes),
      sizeBytes: bytes?.byteLength ?? 0,
      lastModifiedMs: lastModified.getTime(),
      metadata: {},
      replicationStatus: 'replica' as const,
    }
    const object = { info: facts, tags: {}, lock: lockOfReplica(bucket, lock), bytes: bytes ?? NOTHING }
    return this.#store.info(target, this.#store.place(target, object, isNewest))
  }

  /** What was removed in another store. */
  removeReplica(target: VersionTarget, bypassGovernance: boolean): Deleted {
    checkTakesReplicas(this.#store.bucket(target.bucket))
    return this.delete(target, { bypassGovernance })
  }

  setTags(target: VersionTarget, tags: Tags): void {
    checkTags(tags, 'object')
    this.#store.object(target).tags = tags
  }

  getTags(target: VersionTarget): Tags {
    return this.#store.object(target).tags
  }

  list(bucket: string, options: ListOptions): ListingPage<ModelInfo, 'object'> {
    const entries = [...this.#store.bucket(bucket).objects]
      .filter(([, versions]) => !versions[0]!.info.isDeleteMarker)
      .map(([key, versions]) => ({ key, info: this.#store.info({ bucket }, versions[0]!) }))
    return listPage(entries, 'object', options)
  }

  listVersions(
    bucket: string,
    options: ListOptions,
  ): ListingPage<ModelInfo & { isLatest: boolean }, 'version'> {
    const entries = [...this.#store.bucket(bucket).objects].flatMap(([key, versions]) =>
      versions.map((version, place) => {
        const { versionId } = version
        return {
          key,
          id: versionId,
          info: { ...this.#store.info({ bucket }, version), versionId, isLatest: place === 0 },
        }
      }),
    )
    return listPage(entries, 'version', options)
  }

  copy(from: Source & VersionTarget, target: Target, options: CopyOptions): ModelInfo {
    checkTags(options.replaceTags ?? {}, 'object')
    const { versioning } = this.#store.bucket(from.bucket)
    const source = this.#store.source(from)
    const current = this.#store.versions(target)[0]?.info
    checkCopySourceConditions(from, source.info, this.#store.clock.now())
    checkWriteConditions(options, current, target)
    const ontoItself = from.bucket === target.bucket && from.key === target.key
    const { storageClass, websiteRedirect } = options
    const changes = [
      options.replace,
      options.replaceTags,
      storageClass,
      websiteRedirect,
      options.checksumAlgorithm,
    ]
    const restores = from.versionId !== undefined && versioning !== undefined
    if (ontoItself && !restores && changes.every((change) => change === undefined))
      throw new EngineError('InvalidRequest', 'Nothing changed.', { reason: target.key })
    const { ownerId } = options.replace ?? {}
    const attributes = options.replace ?? { ...source.info, storageClass, websiteRedirect }
    const kept = ownerId ?? source.info.ownerId
    const { lock: _, ...unlocked } = source
    const copied = {
      ...unlocked,
      attributes: {
        ...attributes,
        tags: options.replaceTags ?? source.tags,
        ...lockAsked(options),
        ...(kept === undefined ? {} : { ownerId: kept }),
      },
    }
    return this.#store.write(target, { ...copied, etag: source.info.etag }, {})
  }

  /** @param options.isComposite As the engine says of its checksum: that depends on how the object came about. */
  append(target: Target, bytes: Uint8Array, options: AppendOptions & { isComposite?: boolean }): ModelInfo {
    refuseVersioned(this.#store.bucket(target.bucket), 'appends')
    const found = this.#store.versions(target)[0]
    const { offset, ifMatch } = options
    checkWriteConditions(ifMatch === undefined ? {} : { ifMatch }, found?.info, target)
    const { sizeBytes, etag } = found?.info ?? { sizeBytes: 0, etag: '' }
    if (offset !== undefined && offset !== sizeBytes)
      throw new EngineError('InvalidWriteOffset', 'Elsewhere.', { offset, sizeBytes })
    if (options.isComposite) throw new EngineError('InvalidRequest', 'Composite.', { reason: target.key })
    if (found === undefined) return this.put(target, bytes, options)
    if (bytes.byteLength === 0) return this.#store.info(target, found)
    const chained = md5(Buffer.from(etag.slice(0, 32) + md5(bytes), 'hex'))
    const grown = {
      bytes: Buffer.concat([found.bytes, bytes]),
      attributes: { ...found.info, tags: found.tags },
    }
    return this.#store.write(
      target,
      { ...grown, etag: sizeBytes === 0 ? md5(bytes) : `${chained}-${Number(etag.slice(33) || 1) + 1}` },
      {},
    )
  }

  rename(from: Source & Target, target: Target, options: ReadConditions): ModelInfo {
    for (const key of [from.key, target.key])
      if (key.endsWith('/')) throw new EngineError('InvalidRequest', 'Slash.', { reason: key })
    const bucket = this.#store.bucket(target.bucket)
    refuseVersioned(bucket, 'renames')
    const source = this.#store.object(from)
    checkCopySourceConditions(from, source.info, this.#store.clock.now())
    checkWriteConditions(options, this.#store.versions(target)[0]?.info, target)
    bucket.objects.delete(from.key)
    return this.#store.info(
      target,
      this.#store.add(target, { ...source, info: { ...source.info, key: target.key } }),
    )
  }

  createUpload(target: UploadTarget, options: Attributes & WriteConditions & Integrity): void {
    checkTags(options.tags ?? {}, 'object')
    const { uploads } = this.#store.bucket(target.bucket)
    checkWriteConditions(options, this.#store.versions(target)[0]?.info, target)
    const isComposite = checkUploadChecksum(options).checksumType === 'composite'
    const lock = lockOfNewVersion(this.#store.bucket(target.bucket), options, this.#store.clock.now())
    const { key } = target
    const initiatedMs = this.#store.clock.now()
    uploads.set(target.uploadId, {
      ...{ key, attributes: options, lock, initiatedMs, isComposite },
      parts: new Map(),
    })
  }

  putPart(target: UploadTarget, number: number, bytes: Uint8Array): ModelPart {
    const part = { bytes, etag: md5(bytes) }
    this.#store.upload(target).parts.set(number, part)
    return part
  }

  /** @param etag What the engine called it: a part that is not read gets an ETag of the engine's choice. */
  copyPart(
    target: UploadTarget,
    number: number,
    from: Source & VersionTarget & { range?: ByteRange },
    etag?: string,
  ): void {
    const { parts } = this.#store.upload(target)
    const source = this.#store.source(from)
    checkCopySourceConditions(from, source.info, this.#store.clock.now())
    if (from.range !== undefined) checkWithin(from.range, source.info.sizeBytes)
    const { offset, length } = stretchOf(source, from)
    const bytes = source.bytes.subarray(offset, offset + length)
    parts.set(number, { bytes, etag: etag ?? md5(bytes) })
  }

  parts(target: UploadTarget): { partNumber: number; etag: string; sizeBytes: number }[] {
    return [...this.#store.upload(target).parts]
      .sort(([a], [b]) => a - b)
      .map(([partNumber, { etag, bytes }]) => ({ partNumber, etag, sizeBytes: bytes.byteLength }))
  }

  listUploads(
    bucket: string,
    options: ListOptions,
  ): ListingPage<{ key: string; uploadId: string }, 'upload'> {
    const entries = [...this.#store.bucket(bucket).uploads]
      .filter(([, { completed }]) => completed === undefined)
      .map(([id, { key }]) => ({ key, id, info: { key, uploadId: id } }))
    return listPage(entries, 'upload', options)
  }

  complete(target: UploadTarget, listed: readonly CompletedPart[], options: WriteConditions): ModelInfo {
    if (listed.some(({ partNumber }, place) => place > 0 && listed[place - 1]!.partNumber >= partNumber))
      throw new EngineError('InvalidPartOrder', 'Not ascending.', target)
    const found = this.#store.bucket(target.bucket).uploads.get(target.uploadId)
    const list = JSON.stringify(listed)
    if (found?.completed?.list === list && found.key === target.key) return found.completed.info
    const upload = this.#store.upload(target)
    checkWriteConditions(options, this.#store.versions(target)[0]?.info, target)
    const chosen = listed.map(({ partNumber, etag }, place) => {
      const part = upload.parts.get(partNumber)
      if (part?.etag !== etag) throw new EngineError('InvalidPart', 'Not so.', { ...target, partNumber })
      const sizeBytes = part.bytes.byteLength
      if (place < listed.length - 1 && sizeBytes < limits.partMinBytes) {
        const details = { ...part, partNumber, sizeBytes, minimumBytes: limits.partMinBytes }
        throw new EngineError('EntityTooSmall', 'Too small.', details)
      }
      return { ...part, number: partNumber, sizeBytes }
    })
    if (upload.isComposite && listed.some(({ partNumber }, place) => partNumber !== place + 1))
      throw new EngineError('InvalidPartOrder', 'Not all.', target)
    const bytes = Buffer.concat(chosen.map((part) => part.bytes))
    const digests = chosen.map(({ etag }) => Buffer.from(etag.slice(0, 32), 'hex'))
    const etag = `${md5(Buffer.concat(digests))}-${chosen.length}`
    const { retention: _until, legalHold: _hold, ...attributes } = upload.attributes
    const { lock } = upload
    const info = this.#store.write(target, { bytes, etag, attributes, lock, partSizes: chosen }, options)
    upload.completed = { list, info }
    return info
  }

  abort(target: UploadTarget): void {
    this.#store.upload(target)
    this.#store.bucket(target.bucket).uploads.delete(target.uploadId)
  }
}

const lockAsked = ({ retention, legalHold }: CopyOptions) => ({
  ...(retention && { retention }),
  ...(legalHold === undefined ? {} : { legalHold }),
})
