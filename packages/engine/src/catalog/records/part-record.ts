import type { Checksums } from '../../contract/integrity.js'
import { type Body, readBody, writeBody } from './body.js'
import { hasChecksums, readChecksums, writeChecksums } from './checksums.js'
import { readEtag, writeEtag } from './etag.js'
import { readFields, readHead, tag, type WithUnknownFields, writeHead, writeUnknownFields } from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** An uploaded part of a multipart upload. */
export interface PartRecord extends WithUnknownFields {
  recordId: Uint8Array
  etag: string
  sizeBytes: number
  lastModifiedMs: number
  checksums: Checksums
  body: Body
}

export function encodePart(record: PartRecord): Uint8Array {
  const row = new RowWriter()
  writeHead(row, 0)
  row.id(record.recordId)
  row.u48(record.lastModifiedMs)
  row.u48(record.sizeBytes)
  writeEtag(row, record.etag)
  if (hasChecksums(record.checksums)) row.field(tag.checksums, () => writeChecksums(row, record.checksums))
  row.field(tag.body, () => writeBody(row, record.body))
  writeUnknownFields(row, record)
  return row.finish()
}

export function decodePart(value: Uint8Array, label?: string): PartRecord {
  const row = new RowReader(value, label)
  readHead(row, 0)
  const recordId = row.id()
  const lastModifiedMs = row.u48()
  const sizeBytes = row.u48()
  const etag = readEtag(row)
  let checksums: Checksums = {}
  let body: Body | undefined
  const unknownFields = readFields(row, (field, content) => {
    if (field === tag.checksums) checksums = readChecksums(content)
    else if (field === tag.body) body = readBody(content)
    else return false
    return true
  })
  if (body === undefined) throw row.corrupt('it has no body')
  const record = { recordId, etag, sizeBytes, lastModifiedMs, checksums, body }
  return unknownFields === undefined ? record : { ...record, unknownFields }
}
