import type { EventName } from '@aquifer/engine'
import { ArchiveFile } from '../archive/archive-file.js'
import { splitArchivePath } from '../archive/archive-path.js'
import { type ZipEntry, zipEntries } from '../archive/zip-directory.js'
import { toldBucket, untoldBucket } from '../events/told-bucket.js'
import type { Call } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { readGetOptions } from '../wire/read-options.js'

export interface FoundInArchive {
  readonly file: ArchiveFile
  readonly entry: ZipEntry
}

/**
 * The file of an archive that a key leads to. The right to read the archive is what it takes, and conditions are about
 * the archive, whose ETag and time it has. An extension of MinIO's.
 */
export async function findInArchive(call: Call, name: EventName): Promise<FoundInArchive> {
  const { target, rights, query } = call
  const path = splitArchivePath(target.key)
  if (path === undefined || path.inner === '')
    throw new S3Error('InvalidRequest', 'With x-minio-extract a key leads into an archive: archive.zip/name.')
  const { range, partNumber, ...options } = readGetOptions(call)
  const versionId = query.get('versionId')
  const resource = { bucket: target.bucket, key: path.archive }
  await rights.demand('s3:GetObject', versionId === undefined ? resource : { ...resource, versionId })
  if (range !== undefined)
    throw new S3Error('InvalidRange', 'A file of an archive is read whole.', {}, { 'accept-ranges': 'none' })
  if (partNumber !== undefined) throw new S3Error('InvalidPartNumber', 'A file of an archive has no parts.')
  const info = await toldBucket(call, name).head(path.archive, options)
  const file = new ArchiveFile(untoldBucket(call, target.bucket), info, call.signal)
  let entry: ZipEntry | undefined
  for await (const each of zipEntries(file)) if (each.name === path.inner) entry = each
  if (entry === undefined)
    throw new S3Error('NoSuchKey', 'The specified key does not exist.', { Key: target.key })
  return { file, entry }
}
