import type { ChecksumAlgorithm, Checksums, ChecksumType } from '../../contract/integrity.js'
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
import { type Body, readBody, writeBody } from './body.js'
import {
  checksumTypeBits,
  checksumTypeOf,
  hasChecksums,
  readChecksumNames,
  readChecksums,
  writeChecksums,
} from './checksums.js'
import { readEtag, skipEtag, writeEtag } from './etag.js'
import {
  readFields,
  readHead,
  tag,
  type WithUnknownFields,
  writeCount,
  writeHead,
  writeMark,
  writeUnknownFields,
} from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** An object, or one version of it, or a delete marker. */
export interface ObjectRecord extends StoredAttributes, WithUnknownFields {
  /** 16 bytes, new for every record written; a change of metadata, tags or lock keeps it. */
  recordId: Uint8Array
  isDeleteMarker: boolean
  /** Whether other records may refer to the body. */
  shared: boolean
  etag: string
  sizeBytes: number
  lastModifiedMs: number
  partCount?: number
  /** Parts that count towards those an object may be appended to; absent: `partCount`, or none. */
  countedParts?: number
  /** Base64; a composite one is followed by `-` and its number of parts. */
  checksums: Checksums
  checksumType?: ChecksumType
  /** Its place among the versions of its key; absent where it is the only one, and S3's null version. */
  versionOrder?: number
  /** S3's null version, although it has a place among others. */
  isNullVersion?: boolean
  /**
   * Stands on a key's own row where its versions have rows of their own: all that is said of the current version but
   * its body, and where the null version is, if the key has one.
   */
  summary?: { readonly nullVersion?: Uint8Array }
  retention?: StoredRetention
  legalHold?: boolean
  /** It was made in another store, and came here by replication. */
  isReplica?: true
  body: Body
}

const DELETE_MARKER = 1
const SHARED = 2
const LEGAL_HOLD_SHIFT = 2
const CHECKSUM_TYPE_SHIFT = 4
const NULL_VERSION = 64
const SUMMARY = 128
const KNOWN_FLAGS = 0b1111_1111

// Fixed part: version, flags, record id, time, size.
const RECORD_ID_AT = 2
const TIME_AT = RECORD_ID_AT + 16
const SIZE_AT = TIME_AT + 6
const ETAG_AT = SIZE_AT + 6

export function encodeObject(record: ObjectRecord): Uint8Array {
  const row = new RowWriter()
  writeHead(
    row,
    (record.isDeleteMarker ? DELETE_MARKER : 0) |
      (record.shared ? SHARED : 0) |
      (legalHoldBits(record.legalHold) << LEGAL_HOLD_SHIFT) |
      (checksumTypeBits(record.checksumType) << CHECKSUM_TYPE_SHIFT) |
      (record.isNullVersion === true ? NULL_VERSION : 0) |
      (record.summary === undefined ? 0 : SUMMARY),
  )
  row.id(record.recordId)
  row.u48(record.lastModifiedMs)
  row.u48(record.sizeBytes)
  writeEtag(row, record.etag)
  writeLeadingAttributes(row, record)
  if (hasChecksums(record.checksums)) row.field(tag.checksums, () => writeChecksums(row, record.checksums))
  // Most bodies are the row's payload, whole: that is what no field means.
  const { body, summary } = record
  if (summary === undefined && (body.kind !== 'inline' || body.sizeBytes !== record.sizeBytes)) {
    row.field(tag.body, () => writeBody(row, body))
  }
  writeCount(row, tag.partCount, record.partCount)
  writeCount(row, tag.versionOrder, record.versionOrder)
  writeRetention(row, record.retention)
  writeOtherAttributes(row, record)
  writeCount(row, tag.countedParts, record.countedParts)
  const nullVersion = summary?.nullVersion
  if (nullVersion !== undefined) row.field(tag.nullVersion, () => row.id(nullVersion))
  writeMark(row, tag.isReplica, record.isReplica)
  writeUnknownFields(row, record)
  return row.finish()
}

