import type { Checksums, ChecksumType } from '../../contract/integrity.js'
import { checksumTypeBits, checksumTypeOf, hasChecksums, readChecksums, writeChecksums } from './checksums.js'
import { readEtag, writeEtag } from './etag.js'
import {
  readFields,
  readHead,
  tag,
  type WithUnknownFields,
  writeHead,
  writeText,
  writeUnknownFields,
} from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** What is remembered of a completed upload, so that asking again gives the same answer. */
export interface CompletedUpload extends WithUnknownFields {
  result: {
    etag: string
    sizeBytes: number
    lastModifiedMs: number
    checksums: Checksums
    checksumType?: ChecksumType
    versionId?: string
  }
  /** A digest of the part list the upload was completed with: another list is not the same question. */
  partsDigest: Uint8Array
}

const KNOWN_FLAGS = 3

export function encodeCompletedUpload(record: CompletedUpload): Uint8Array {
  const { result, partsDigest } = record
  const row = new RowWriter()
  writeHead(row, checksumTypeBits(result.checksumType))
  row.u48(result.lastModifiedMs)
  row.u48(result.sizeBytes)
  writeEtag(row, result.etag)
  row.varint(partsDigest.byteLength)
  row.bytes(partsDigest)
  if (hasChecksums(result.checksums)) row.field(tag.checksums, () => writeChecksums(row, result.checksums))
  writeText(row, tag.versionId, result.versionId)
  writeUnknownFields(row, record)
  return row.finish()
}

export function decodeCompletedUpload(value: Uint8Array, label?: string): CompletedUpload {
  const row = new RowReader(value, label)
  const checksumType = checksumTypeOf(row, readHead(row, KNOWN_FLAGS))
  const lastModifiedMs = row.u48()
  const sizeBytes = row.u48()
  const result: CompletedUpload['result'] = { etag: readEtag(row), sizeBytes, lastModifiedMs, checksums: {} }
  if (checksumType !== undefined) result.checksumType = checksumType
  const partsDigest = row.bytes(row.varint())
  const unknownFields = readFields(row, (field, content) => {
    if (field === tag.checksums) result.checksums = readChecksums(content)
    else if (field === tag.versionId) result.versionId = content.text()
    else return false
    return true
  })
  return unknownFields === undefined ? { result, partsDigest } : { result, partsDigest, unknownFields }
}
