import { Buffer } from 'node:buffer'
import type { ChecksumAlgorithm } from '../contract/integrity.js'
import type { ObjectPart, Part } from '../contract/multipart.js'
import type { ObjectInfo, ObjectSummary } from '../contract/object.js'
import type { Retention } from '../contract/object-lock.js'
import type { ReplicationStatus } from '../contract/replication.js'
import type { ActiveRules } from '../rules/lifecycle/active-rules.js'
import { expiryOf } from '../rules/lifecycle/expiry.js'
import { versionIdOf } from '../rules/version-id.js'
import type { StoredRetention } from './records/attribute-fields.js'
import type { BucketRecord } from './records/bucket-record.js'
import type { PartMark } from './records/extent.js'
import type { ObjectRecord, ObjectView } from './records/object-record.js'
import type { PartRecord } from './records/part-record.js'

/**
 * The facts of an object as a caller sees them. Where there never were versions, there is no id of one.
 *
 * @param lifecycle The bucket's rules, where it is the current version and they are to be told of it.
 * @param replicationStatus Where that is to be told. Of a replica it is known without.
 */
export function toObjectInfo(
  key: string,
  record: ObjectRecord,
  { versioning }: Pick<BucketRecord, 'versioning'>,
  lifecycle?: ActiveRules,
  replicationStatus?: ReplicationStatus,
): ObjectInfo {
  const info: Writable<ObjectInfo> = {
    ...record.headers,
    key,
    isDeleteMarker: record.isDeleteMarker,
    etag: record.etag,
    sizeBytes: record.sizeBytes,
    lastModified: new Date(record.lastModifiedMs),
    metadata: record.metadata,
    tagCount: Object.keys(record.tags).length,
    checksums: record.checksums,
  }
  // One by one: to spread what is mostly absent takes longer than to decode the record.
  if (versioning !== undefined) info.versionId = versionIdOf(record)
  if (record.retention !== undefined) info.retention = toRetention(record.retention)
  if (record.legalHold !== undefined) info.legalHold = record.legalHold
  if (record.partCount !== undefined) info.partCount = record.partCount
  if (record.ownerId !== undefined) info.ownerId = record.ownerId
  if (record.checksumType !== undefined) info.checksumType = record.checksumType
  const expiry = lifecycle && expiryOf(lifecycle, { ...record, key })
  if (expiry !== undefined) info.expiry = expiry
  const status = record.isReplica === true ? 'replica' : replicationStatus
  if (status !== undefined) info.replicationStatus = status
  return info
}

/** Of a record that is not decoded any further. */
export function toObjectSummary(key: string, record: ObjectView): ObjectSummary {
  const { storageClass, ownerId, checksumType } = record
  return {
    key,
    etag: record.etag,
    sizeBytes: record.sizeBytes,
    lastModified: new Date(record.lastModifiedMs),
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(ownerId === undefined ? {} : { ownerId }),
    checksumAlgorithms: record.checksumAlgorithms,
    ...(checksumType === undefined ? {} : { checksumType }),
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

const toRetention = ({ mode, retainUntilMs }: StoredRetention): Retention => ({
  mode,
  retainUntil: new Date(retainUntilMs),
})

export function toPart(partNumber: number, record: PartRecord): Part {
  return {
    partNumber,
    etag: record.etag,
    sizeBytes: record.sizeBytes,
    lastModified: new Date(record.lastModifiedMs),
    checksums: record.checksums,
  }
}

/** A part of a finished object; its digest is by the algorithm of the object's own checksum. */
export function toObjectPart(
  { number, sizeBytes, checksum }: PartMark,
  { checksums }: Pick<ObjectRecord, 'checksums'>,
): ObjectPart {
  const [algorithm] = Object.keys(checksums) as ChecksumAlgorithm[]
  const isKnown = checksum !== undefined && algorithm !== undefined
  return {
    partNumber: number,
    sizeBytes,
    checksums: isKnown ? { [algorithm]: Buffer.from(checksum).toString('base64') } : {},
  }
}
