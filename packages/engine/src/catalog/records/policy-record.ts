import { readFields, readHead, type WithUnknownFields, writeHead, writeUnknownFields } from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** A policy with a name. Its document is a row of its own. */
export interface PolicyRecord extends WithUnknownFields {
  createdMs: number
  updatedMs: number
  /** Users and groups that it is attached to. Changes with each, so that no policy goes while it is attached. */
  attachmentCount: number
}

export function encodePolicy(record: PolicyRecord): Uint8Array {
  const row = new RowWriter(32)
  writeHead(row, 0)
  row.u48(record.createdMs)
  row.u48(record.updatedMs)
  row.varint(record.attachmentCount)
  writeUnknownFields(row, record)
  return row.finish()
}

export function decodePolicy(value: Uint8Array, label?: string): PolicyRecord {
  const row = new RowReader(value, label)
  readHead(row, 0)
  const record: PolicyRecord & { unknownFields?: Uint8Array } = {
    createdMs: row.u48(),
    updatedMs: row.u48(),
    attachmentCount: row.varint(),
  }
  const unknownFields = readFields(row, () => false)
  if (unknownFields !== undefined) record.unknownFields = unknownFields
  return record
}

/** A policy's document, in the row's payload: JSON as it was given. */
export function encodePolicyDocument(document: string): { value: Uint8Array; payload: Uint8Array } {
  const row = new RowWriter(2)
  writeHead(row, 0)
  return { value: row.finish(), payload: new TextEncoder().encode(document) }
}

export function decodePolicyDocument(value: Uint8Array, payload: Uint8Array, label: string): string {
  const row = new RowReader(value, label)
  readHead(row, 0)
  return new TextDecoder().decode(payload)
}
