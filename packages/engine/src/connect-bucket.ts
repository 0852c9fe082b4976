import type { Bucket } from './contract/bucket.js'
import type { OpenEngine } from './contract/engine.js'
import type { ChecksumAlgorithm } from './contract/integrity.js'
import type { CompletedPart } from './contract/multipart.js'
import type { Attributes, ReplicaOptions } from './contract/object.js'
import type {
  Carried,
  OutgoingDeleteMarker,
  OutgoingRemoval,
  OutgoingVersion,
  ReplicaOf,
  ReplicationTarget,
  ReplicationTargetFacts,
} from './contract/replication.js'
import type { Cancel } from './contract/source.js'
import { type EngineErrorCode, isEngineError } from './errors.js'
import { ReplicationError, type ReplicationErrorCode } from './replication-error.js'

interface Stopped {
  readonly signal: AbortSignal
}

/**
 * A bucket of another engine in this process, or of one that another thread has, as a target: versions come there as they are, with
 * their ids, times, ETags and parts. The engine stays its owner's to close.
 */
export function connectBucket(engine: OpenEngine, bucket: string): ReplicationTarget {
  return new BucketTarget(engine.bucket(bucket))
}

class BucketTarget implements ReplicationTarget {
  readonly #bucket: Bucket

  constructor(bucket: Bucket) {
    this.#bucket = bucket
  }

  /** Errors of the engine there, as a target tells them. */
  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      throw await this.#told(error)
    }
  }

  async #told(error: unknown): Promise<unknown> {
    if (!isEngineError(error)) return error
    const code = codes[error.code] ?? 'Refused'
    const isUnversioned = error.code === 'InvalidRequest' && (await this.#versioning()) !== 'enabled'
    return new ReplicationError(isUnversioned ? 'InvalidBucketState' : code, error.message, { cause: error })
  }

  async #versioning(): Promise<string | undefined> {
    return this.#bucket.getConfiguration('versioning').catch(() => undefined)
  }

  probe({ signal }: Stopped): Promise<ReplicationTargetFacts> {
    return this.#ask(async () => {
      const versioning = await this.#bucket.getConfiguration('versioning', { signal })
      const objectLock = (await this.#bucket.getConfiguration('objectLock', { signal })) !== undefined
      const { instanceId } = await this.#bucket.info({ signal })
      return {
        ...{ keepsVersionIds: true, objectLock },
        ...(versioning !== undefined && { versioning }),
        ...(instanceId !== undefined && { instanceId }),
      }
    })
  }

  async put(version: OutgoingVersion, { signal }: Stopped): Promise<Carried> {
    const { parts, info } = version
    await this.#unlessRemoved(async () => {
      if (parts !== undefined) return this.#putInParts(version, parts, signal)
      const { key, open } = version
      const { sizeBytes, checksums } = info
      await this.#bucket.put(key, open(), { ...toldOf(version), sizeBytes, checksums, signal })
    })
    return {}
  }

  async #putInParts(
    version: OutgoingVersion,
    parts: NonNullable<OutgoingVersion['parts']>,
    signal: AbortSignal,
  ): Promise<void> {
    const { key, unfinished, info } = version
    if (unfinished !== undefined)
      await this.#bucket
        .upload(key, unfinished)
        .abort({ signal })
        .catch(() => {})
    const [checksumAlgorithm] = Object.keys(info.checksums) as ChecksumAlgorithm[]
    const upload = await this.#bucket.createUpload(key, {
      ...toldOf(version),
      ...(checksumAlgorithm !== undefined && { checksumAlgorithm }),
      ...(info.checksumType !== undefined && { checksumType: info.checksumType }),
      signal,
    })
    await version.note(upload.uploadId)
    const completed: CompletedPart[] = []
    let offset = 0
    for (const { partNumber, sizeBytes, checksums } of parts) {
      const bytes = sizeBytes === 0 ? new Uint8Array(0) : version.open({ offset, length: sizeBytes })
      const { etag } = await upload.putPart(partNumber, bytes, { sizeBytes, checksums, signal })
      completed.push({ partNumber, etag, checksums })
      offset += sizeBytes
    }
    await upload.complete(completed, { signal })
  }

  merge(version: OutgoingVersion, { signal }: Stopped): Promise<void> {
    const { key, versionId, tags, changed, info } = version
    return this.#ask(async () => {
      const { retention, legalHold } = info
      await this.#bucket.mergeReplica(
        key,
        {
          ...{ versionId, tags, changed },
          ...(retention !== undefined && { retention }),
          ...(retention === undefined && changed.retention !== undefined && { retention: 'none' }),
          ...(legalHold !== undefined && { legalHold }),
        },
        { bypassGovernance: true, signal },
      )
    })
  }

  async putDeleteMarker(marker: OutgoingDeleteMarker, { signal }: Stopped): Promise<Carried> {
    const { key, versionId, lastModified } = marker
    await this.#unlessRemoved(() =>
      this.#bucket.delete(key, { versionId, replica: { deleteMarker: { lastModified } }, signal }),
    )
    return {}
  }

  async remove({ key, versionId, changed }: OutgoingRemoval, { signal }: Stopped): Promise<void> {
    const replica = changed === undefined ? {} : { changed }
    await this.#unlessRemoved(() =>
      this.#bucket.delete(key, { versionId, replica, bypassGovernance: true, signal }),
    )
  }

  /** What was removed there for good stays so, and there is nothing more to do. */
  async #unlessRemoved(ask: () => Promise<unknown>): Promise<void> {
    try {
      await ask()
    } catch (error) {
      if (!isEngineError(error, 'PreconditionFailed')) throw await this.#told(error)
    }
  }
}

const codes: Partial<Record<EngineErrorCode, ReplicationErrorCode>> = {
  AccessDenied: 'Locked',
  EngineClosed: 'Unreachable',
  InvalidBucketState: 'InvalidBucketState',
  NoSuchBucket: 'NoSuchBucket',
  NoSuchKey: 'NoSuchVersion',
  NoSuchVersion: 'NoSuchVersion',
  StorageFull: 'Unreachable',
  StorageUnavailable: 'Unreachable',
}

function toldOf(version: OutgoingVersion): Attributes & ReplicaOptions & Cancel {
  const { versionId, info, tags, changed, storageClass = info.storageClass } = version
  const { lastModified, etag, metadata, retention, legalHold } = info
  const { contentType, contentEncoding, contentDisposition, contentLanguage } = info
  const { cacheControl, expires, websiteRedirect } = info
  const replica: ReplicaOf = { versionId, lastModified, etag, changed }
  const told = { contentType, contentEncoding, contentDisposition, contentLanguage, cacheControl, expires }
  const more = { storageClass, websiteRedirect, retention, legalHold }
  const said = Object.entries({ ...told, ...more }).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(said), metadata, tags, replica, bypassGovernance: true }
}
