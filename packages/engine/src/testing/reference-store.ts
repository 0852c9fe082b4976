import type { Clock } from '../clock.js'
import type { Versioning } from '../contract/configuration.js'
import type { Attributes, GetOptions, ObjectInfo, Tags, Which, WriteConditions } from '../contract/object.js'
import type { DefaultRetention } from '../contract/object-lock.js'
import {
  deleteMarkerSource,
  deleteMarkerVersion,
  EngineError,
  noSuchBucket,
  noSuchKey,
  noSuchUpload,
  noSuchVersion,
} from '../errors.js'
import { headersOf } from '../rules/attributes.js'
import { resolveRange } from '../rules/byte-range.js'
import type { NamedRule } from '../rules/lifecycle/active-rules.js'
import { type Lock, lockOfNewVersion } from '../rules/object-lock.js'
import { checkWriteConditions } from '../rules/write-conditions.js'

/** What the engine's `ObjectInfo` says, but for checksums, best compared with the bytes, and what rules foretell. */
export type ModelInfo = Omit<ObjectInfo, 'checksums' | 'checksumType' | 'expiry'>
export interface ModelPart {
  bytes: Uint8Array
  etag: string
}
export interface ModelObject {
  versionId: string
  info: Omit<ModelInfo, 'lastModified' | 'tagCount' | 'versionId' | 'retention' | 'legalHold'> & {
    lastModifiedMs: number
  }
  tags: Tags
  lock: Lock
  bytes: Uint8Array
  partSizes?: readonly { number: number; sizeBytes: number }[]
}
export interface ModelUpload {
  key: string
  attributes: Attributes
  lock: Lock
  initiatedMs: number
  isComposite: boolean
  parts: Map<number, ModelPart>
  completed?: { list: string; info: ModelInfo }
}
export interface ModelBucket {
  versioning?: Versioning
  objectLock?: boolean
  defaultRetention?: DefaultRetention
  lifecycle?: readonly NamedRule[]
  /** The versions of each key that has any, the newest first. */
  objects: Map<string, ModelObject[]>
  /** In the order they were begun. */
  uploads: Map<string, ModelUpload>
}
export interface Target {
  bucket: string
  key: string
}
export type VersionTarget = Target & Which
export interface UploadTarget extends Target {
  uploadId: string
}

/** What the reference model keeps: buckets with the versions of each key, and uploads. Finding, adding, telling; no verbs. */
export class ReferenceStore {
  readonly buckets = new Map<string, ModelBucket>()
  readonly clock: Clock
  #versionsMade = 0

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Answers what brings the objects back that are there now. */
  remember(): () => void {
    const versionsMade = this.#versionsMade
    const before = [...this.buckets].map(([name, { objects }]) => [name, new Map(objects)] as const)
    return () => {
      for (const [name, objects] of before) this.bucket(name).objects = objects
      this.#versionsMade = versionsMade
    }
  }

  bucket(name: string): ModelBucket {
    const bucket = this.buckets.get(name)
    if (bucket === undefined) throw noSuchBucket(name)
    return bucket
  }

  versions({ bucket, key }: Target): readonly ModelObject[] {
    return this.bucket(bucket).objects.get(key) ?? []
  }

  object(target: VersionTarget): ModelObject {
    const version = this.version(target)
    if (!version.info.isDeleteMarker) return version
    throw deleteMarkerVersion(target, version.versionId, new Date(version.info.lastModifiedMs))
  }

  source(target: VersionTarget): ModelObject {
    const version = this.version(target)
    if (version.info.isDeleteMarker) throw deleteMarkerSource()
    return version
  }

  version({ bucket, key, versionId }: VersionTarget): ModelObject {
    const versions = this.versions({ bucket, key })
    const version =
      versionId === undefined ? versions[0] : versions.find((each) => each.versionId === versionId)
    if (version !== undefined && !(versionId === undefined && version.info.isDeleteMarker)) return version
    throw versionId === undefined ? noSuchKey(bucket, key) : noSuchVersion(bucket, key, versionId)
  }

