import { Buffer } from 'node:buffer'
import { noSuchBucket, noSuchKey, noSuchUpload } from '../errors.js'
import type { Awaitable, Row } from '../kv/kv.js'
import { bucketKey, objectKey, uploadKey } from './keys.js'
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

export interface UploadTarget extends ObjectTarget {
  readonly uploadId: string
}

export interface FoundObject {
  readonly row: Row
  readonly record: ObjectRecord
}

export async function getBucket(lookup: Lookup, name: string): Promise<BucketRecord> {
  const row = await lookup.get(bucketKey(name))
  if (row === undefined) throw noSuchBucket(name)
  return decodeBucket(row.value, `bucket "${name}"`)
}

export async function findObject(
  lookup: Lookup,
  target: ObjectTarget,
): Promise<{ bucket: BucketRecord; object: FoundObject | undefined }> {
  const bucket = await getBucket(lookup, target.bucket)
  const row = await lookup.get(objectKey(bucket.bucketId, target.key))
  if (row === undefined) return { bucket, object: undefined }
  return {
    bucket,
    object: { row, record: decodeObject(row.value, `object "${target.bucket}/${target.key}"`) },
  }
}

export async function getObjectRecord(lookup: Lookup, target: ObjectTarget): Promise<FoundObject> {
  const { object } = await findObject(lookup, target)
  if (object === undefined) throw noSuchKey(target.bucket, target.key)
  return object
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
