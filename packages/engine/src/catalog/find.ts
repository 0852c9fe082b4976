import { Buffer } from 'node:buffer'
import { busy, corruptRecord, invalidArgument, noSuchBucket, noSuchUpload } from '../errors.js'
import type { Awaitable, Row } from '../kv/kv.js'
import { limits } from '../limits.js'
import { parseVersionId, placeOf, type VersionPlace } from '../rules/version-id.js'
import { bucketKey, deletedKey, objectKey, uploadKey, versionKey } from './keys.js'
import { type BucketRecord, decodeBucket } from './records/bucket-record.js'
import { decodeObject, type ObjectRecord } from './records/object-record.js'
import { decodeUpload, type UploadRecord } from './records/upload-record.js'

/** Where rows are looked up: the store itself, or a draft, which checks at the commit what was found. */
export interface Lookup {
  get(key: Uint8Array): Awaitable<Row | undefined>
}

export interface ObjectTarget {
  readonly bucket: string
  readonly key: string
}

/** One version of a key; without an id, the current one. */
export interface VersionTarget extends ObjectTarget {
  readonly versionId?: string
}

export interface UploadTarget extends ObjectTarget {
  readonly uploadId: string
}

/** What a copy reads: its bucket is by default the one that is written to. */
export const sourceOf = (
  { bucket, key, versionId }: { bucket?: string; key: string; versionId?: string },
  target: ObjectTarget,
): VersionTarget => ({
  bucket: bucket ?? target.bucket,
  key,
  ...(versionId === undefined ? {} : { versionId }),
})

export interface FoundObject {
  readonly bucket: BucketRecord
  readonly row: Row
  readonly record: ObjectRecord
}

export async function getBucket(lookup: Lookup, name: string): Promise<BucketRecord> {
  return bucketOf(await lookup.get(bucketKey(name)), name)
}

function bucketOf(row: Row | undefined, name: string): BucketRecord {
  if (row === undefined) throw noSuchBucket(name)
  return decodeBucket(row.value, `bucket "${name}"`)
}

/** A key's own row: its only version, or a summary of the current one. A delete marker is found as any other version. */
export async function findObject(
  lookup: Lookup,
  target: ObjectTarget,
): Promise<{ bucket: BucketRecord; object: FoundObject | undefined }> {
  const bucket = bucketOf(await lookup.get(bucketKey(target.bucket)), target.bucket)
  const row =
    (await lookup.get(objectKey(bucket.bucketId, target.key))) ??
    (bucket.versioning && (await lookup.get(deletedKey(bucket.bucketId, target.key))))
  return { bucket, object: row && foundObject(bucket, target, row) }
}

/**
 * The version that is meant, with its body; a delete marker is one as well.
 *
 * @throws {@link EngineError} `InvalidArgument` where the id cannot be one.
 */
export async function findVersion(
  lookup: Lookup,
  target: VersionTarget,
): Promise<{ bucket: BucketRecord; current: FoundObject | undefined; version: FoundObject | undefined }> {
  const { versionId } = target
  const wanted = versionId === undefined ? undefined : parseVersionId(versionId)
  if (versionId !== undefined && wanted === undefined) throw invalidArgument('versionId', versionId)
  let before: FoundObject | undefined
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const { bucket, object: current } = await findObject(lookup, target)
    const place = wanted === undefined || wanted === 'null' ? placeIn(current, wanted) : wanted
    if (place === 'here') return { bucket, current, version: current }
    const row = place && (await lookup.get(versionKey(bucket.bucketId, target.key, place)))
    const version = row && foundObject(bucket, target, row)
    // Only the text `null` names the null version.
    if (wanted !== undefined && wanted !== 'null' && version?.record.isNullVersion === true)
      return { bucket, current, version: undefined }
    if (version !== undefined || place === undefined || place === wanted) return { bucket, current, version }
    // What a summary names is there, unless it was replaced since the summary was read, which then has changed.
    if (current!.row.revision === before?.row.revision)
      throw corruptRecord(current!.row.key, 'it names a version that is not there')
    before = current
  }
  throw busy(target)
}

/** Where the current or the null version stands: on the key's own row, or at a place among the versions. */
function placeIn(
  current: FoundObject | undefined,
  wanted: 'null' | undefined,
): VersionPlace | 'here' | undefined {
  if (current === undefined) return undefined
  const { summary } = current.record
  if (summary === undefined) return 'here'
  return wanted === 'null' ? summary.nullVersion : placeOf(current.record)
}

export function foundObject(
  bucket: BucketRecord,
  { bucket: name, key }: ObjectTarget,
  row: Row,
): FoundObject {
  return { bucket, row, record: decodeObject(row.value, `object "${name}/${key}"`) }
}

export interface FoundUpload {
  readonly bucket: BucketRecord
  readonly uploadId: Uint8Array
  readonly row: Row
  readonly record: UploadRecord
}

export async function getUpload(lookup: Lookup, target: UploadTarget): Promise<FoundUpload> {
  const bucket = await getBucket(lookup, target.bucket)
  const uploadId = parseUploadId(target.uploadId)
  if (uploadId === undefined) throw noSuchUpload(target.uploadId)
  const row = await lookup.get(uploadKey(bucket.bucketId, target.key, uploadId))
  if (row === undefined) throw noSuchUpload(target.uploadId)
  return { bucket, uploadId, row, record: decodeUpload(row.value, `upload "${target.uploadId}"`) }
}

export const formatUploadId = (uploadId: Uint8Array): string => Buffer.from(uploadId).toString('hex')

/** Undefined for a text that cannot be an upload's id, whatever it is. */
export function parseUploadId(text: string): Uint8Array | undefined {
  if (text.length !== 32) return undefined
  const bytes = Buffer.from(text, 'hex')
  return bytes.byteLength === 16 && bytes.toString('hex') === text ? new Uint8Array(bytes) : undefined
}
