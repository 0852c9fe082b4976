import { extentsFrom } from '../../bodies/extents.js'
import { readExtents } from '../../bodies/read-extents.js'
import type { FoundObject } from '../../catalog/find.js'
import { toObjectInfo, toObjectPart } from '../../catalog/object-info.js'
import type { ReplicationStateRecord, TargetState } from '../../catalog/records/replication-state-record.js'
import type { ObjectPart } from '../../contract/multipart.js'
import type { FactTimes, OutgoingVersion } from '../../contract/replication.js'
import type { ByteRange } from '../../contract/source.js'
import { resolveRange } from '../../rules/byte-range.js'
import type { Pace } from '../../sync/pace.js'
import type { Works } from '../../works.js'

/** What is known of a version that is about to be carried over. */
export interface Leaving {
  readonly key: string
  readonly versionId: string
  readonly version: FoundObject
  readonly state: ReplicationStateRecord
  readonly toTarget: TargetState
  readonly storageClass?: string | undefined
}

interface Held {
  readonly bytes: (range: ByteRange | undefined, signal: AbortSignal) => AsyncIterable<Uint8Array>
  readonly release: () => void
}

/** A version on its way, whose bytes stay readable until it is released, whatever becomes of it here. */
export interface HeldVersion {
  readonly outgoing: OutgoingVersion
  readonly release: () => void
}

/** `'changed'`: it is not as it was found, look again. */
export async function holdVersion(
  works: Works,
  leaving: Leaving,
  options: {
    readonly pace: Pace
    readonly signal: AbortSignal
    readonly note: (unfinished: string | undefined) => Promise<void>
  },
): Promise<HeldVersion | 'changed'> {
  const { version } = leaving
  const held =
    version.record.body.kind === 'inline'
      ? await holdPayload(works, version)
      : await holdBlobs(works, version)
  if (held === 'changed') return held
  try {
    const parts = await partsOf(works, version)
    return { outgoing: toOutgoing(leaving, held, parts, options), release: held.release }
  } catch (error) {
    held.release()
    throw error
  }
}

async function holdPayload(works: Works, { row, record }: FoundObject): Promise<Held | 'changed'> {
  const payload = row.payloadBytes === 0 ? NOTHING : await works.kv.readPayload(row.key, row.revision)
  if (payload === 'changed') return payload
  return {
    release: () => {},
    async *bytes(range) {
      const { offset, length } = stretchOf(range, record.sizeBytes)
      if (length > 0) yield payload.subarray(offset, offset + length)
    },
  }
}

const NOTHING = new Uint8Array(0)

/** Pinned first, then looked again: what is still named then cannot be freed before the pin is gone. */
async function holdBlobs(works: Works, { row, record }: FoundObject): Promise<Held | 'changed'> {
  const { body } = record
  if (body.kind === 'inline') throw new TypeError('An inline body has no blobs.')
  const release = works.pins.hold(body.bodyId)
  try {
    if ((await works.kv.get(row.key))?.revision === row.revision)
      return {
        release,
        bytes: (range, signal) => readExtents(works, body, stretchOf(range, record.sizeBytes), { signal }),
      }
  } catch (error) {
    release()
    throw error
  }
  release()
  return 'changed'
}

const stretchOf = (range: ByteRange | undefined, sizeBytes: number) =>
  (range && resolveRange(range, sizeBytes)) ?? { offset: 0, length: sizeBytes }

async function partsOf(works: Works, { record }: FoundObject): Promise<ObjectPart[] | undefined> {
  if (record.partCount === undefined) return undefined
  const parts: ObjectPart[] = []
  for await (const { extent } of extentsFrom(works, record.body))
    if (extent.part !== undefined) parts.push(toObjectPart(extent.part, record))
  return parts
}

function toOutgoing(
  { key, versionId, version, state, toTarget, storageClass }: Leaving,
  { bytes }: Held,
  parts: ObjectPart[] | undefined,
  { pace, signal, note }: Parameters<typeof holdVersion>[2],
): OutgoingVersion {
  const { targetVersionId, unfinished } = toTarget
  return {
    key,
    versionId,
    info: toObjectInfo(key, version.record, version.bucket),
    tags: version.record.tags,
    changed: timesOf(state),
    ...(targetVersionId !== undefined && { targetVersionId }),
    ...(unfinished !== undefined && { unfinished }),
    ...(parts !== undefined && { parts }),
    ...(storageClass !== undefined && { storageClass }),
    open: (range) => {
      const read = bytes(range, signal)
      return pace.isLimited ? pace.through(read, signal) : read
    },
    note,
  }
}

function timesOf({ tagsMs, retentionMs, legalHoldMs }: ReplicationStateRecord): FactTimes {
  return {
    ...(tagsMs !== undefined && { tags: new Date(tagsMs) }),
    ...(retentionMs !== undefined && { retention: new Date(retentionMs) }),
    ...(legalHoldMs !== undefined && { legalHold: new Date(legalHoldMs) }),
  }
}
