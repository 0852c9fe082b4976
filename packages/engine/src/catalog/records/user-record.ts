import {
  readFields,
  readHead,
  readTexts,
  tag,
  type WithUnknownFields,
  writeHead,
  writeText,
  writeTexts,
  writeUnknownFields,
} from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

export interface UserRecord extends WithUnknownFields {
  /** 64 hexadecimal digits, never given twice. */
  userId: string
  createdMs: number
  enabled: boolean
  /** Keys that are not temporary. */
  keyCount: number
  /** Absent: the name. */
  displayName?: string
  /** In order. */
  policies: readonly string[]
  groups: readonly string[]
}

const DISABLED = 1

export function encodeUser(record: UserRecord): Uint8Array {
  const row = new RowWriter(128)
  writeHead(row, record.enabled ? 0 : DISABLED)
  row.bytes(Buffer.from(record.userId, 'hex'))
  row.u48(record.createdMs)
  row.varint(record.keyCount)
  writeText(row, tag.displayName, record.displayName)
  writeTexts(row, tag.policies, record.policies)
  writeTexts(row, tag.groups, record.groups)
  writeUnknownFields(row, record)
  return row.finish()
}

export function decodeUser(value: Uint8Array, label?: string): UserRecord {
  const row = new RowReader(value, label)
  const flags = readHead(row, DISABLED)
  const record: UserRecord & { unknownFields?: Uint8Array } = {
    userId: row.hex(32),
    createdMs: row.u48(),
    enabled: (flags & DISABLED) === 0,
    keyCount: row.varint(),
    policies: [],
    groups: [],
  }
  const unknownFields = readFields(row, (field, content) => {
    if (field === tag.displayName) record.displayName = content.text()
    else if (field === tag.policies) record.policies = readTexts(content)
    else if (field === tag.groups) record.groups = readTexts(content)
    else return false
    return true
  })
  if (unknownFields !== undefined) record.unknownFields = unknownFields
  return record
}

/** Whose an id is: the user's name, in a row under the id. */
export function encodeUserName(name: string): Uint8Array {
  const row = new RowWriter(64)
  writeHead(row, 0)
  row.text(name)
  return row.finish()
}

export function decodeUserName(value: Uint8Array): string {
  const row = new RowReader(value, 'the name of a user')
  readHead(row, 0)
  return row.text()
}
