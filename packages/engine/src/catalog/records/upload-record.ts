import type { ChecksumAlgorithm, ChecksumType } from '../../contract/integrity.js'
import type { StoredReplica } from '../../rules/replication/replica-of.js'
import {
  legalHoldBits,
  legalHoldOf,
  readAttribute,
  readRetention,
  type StoredAttributes,
  type StoredRetention,
  writeLeadingAttributes,
  writeOtherAttributes,
  writeRetention,
} from './attribute-fields.js'
import { algorithmNumber, checksumTypeBits, checksumTypeOf, readAlgorithm } from './checksums.js'
import { readFields, readHead, tag, type WithUnknownFields, writeHead, writeUnknownFields } from './fields.js'
import { readReplicaOf, writeReplicaOf } from './replica-of-field.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** A multipart upload under way. */
export interface UploadRecord extends StoredAttributes, WithUnknownFields {
  initiatedMs: number
  /** `'completing'`: a completion is stringing its parts together, and none of them may change. */
  state: 'open' | 'completing'
  checksumAlgorithm?: ChecksumAlgorithm
  checksumType?: ChecksumType
  retention?: StoredRetention
  legalHold?: boolean
  /** What it makes was made in another store, and keeps this of it. */
  replicaOf?: StoredReplica
}

const COMPLETING = 1
const LEGAL_HOLD_SHIFT = 1
const CHECKSUM_TYPE_SHIFT = 3
const KNOWN_FLAGS = 31

export function encodeUpload(record: UploadRecord): Uint8Array {
  const { checksumAlgorithm } = record
  const row = new RowWriter()
  writeHead(
    row,
    (record.state === 'completing' ? COMPLETING : 0) |
      (legalHoldBits(record.legalHold) << LEGAL_HOLD_SHIFT) |
      (checksumTypeBits(record.checksumType) << CHECKSUM_TYPE_SHIFT),
  )
  row.u48(record.initiatedMs)
  writeLeadingAttributes(row, record)
  writeRetention(row, record.retention)
  writeOtherAttributes(row, record)
  if (checksumAlgorithm !== undefined) {
    row.field(tag.checksumAlgorithm, () => row.u8(algorithmNumber(checksumAlgorithm)))
  }
  const { replicaOf } = record
  if (replicaOf !== undefined) row.field(tag.replicaOf, () => writeReplicaOf(row, replicaOf))
  writeUnknownFields(row, record)
  return row.finish()
}

export function decodeUpload(value: Uint8Array, label?: string): UploadRecord {
  const row = new RowReader(value, label)
  const flags = readHead(row, KNOWN_FLAGS)
  const legalHold = legalHoldOf(row, (flags >> LEGAL_HOLD_SHIFT) & 3)
  const checksumType = checksumTypeOf(row, (flags >> CHECKSUM_TYPE_SHIFT) & 3)
  const record: UploadRecord & { unknownFields?: Uint8Array } = {
    initiatedMs: row.u48(),
    state: (flags & COMPLETING) === 0 ? 'open' : 'completing',
    headers: {},
    metadata: {},
    tags: {},
  }
  if (legalHold !== undefined) record.legalHold = legalHold
  if (checksumType !== undefined) record.checksumType = checksumType
  const unknownFields = readFields(row, (field, content) => {
    if (field === tag.retention) record.retention = readRetention(content)
    else if (field === tag.checksumAlgorithm) record.checksumAlgorithm = readAlgorithm(content)
    else if (field === tag.replicaOf) record.replicaOf = readReplicaOf(content)
    else return readAttribute(record, field, content)
    return true
  })
  if (unknownFields !== undefined) record.unknownFields = unknownFields
  return record
}