  /** Makes it the current version: where versions are not made, in place of the null one. */
  add({ bucket: name, key }: Target, object: Omit<ModelObject, 'versionId'>): ModelObject {
    const { objects, versioning } = this.bucket(name)
    const versionId = versioning === 'enabled' ? `v${++this.#versionsMade}` : 'null'
    const others = (objects.get(key) ?? []).filter((each) => each.versionId !== versionId)
    const version = { ...object, versionId }
    objects.set(key, [version, ...others])
    return version
  }

  /** A version that was made elsewhere: newer than all there are, or older. */
  place(
    { bucket: name, key }: Target,
    object: Omit<ModelObject, 'versionId'>,
    isNewest: boolean,
  ): ModelObject {
    const { objects } = this.bucket(name)
    const version = { ...object, versionId: `v${++this.#versionsMade}` }
    const others = objects.get(key) ?? []
    objects.set(key, isNewest ? [version, ...others] : [...others, version])
    return version
  }

  info({ bucket }: { bucket: string }, { info, tags, versionId, lock }: ModelObject): ModelInfo {
    const { lastModifiedMs, ...facts } = info
    const { retention, legalHold } = lock
    return {
      ...facts,
      ...(this.bucket(bucket).versioning === undefined ? {} : { versionId }),
      tagCount: Object.keys(tags).length,
      lastModified: new Date(lastModifiedMs),
      ...(retention && {
        retention: { mode: retention.mode, retainUntil: new Date(retention.retainUntilMs) },
      }),
      ...(legalHold === undefined ? {} : { legalHold }),
    }
  }

  upload({ bucket, key, uploadId }: UploadTarget): ModelUpload {
    const upload = this.bucket(bucket).uploads.get(uploadId)
    if (upload?.key !== key || upload.completed !== undefined) throw noSuchUpload(uploadId)
    return upload
  }

  write(
    target: Target,
    {
      bytes,
      etag,
      attributes,
      partSizes,
      lock = {},
    }: Omit<ModelObject, 'info' | 'tags' | 'versionId' | 'lock'> & {
      etag: string
      attributes: Attributes
      /** As it was settled when an upload was begun. */
      lock?: Lock
    },
    conditions: WriteConditions,
  ): ModelInfo {
    checkWriteConditions(conditions, this.versions(target)[0]?.info, target)
    const info = {
      key: target.key,
      isDeleteMarker: false,
      etag,
      sizeBytes: bytes.byteLength,
      lastModifiedMs: this.clock.now(),
      metadata: attributes.metadata ?? {},
      ...headersOf(attributes),
      ...(attributes.ownerId === undefined ? {} : { ownerId: attributes.ownerId }),
      ...(partSizes === undefined ? {} : { partCount: partSizes.length }),
    }
    const tags = attributes.tags ?? {}
    const locks = {
      ...lockOfNewVersion(this.bucket(target.bucket), attributes, info.lastModifiedMs),
      ...lock,
    }
    const object = { bytes, info, tags, lock: locks, ...(partSizes && { partSizes }) }
    return this.info(target, this.add(target, object))
  }
}

export function stretchOf(
  { info, partSizes }: ModelObject,
  { range, partNumber }: GetOptions,
): { offset: number; length: number } {
  const whole = { offset: 0, length: info.sizeBytes }
  if (range !== undefined) return resolveRange(range, info.sizeBytes) ?? whole
  if (partNumber === undefined) return whole
  let offset = 0
  for (const { number, sizeBytes } of partSizes ?? [{ number: 1, sizeBytes: info.sizeBytes }]) {
    if (number === partNumber) return { offset, length: sizeBytes }
    offset += sizeBytes
  }
  throw new EngineError('InvalidPartNumber', 'Not there.', { partNumber, partCount: partSizes?.length ?? 1 })
}
