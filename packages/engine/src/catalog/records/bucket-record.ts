import type { DefaultRetention } from '../../contract/object-lock.js'
import {
  readFields,
  readHead,
  tag,
  type WithUnknownFields,
  writeHead,
  writeMark,
  writeText,
  writeUnknownFields,
} from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

export interface BucketRecord extends WithUnknownFields {
  /** 16 bytes, new at each creation, so that nothing of a former bucket of the name is taken for this one's. */
  bucketId: Uint8Array
  createdMs: number
  ownerId?: string
  /** `'deleting'`: its removal has begun and nothing may be put into it. */
  state: 'live' | 'deleting'
  /** Absent: never set, which is not the same as suspended. */
  versioning?: 'enabled' | 'suspended'
  objectLock?: boolean
  defaultRetention?: DefaultRetention
  /** There is a notification configuration: 16 bytes that are new whenever it changes. */
  notification?: Uint8Array
  /** Where the bucket has lifecycle rules: 16 bytes, new each time they are set. */
  lifecycleId?: Uint8Array
  /** Where the bucket has a replication configuration: 16 bytes, new each time it is set. */
  replicationId?: Uint8Array
  /** It has, or once had, a replication configuration: of its versions there may be rows of how far they have come. */
  hasReplicationStates?: true
}

const DELETING = 1
const VERSIONING_SET = 2
const VERSIONING_ENABLED = 4
const OBJECT_LOCK_SET = 8
const OBJECT_LOCK_ON = 16
const KNOWN_FLAGS = 31

export function encodeBucket(record: BucketRecord): Uint8Array {
  const { versioning, objectLock, notification } = record
  const row = new RowWriter(64)
  writeHead(
    row,
    (record.state === 'deleting' ? DELETING : 0) |
      (versioning === undefined ? 0 : VERSIONING_SET) |
      (versioning === 'enabled' ? VERSIONING_ENABLED : 0) |
      (objectLock === undefined ? 0 : OBJECT_LOCK_SET) |
      (objectLock === true ? OBJECT_LOCK_ON : 0),
  )
  row.id(record.bucketId)
  row.u48(record.createdMs)
  writeText(row, tag.ownerId, record.ownerId)
  writeDefaultRetention(row, record.defaultRetention)
  if (notification !== undefined) row.field(tag.notification, () => row.id(notification))
  const { lifecycleId, replicationId } = record
  if (lifecycleId !== undefined) row.field(tag.lifecycleId, () => row.id(lifecycleId))
  if (replicationId !== undefined) row.field(tag.replicationId, () => row.id(replicationId))
  writeMark(row, tag.hasReplicationStates, record.hasReplicationStates)
  writeUnknownFields(row, record)
  return row.finish()
}

export function decodeBucket(value: Uint8Array, label?: string): BucketRecord {
  const row = new RowReader(value, label)
  const flags = readHead(row, KNOWN_FLAGS)
  const record: BucketRecord & { unknownFields?: Uint8Array } = {
    bucketId: row.id(),
    createdMs: row.u48(),
    state: (flags & DELETING) === 0 ? 'live' : 'deleting',
  }
  if ((flags & VERSIONING_SET) !== 0) {
    record.versioning = (flags & VERSIONING_ENABLED) === 0 ? 'suspended' : 'enabled'
  }
  if ((flags & OBJECT_LOCK_SET) !== 0) record.objectLock = (flags & OBJECT_LOCK_ON) !== 0
  const unknownFields = readFields(row, (field, content) => {
    if (field === tag.ownerId) record.ownerId = content.text()
    else if (field === tag.defaultRetention) record.defaultRetention = readDefaultRetention(content)
    else if (field === tag.notification) record.notification = content.id()
    else if (field === tag.lifecycleId) record.lifecycleId = content.id()
    else if (field === tag.replicationId) record.replicationId = content.id()
    else if (field === tag.hasReplicationStates) record.hasReplicationStates = true
    else return false
    return true
  })
  if (unknownFields !== undefined) record.unknownFields = unknownFields
  return record
}

function writeDefaultRetention(row: RowWriter, rule: DefaultRetention | undefined): void {
  if (rule === undefined) return
  row.field(tag.defaultRetention, () => {
    row.u8((rule.mode === 'governance' ? 0 : 1) | ('years' in rule ? 2 : 0))
    row.varint('years' in rule ? rule.years : rule.days)
  })
}

function readDefaultRetention(content: RowReader): DefaultRetention {
  const bits = content.u8()
  if (bits > 3) throw content.corrupt('its default retention is unknown')
  const mode = (bits & 1) === 0 ? 'governance' : 'compliance'
  const period = content.varint()
  return (bits & 2) === 0 ? { mode, days: period } : { mode, years: period }
}
