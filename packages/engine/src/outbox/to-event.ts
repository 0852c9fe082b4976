import { decodeEvent, type EventRecord } from '../catalog/records/event-record.js'
import type { EngineEvent } from '../contract/events.js'
import type { Row } from '../kv/kv.js'

/** The commit's number, by which events of a key are ordered: commits about one key follow each other. */
const sequencerOf = (revision: number): string => revision.toString(16).toUpperCase().padStart(16, '0')

/** The event of a row, as those are told who get it. */
export function readEvent({ value, revision }: Row): { event: EngineEvent; record: EventRecord } {
  const record = decodeEvent(value)
  return { event: toEvent(record, record.attempts?.revision ?? revision), record }
}

function toEvent(record: EventRecord, revision: number): EngineEvent {
  const { name, timeMs, bucket, bucketOwnerId, key, versionId, contentType, metadata, object, origin } =
    record
  return {
    name,
    time: new Date(timeMs),
    bucket,
    ...(bucketOwnerId === undefined ? {} : { bucketOwnerId }),
    key,
    ...(versionId === undefined ? {} : { versionId }),
    ...object,
    ...(contentType === undefined ? {} : { contentType }),
    ...(metadata === undefined && object === undefined ? {} : { metadata: metadata ?? {} }),
    sequencer: sequencerOf(revision),
    origin,
  }
}
