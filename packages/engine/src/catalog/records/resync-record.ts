import type { ResyncStatus } from '../../contract/replication.js'
import { readHead, writeHead } from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/**
 * What is gone through, one after the other: the only versions of keys, those that are delete markers, and what is one of several.
 * A key that gets its second version leaves the first two for the third, never the other way: each is come upon.
 */
export const resyncedFamilies = ['objects', 'deleted', 'versions'] as const
export type ResyncedFamily = (typeof resyncedFamilies)[number]

/** What a bucket holds, on its way into the line for a target: all of it anew, or what was there before the rules. */
export interface ResyncRecord {
  readonly status: ResyncStatus['status']
  readonly bucketId: Uint8Array
  readonly bucket: string
  readonly resyncId: string
  readonly startedMs: number
  /** 0 while it goes on. */
  readonly endedMs: number
  /** Only what was written no later. */
  readonly untilMs: number
  /** Where it has come to; `'line'`: all stands in line. */
  readonly family: ResyncedFamily | 'line'
  /** The row that was put in line last, whole; empty before the first. */
  readonly after: Uint8Array
  readonly completed: { readonly versions: number; readonly bytes: number }
  readonly failed: { readonly versions: number; readonly bytes: number }
}

const statuses = ['ongoing', 'completed', 'canceled'] as const
const places = [...resyncedFamilies, 'line'] as const

export function encodeResync(record: ResyncRecord): Uint8Array {
  const row = new RowWriter(128)
  writeHead(row, 0)
  row.u8(statuses.indexOf(record.status))
  row.u8(places.indexOf(record.family))
  row.id(record.bucketId)
  row.u48(record.startedMs)
  row.u48(record.endedMs)
  row.u48(record.untilMs)
  for (const { versions, bytes } of [record.completed, record.failed]) {
    row.varint(versions)
    row.varint(bytes)
  }
  row.prefixedText(record.bucket)
  row.prefixedText(record.resyncId)
  row.bytes(record.after)
  return row.finish()
}

export function decodeResync(value: Uint8Array): ResyncRecord {
  const row = new RowReader(value, 'how far a resync has come')
  readHead(row, 0)
  const [status, family] = [statuses[row.u8()], places[row.u8()]]
  if (status === undefined || family === undefined) throw row.corrupt('its status is unknown')
  return {
    status,
    family,
    bucketId: row.id(),
    startedMs: row.u48(),
    endedMs: row.u48(),
    untilMs: row.u48(),
    completed: { versions: row.varint(), bytes: row.varint() },
    failed: { versions: row.varint(), bytes: row.varint() },
    bucket: row.prefixedText(),
    resyncId: row.prefixedText(),
    after: row.rest(),
  }
}
