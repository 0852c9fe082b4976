import type { Headers, Tags } from '../../contract/object.js'
import { readTextPairs, tag, writeText, writeTextPairs } from './fields.js'
import type { RowReader } from './row-reader.js'
import type { RowWriter } from './row-writer.js'

/** What a caller said of an object, as records of objects and of uploads hold it. */
export interface StoredAttributes {
  headers: Headers
  metadata: Tags
  tags: Tags
  ownerId?: string
}

export interface StoredRetention {
  mode: 'governance' | 'compliance'
  retainUntilMs: number
}

/** In ascending order of their tags. The storage class stands apart: listings want it. */
const headerFields = [
  [tag.contentType, 'contentType'],
  [tag.contentEncoding, 'contentEncoding'],
  [tag.contentDisposition, 'contentDisposition'],
  [tag.contentLanguage, 'contentLanguage'],
  [tag.cacheControl, 'cacheControl'],
  [tag.expires, 'expires'],
  [tag.websiteRedirect, 'websiteRedirect'],
] as const

/** The fields up to `ownerId`. */
export function writeLeadingAttributes(row: RowWriter, { headers, ownerId }: StoredAttributes): void {
  writeText(row, tag.storageClass, headers.storageClass)
  writeText(row, tag.ownerId, ownerId)
}

/** The fields from `contentType` to `tags`. */
export function writeOtherAttributes(row: RowWriter, { headers, metadata, tags }: StoredAttributes): void {
  for (const [field, name] of headerFields) writeText(row, field, headers[name])
  writeTextPairs(row, tag.metadata, metadata)
  writeTextPairs(row, tag.tags, tags)
}

/** Takes a field into `record` if it is one of the attributes. */
export function readAttribute(record: StoredAttributes, field: number, content: RowReader): boolean {
  switch (field) {
    case tag.storageClass:
      record.headers.storageClass = content.text()
      return true
    case tag.ownerId:
      record.ownerId = content.text()
      return true
    case tag.metadata:
      record.metadata = readTextPairs(content)
      return true
    case tag.tags:
      record.tags = readTextPairs(content)
      return true
    default: {
      const header = headerFields.find(([number]) => number === field)
      if (header === undefined) return false
      record.headers[header[1]] = content.text()
      return true
    }
  }
}

export function writeRetention(row: RowWriter, retention: StoredRetention | undefined): void {
  if (retention === undefined) return
  row.field(tag.retention, () => {
    row.u8(retention.mode === 'governance' ? 0 : 1)
    row.u48(retention.retainUntilMs)
  })
}

export function readRetention(content: RowReader): StoredRetention {
  const mode = content.u8()
  if (mode > 1) throw content.corrupt('its retention mode is unknown')
  return { mode: mode === 0 ? 'governance' : 'compliance', retainUntilMs: content.u48() }
}

/** Two bits of a record's flags: whether a legal hold was ever set, and whether it is on. */
export function legalHoldBits(legalHold: boolean | undefined): number {
  return legalHold === undefined ? 0 : legalHold ? 3 : 1
}

export function legalHoldOf(row: RowReader, bits: number): boolean | undefined {
  if (bits === 2) throw row.corrupt('its legal hold is on and was never set')
  return bits === 0 ? undefined : bits === 3
}
