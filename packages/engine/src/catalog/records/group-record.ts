import {
  readFields,
  readHead,
  readTexts,
  tag,
  type WithUnknownFields,
  writeHead,
  writeTexts,
  writeUnknownFields,
} from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

export interface GroupRecord extends WithUnknownFields {
  createdMs: number
  /** Changes with every member, so that no group goes while one joins it. */
  memberCount: number
  /** In order. */
  policies: readonly string[]
}

export function encodeGroup(record: GroupRecord): Uint8Array {
  const row = new RowWriter(64)
  writeHead(row, 0)
  row.u48(record.createdMs)
  row.varint(record.memberCount)
  writeTexts(row, tag.policies, record.policies)
  writeUnknownFields(row, record)
  return row.finish()
}

export function decodeGroup(value: Uint8Array, label?: string): GroupRecord {
  const row = new RowReader(value, label)
  readHead(row, 0)
  const record: GroupRecord & { unknownFields?: Uint8Array } = {
    createdMs: row.u48(),
    memberCount: row.varint(),
    policies: [],
  }
  const unknownFields = readFields(row, (field, content) => {
    if (field !== tag.policies) return false
    record.policies = readTexts(content)
    return true
  })
  if (unknownFields !== undefined) record.unknownFields = unknownFields
  return record
}