export function decodeObject(value: Uint8Array, label?: string): ObjectRecord {
  const row = new RowReader(value, label)
  const flags = readHead(row, KNOWN_FLAGS)
  const recordId = row.id()
  const lastModifiedMs = row.u48()
  const sizeBytes = row.u48()
  const legalHold = legalHoldOf(row, (flags >> LEGAL_HOLD_SHIFT) & 3)
  const checksumType = checksumTypeOf(row, (flags >> CHECKSUM_TYPE_SHIFT) & 3)
  const record: ObjectRecord & { unknownFields?: Uint8Array } = {
    recordId,
    isDeleteMarker: (flags & DELETE_MARKER) !== 0,
    shared: (flags & SHARED) !== 0,
    etag: readEtag(row),
    sizeBytes,
    lastModifiedMs,
    headers: {},
    metadata: {},
    tags: {},
    checksums: {},
    body: { kind: 'inline', sizeBytes },
  }
  if (legalHold !== undefined) record.legalHold = legalHold
  if (checksumType !== undefined) record.checksumType = checksumType
  if ((flags & NULL_VERSION) !== 0) record.isNullVersion = true
  if ((flags & SUMMARY) !== 0) record.summary = {}
  const unknownFields = readFields(row, (field, content) => readObjectField(record, field, content))
  if (unknownFields !== undefined) record.unknownFields = unknownFields
  return record
}

function readObjectField(record: ObjectRecord, field: number, content: RowReader): boolean {
  switch (field) {
    case tag.checksums:
      record.checksums = readChecksums(content)
      return true
    case tag.body:
      if (record.summary !== undefined) return false
      record.body = readBody(content)
      return true
    case tag.partCount:
      record.partCount = content.varint()
      return true
    case tag.countedParts:
      record.countedParts = content.varint()
      return true
    case tag.versionOrder:
      record.versionOrder = content.varint()
      return true
    case tag.retention:
      record.retention = readRetention(content)
      return true
    case tag.nullVersion:
      if (record.summary === undefined) return false
      record.summary = { nullVersion: content.id() }
      return true
    case tag.isReplica:
      record.isReplica = true
      return true
    default:
      return readAttribute(record, field, content)
  }
}

/** A record seen through what a listing asks of it: decodes nothing else. */
export class ObjectView {
  readonly #value: Uint8Array
  readonly #label: string | undefined
  readonly #row: RowReader
  readonly #flags: number

  /** @throws {@link EngineError} `CorruptRecord`; so does every getter that meets damage. */
  constructor(value: Uint8Array, label?: string) {
    this.#value = value
    this.#label = label
    this.#row = new RowReader(value, label)
    this.#flags = readHead(this.#row, KNOWN_FLAGS)
  }

  /** The content of a field, without looking past its place. */
  #find(wanted: number): RowReader | undefined {
    const row = this.#row.goTo(ETAG_AT)
    skipEtag(row)
    while (!row.done) {
      const field = row.u8()
      if (field > wanted) return undefined
      if (field === wanted) return row.field()
      row.skip(row.varint())
    }
    return undefined
  }

  get isDeleteMarker(): boolean {
    return (this.#flags & DELETE_MARKER) !== 0
  }

  get recordId(): Uint8Array {
    return this.#row.goTo(RECORD_ID_AT).id()
  }

  get versionOrder(): number | undefined {
    return this.#find(tag.versionOrder)?.varint()
  }

  get isSummary(): boolean {
    return (this.#flags & SUMMARY) !== 0
  }

  get lastModifiedMs(): number {
    return this.#row.goTo(TIME_AT).u48()
  }

  get sizeBytes(): number {
    return this.#row.goTo(SIZE_AT).u48()
  }

  get etag(): string {
    return readEtag(this.#row.goTo(ETAG_AT))
  }

  get storageClass(): string | undefined {
    return this.#find(tag.storageClass)?.text()
  }

  get ownerId(): string | undefined {
    return this.#find(tag.ownerId)?.text()
  }

  get checksumAlgorithms(): ChecksumAlgorithm[] {
    const content = this.#find(tag.checksums)
    return content === undefined ? [] : readChecksumNames(content)
  }

  get checksumType(): ChecksumType | undefined {
    return checksumTypeOf(this.#row, (this.#flags >> CHECKSUM_TYPE_SHIFT) & 3)
  }

  decode(): ObjectRecord {
    return decodeObject(this.#value, this.#label)
  }
}
