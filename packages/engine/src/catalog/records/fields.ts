import type { Tags } from '../../contract/object.js'
import type { RowReader } from './row-reader.js'
import type { RowWriter } from './row-writer.js'

/**
 * The optional facts of all records, under one numbering. After its fixed part a record is a run of fields
 * (tag, length, content) in ascending order of their tags. A tag means the same in every record, is never
 * given to another meaning, and a new one is greater than all before it: so an older version that meets it
 * knows that nothing it understands follows, and keeps the rest as it is. What a listing asks for comes first.
 */
export const tag = {
  storageClass: 1,
  ownerId: 2,
  checksums: 3,
  body: 4,
  partCount: 5,
  versionOrder: 6,
  retention: 7,
  contentType: 8,
  contentEncoding: 9,
  contentDisposition: 10,
  contentLanguage: 11,
  cacheControl: 12,
  expires: 13,
  websiteRedirect: 14,
  metadata: 15,
  tags: 16,
  checksumAlgorithm: 17,
  // 18 was kept for something that is not written.
  versionId: 19,
  countedParts: 20,
  nullVersion: 21,
  defaultRetention: 22,
  displayName: 23,
  policies: 24,
  groups: 25,
  sealedSecret: 26,
  expiresMs: 27,
  description: 28,
  parentKey: 29,
  federation: 30,
  ownPolicy: 31,
  notification: 32,
  origin: 33,
  attempts: 34,
  objectFacts: 35,
  lifecycleId: 40,
  isReplica: 41,
  replicaOf: 42,
  replicationId: 43,
  hasReplicationStates: 44,
} as const

const LAST_TAG = tag.hasReplicationStates

/** What a newer version wrote after the fields this one knows. Kept, and written again as it was. */
export interface WithUnknownFields {
  readonly unknownFields?: Uint8Array
}

/**
 * Gives each field to `read`, which says whether the tag belongs to this record and must use all of its
 * content; returns what follows the last field known to this version.
 */
export function readFields(
  row: RowReader,
  read: (tag: number, content: RowReader) => boolean,
): Uint8Array | undefined {
  let last = 0
  while (!row.done) {
    const current = row.peek()
    if (current > LAST_TAG) return row.rest()
    row.skip(1)
    if (current <= last) throw row.corrupt('its fields are out of order')
    const content = row.field()
    if (!read(current, content)) throw row.corrupt(`field ${current} does not belong to it`)
    if (!content.done) throw row.corrupt(`field ${current} is longer than its content`)
    last = current
  }
  return undefined
}

export function writeUnknownFields(row: RowWriter, record: WithUnknownFields): void {
  if (record.unknownFields !== undefined) row.bytes(record.unknownFields)
}

export function writeText(row: RowWriter, field: number, value: string | undefined): void {
  if (value !== undefined) row.field(field, () => row.text(value))
}

export function writeCount(row: RowWriter, field: number, value: number | undefined): void {
  if (value !== undefined) row.field(field, () => row.varint(value))
}

/** Says something by being there. */
export function writeMark(row: RowWriter, field: number, is: boolean | undefined): void {
  if (is === true) row.field(field, () => {})
}

/** Texts one after the other; none at all is no field. */
export function writeTexts(row: RowWriter, field: number, values: readonly string[]): void {
  if (values.length > 0)
    row.field(field, () => {
      for (const value of values) row.prefixedText(value)
    })
}

export function readTexts(content: RowReader): string[] {
  const values: string[] = []
  while (!content.done) values.push(content.prefixedText())
  return values
}

/** Names with their values; none at all is no field. */
export function writeTextPairs(row: RowWriter, field: number, texts: Tags): void {
  const entries = Object.entries(texts)
  if (entries.length === 0) return
  row.field(field, () => {
    for (const [name, value] of entries) {
      row.prefixedText(name)
      row.prefixedText(value)
    }
  })
}

export function readTextPairs(content: RowReader): Tags {
  const entries: [string, string][] = []
  while (!content.done) entries.push([content.prefixedText(), content.prefixedText()])
  return Object.fromEntries(entries) // Unlike assignment it makes `__proto__` a name like any other.
}

const VERSION = 1

/** The version byte and the flags. A bit this version does not know changes what the rest means: refused. */
export function readHead(row: RowReader, knownFlags: number): number {
  const version = row.u8()
  if (version !== VERSION) throw row.corrupt(`it has format version ${version}`)
  const flags = row.u8()
  if ((flags & ~knownFlags) !== 0) throw row.corrupt('it has unknown flags')
  return flags
}

export function writeHead(row: RowWriter, flags: number): void {
  row.u8(VERSION)
  row.u8(flags)
}
