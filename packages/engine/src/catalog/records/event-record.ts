import type { EventName, EventOrigin } from '../../contract/events.js'
import type { Tags } from '../../contract/object.js'
import {
  readFields,
  readHead,
  readTextPairs,
  tag,
  type WithUnknownFields,
  writeHead,
  writeText,
  writeTextPairs,
  writeUnknownFields,
} from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** An event that waits for its target, or was given up. */
export interface EventRecord extends WithUnknownFields {
  timeMs: number
  name: EventName
  bucket: string
  key: string
  bucketOwnerId?: string
  versionId?: string
  contentType?: string
  metadata?: Tags
  object?: { readonly sizeBytes: number; readonly etag: string }
  origin: EventOrigin
  /** Absent until a delivery has failed. */
  attempts?: EventAttempts
}

export interface EventAttempts {
  readonly count: number
  readonly firstMs: number
  /** That of the commit the event tells of: the row has another since it was written again. */
  readonly revision: number
  readonly error: string
}

const NO_FLAGS = 0

export function encodeEvent(record: EventRecord): Uint8Array {
  const { object, attempts } = record
  const row = new RowWriter(512)
  writeHead(row, NO_FLAGS)
  row.u48(record.timeMs)
  row.prefixedText(record.name)
  row.prefixedText(record.bucket)
  row.prefixedText(record.key)
  writeText(row, tag.ownerId, record.bucketOwnerId)
  writeText(row, tag.contentType, record.contentType)
  writeTextPairs(row, tag.metadata, record.metadata ?? {})
  writeText(row, tag.versionId, record.versionId)
  writeTextPairs(row, tag.origin, record.origin as Tags)
  if (attempts !== undefined)
    row.field(tag.attempts, () => {
      row.varint(attempts.count)
      row.u48(attempts.firstMs)
      row.varint(attempts.revision)
      row.text(attempts.error)
    })
  if (object !== undefined)
    row.field(tag.objectFacts, () => {
      row.varint(object.sizeBytes)
      row.text(object.etag)
    })
  writeUnknownFields(row, record)
  return row.finish()
}

export function decodeEvent(value: Uint8Array, label = 'an event'): EventRecord {
  const row = new RowReader(value, label)
  readHead(row, NO_FLAGS)
  const record: EventRecord & { unknownFields?: Uint8Array } = {
    timeMs: row.u48(),
    name: row.prefixedText() as EventName,
    bucket: row.prefixedText(),
    key: row.prefixedText(),
    origin: {},
  }
  const unknownFields = readFields(row, (field, content) => readEventField(record, field, content))
  if (unknownFields !== undefined) record.unknownFields = unknownFields
  return record
}

function readEventField(record: EventRecord, field: number, content: RowReader): boolean {
  switch (field) {
    case tag.ownerId:
      record.bucketOwnerId = content.text()
      return true
    case tag.contentType:
      record.contentType = content.text()
      return true
    case tag.metadata:
      record.metadata = readTextPairs(content)
      return true
    case tag.versionId:
      record.versionId = content.text()
      return true
    case tag.origin:
      record.origin = readTextPairs(content)
      return true
    case tag.attempts:
      record.attempts = {
        count: content.varint(),
        firstMs: content.u48(),
        revision: content.varint(),
        error: content.text(),
      }
      return true
    case tag.objectFacts:
      record.object = { sizeBytes: content.varint(), etag: content.text() }
      return true
    default:
      return false
  }
}

/** Events that were dropped: how many, and from when to when. */
export interface EventGapRecord {
  readonly fromMs: number
  readonly toMs: number
  readonly count: number
}

export function encodeEventGap({ fromMs, toMs, count }: EventGapRecord): Uint8Array {
  const row = new RowWriter(24)
  writeHead(row, NO_FLAGS)
  row.u48(fromMs)
  row.u48(toMs)
  row.varint(count)
  return row.finish()
}

export function decodeEventGap(value: Uint8Array): EventGapRecord {
  const row = new RowReader(value, 'a gap among events')
  readHead(row, NO_FLAGS)
  const gap = { fromMs: row.u48(), toMs: row.u48(), count: row.varint() }
  readFields(row, () => false)
  return gap
}
