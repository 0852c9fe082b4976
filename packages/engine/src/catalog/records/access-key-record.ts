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

/** Bytes that only the sealing key of that generation opens. */
export interface Sealed {
  generation: number
  /** Nonce, ciphertext and tag. */
  bytes: Uint8Array
}

export interface AccessKeyRecord extends WithUnknownFields {
  kind: 'user' | 'service' | 'temporary'
  enabled: boolean
  /** 64 hexadecimal digits. A key is worth nothing without a user of this id. */
  userId: string
  user: string
  createdMs: number
  /** When its secret was last set, or a millisecond more than the time before: it tells one secret from the next. */
  secretSetMs: number
  /** The secret and, of a temporary key, the session token. */
  sealedSecret: Sealed
  expiresMs?: number
  description?: string
  /** Of a session that ends with a key: that key, as it was. */
  parentKey?: { accessKeyId: string; secretSetMs: number }
  /** Of a session of one bucket: it may do no more than its parent key may, or root, whose id `user` is then. */
  actsFor?: 'parent-key' | 'root'
  /** Of a session of nobody in this store: who vouches for whom. Then `policies` are what it may do. */
  federation?: { issuer: string; subject: string }
  policies: readonly string[]
  /** What narrows it: JSON. */
  ownPolicy?: string
}

const DISABLED = 1
const SERVICE = 2
const TEMPORARY = 4
const FOR_PARENT_KEY = 8
const FOR_ROOT = 16
const KNOWN_FLAGS = 31

export function encodeAccessKey(record: AccessKeyRecord): Uint8Array {
  const { expiresMs, parentKey, federation, sealedSecret, actsFor } = record
  const row = new RowWriter()
  writeHead(
    row,
    (record.enabled ? 0 : DISABLED) |
      (record.kind === 'service' ? SERVICE : 0) |
      (record.kind === 'temporary' ? TEMPORARY : 0) |
      (actsFor === 'parent-key' ? FOR_PARENT_KEY : actsFor === 'root' ? FOR_ROOT : 0),
  )
  row.bytes(Buffer.from(record.userId, 'hex'))
  row.u48(record.createdMs)
  row.u48(record.secretSetMs)
  row.prefixedText(record.user)
  writeTexts(row, tag.policies, record.policies)
  row.field(tag.sealedSecret, () => {
    row.varint(sealedSecret.generation)
    row.bytes(sealedSecret.bytes)
  })
  if (expiresMs !== undefined) row.field(tag.expiresMs, () => row.u48(expiresMs))
  writeText(row, tag.description, record.description)
  if (parentKey !== undefined)
    row.field(tag.parentKey, () => {
      row.u48(parentKey.secretSetMs)
      row.text(parentKey.accessKeyId)
    })
  if (federation !== undefined)
    row.field(tag.federation, () => {
      row.prefixedText(federation.issuer)
      row.text(federation.subject)
    })
  writeText(row, tag.ownPolicy, record.ownPolicy)
  writeUnknownFields(row, record)
  return row.finish()
}

export function decodeAccessKey(value: Uint8Array, label?: string): AccessKeyRecord {
  const row = new RowReader(value, label)
  const flags = readHead(row, KNOWN_FLAGS)
  if ((flags & SERVICE) !== 0 && (flags & TEMPORARY) !== 0) throw row.corrupt('it is of two kinds')
  const actsFor = flags & (FOR_PARENT_KEY | FOR_ROOT)
  if (actsFor !== 0 && ((flags & TEMPORARY) === 0 || actsFor === (FOR_PARENT_KEY | FOR_ROOT)))
    throw row.corrupt('it acts for nobody in particular')
  const record: Omit<AccessKeyRecord, 'sealedSecret'> & {
    sealedSecret?: Sealed
    unknownFields?: Uint8Array
  } = {
    kind: (flags & SERVICE) !== 0 ? 'service' : (flags & TEMPORARY) !== 0 ? 'temporary' : 'user',
    enabled: (flags & DISABLED) === 0,
    userId: row.hex(32),
    createdMs: row.u48(),
    secretSetMs: row.u48(),
    user: row.prefixedText(),
    policies: [],
    ...(actsFor === 0 ? {} : { actsFor: actsFor === FOR_ROOT ? ('root' as const) : ('parent-key' as const) }),
  }
  const unknownFields = readFields(row, (field, content) => {
    if (field === tag.policies) record.policies = readTexts(content)
    else if (field === tag.sealedSecret)
      record.sealedSecret = { generation: content.varint(), bytes: content.rest() }
    else if (field === tag.expiresMs) record.expiresMs = content.u48()
    else if (field === tag.description) record.description = content.text()
    else if (field === tag.parentKey)
      record.parentKey = { secretSetMs: content.u48(), accessKeyId: content.text() }
    else if (field === tag.federation)
      record.federation = { issuer: content.prefixedText(), subject: content.text() }
    else if (field === tag.ownPolicy) record.ownPolicy = content.text()
    else return false
    return true
  })
  const { sealedSecret } = record
  if (sealedSecret === undefined) throw row.corrupt('it has no secret')
  if (record.actsFor === 'parent-key' && record.parentKey === undefined)
    throw row.corrupt('it does not say which key it acts for')
  if (unknownFields !== undefined) record.unknownFields = unknownFields
  return { ...record, sealedSecret }
}
