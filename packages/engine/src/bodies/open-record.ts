import type { FoundObject } from '../catalog/find.js'
import { toObjectInfo } from '../catalog/object-info.js'
import type { StoredObject } from '../contract/object.js'
import type { ReplicationStatus } from '../contract/replication.js'
import type { ByteRange } from '../contract/source.js'
import type { ActiveRules } from '../rules/lifecycle/active-rules.js'
import type { Works } from '../works.js'
import { type FoundStretch, findStretch } from './find-stretch.js'
import { readExtents } from './read-extents.js'
import { StoredBytes } from './stored-bytes.js'

interface Wanted {
  range?: ByteRange
  partNumber?: number
  /** Where its expiry is to be told. */
  lifecycle?: ActiveRules | undefined
  /** Where that is to be told. */
  replicationStatus?: ReplicationStatus | undefined
}

/**
 * Takes hold of the bytes of a record that was just found, so that they stay readable to the end whatever
 * happens to the object. `'changed'`: it was overwritten before that succeeded, look it up again.
 */
export function openRecord(
  works: Works,
  key: string,
  found: FoundObject,
  wanted: Wanted,
  signal?: AbortSignal,
): Promise<StoredBytes | 'changed'> {
  return found.record.body.kind === 'inline'
    ? openPayload(works, key, found, wanted)
    : openBlobs(works, key, found, wanted, signal)
}

async function openPayload(
  works: Works,
  key: string,
  { bucket, row, record }: FoundObject,
  wanted: Wanted,
): Promise<StoredBytes | 'changed'> {
  const found = await findStretch(works, record, wanted)
  const payload = row.payloadBytes === 0 ? NOTHING : await works.kv.readPayload(row.key, row.revision)
  if (payload === 'changed') return 'changed'
  const bytes = found === undefined ? payload : payload.subarray(found.offset, found.offset + found.length)
  return StoredBytes.of(bytes, {
    info: toObjectInfo(key, record, bucket, wanted.lifecycle, wanted.replicationStatus),
    ...placeOf(found),
  })
}

const NOTHING = new Uint8Array(0)

async function openBlobs(
  works: Works,
  key: string,
  { bucket, row, record }: FoundObject,
  wanted: Wanted,
  signal?: AbortSignal,
): Promise<StoredBytes | 'changed'> {
  const { body } = record
  if (body.kind === 'inline') throw new TypeError('An inline body has no blobs.')
  const release = works.pins.hold(body.bodyId)
  try {
    // Pinned first, then looked again: what is still named now cannot be freed before the pin is gone.
    if ((await works.kv.get(row.key))?.revision !== row.revision) {
      release()
      return 'changed'
    }
    const found = await findStretch(works, record, wanted)
    const stretch = found ?? { offset: 0, length: record.sizeBytes }
    return new StoredBytes(
      {
        info: toObjectInfo(key, record, bucket, wanted.lifecycle, wanted.replicationStatus),
        ...placeOf(found),
        length: stretch.length,
      },
      (borrows) => readExtents(works, body, stretch, { borrows, ...(signal && { signal }) }),
      release,
    )
  } catch (error) {
    release()
    throw error
  }
}

function placeOf(found: FoundStretch | undefined): Pick<StoredObject, 'range' | 'part'> {
  if (found === undefined) return {}
  const { offset, length, part } = found
  return { range: { offset, length }, ...(part && { part }) }
}
