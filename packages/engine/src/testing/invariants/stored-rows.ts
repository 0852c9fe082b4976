import type { BlobId } from '../../blobs/blobs.js'
import {
  blobRunOf,
  bucketNameOf,
  deferredDueOf,
  documentNameOf,
  dueMsOf,
  dueNameOf,
  eventNumberOf,
  eventTargetOf,
  extentsOffsetOf,
  objectNameOf,
  partNumberOf,
  uploadNameOf,
  versionNameOf,
} from '../../catalog/keys.js'

import { type BucketRecord, decodeBucket } from '../../catalog/records/bucket-record.js'
import { decodeCompletedUpload } from '../../catalog/records/completed-upload.js'
import {
  type Deferred,
  decodeDeferred,
  decodeOwned,
  type OwnedByBody,
} from '../../catalog/records/deferred-record.js'
import { decodeEvent, decodeEventGap, type EventRecord } from '../../catalog/records/event-record.js'
import type { Extent } from '../../catalog/records/extent.js'
import { decodeExtents } from '../../catalog/records/extent-row.js'
import { decodeIndexing } from '../../catalog/records/indexing-record.js'
import { decodeLifecycle } from '../../catalog/records/lifecycle-document.js'
import { decodeLockTime } from '../../catalog/records/lock-time-record.js'
import { decodeObject, type ObjectRecord } from '../../catalog/records/object-record.js'
import { decodePart, type PartRecord } from '../../catalog/records/part-record.js'
import { decodeRememberedRename } from '../../catalog/records/remembered-rename.js'
import { decodeRemovedVersion } from '../../catalog/records/removed-version-record.js'
import {
  decodeReplicationState,
  type ReplicationStateRecord,
} from '../../catalog/records/replication-state-record.js'
import { decodeReplicationTarget } from '../../catalog/records/replication-target-record.js'
import { decodeResync } from '../../catalog/records/resync-record.js'
import { decodeSubscription } from '../../catalog/records/subscription-record.js'
import { decodeUpload, type UploadRecord } from '../../catalog/records/upload-record.js'
import { rowsBetween } from '../../catalog/scan.js'
import type { KvStore, Row } from '../../kv/kv.js'
import type { ActiveRules } from '../../rules/lifecycle/active-rules.js'
import { readIdentityRow, StoredIdentities } from './stored-identities.js'

/** Ids as text, so that they can be compared and looked up. */
export type Id = string
export const idOf = (bytes: Uint8Array): Id =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')

const FIRST_ID = 1
const ID_BYTES = 16
const idAt = (key: Uint8Array, at: number): Id => idOf(key.subarray(at, at + ID_BYTES))

/** Every row of a store, family by family. */
export class StoredRows {
  readonly buckets: { readonly name: string; readonly id: Id; readonly record: BucketRecord }[] = []
  /** Every record that has a body: of only versions, and of those with rows of their own. */
  readonly objects: {
    readonly bucketId: Id
    readonly key: string
    /** Among versions, where it stands. */
    readonly place?: Id
    readonly row: Row
    readonly record: ObjectRecord
  }[] = []
  readonly documents: { readonly bucketId: Id; readonly name: string; readonly row: Row }[] = []
  /** What keys' own rows say, of all keys. */
  readonly currents: {
    readonly bucketId: Id
    readonly key: string
    readonly family: 'o' | 'd'
    readonly record: ObjectRecord
  }[] = []
  readonly uploads = new Map<
    Id,
    { readonly bucketId: Id; readonly key: string; readonly record: UploadRecord }
  >()
  readonly parts: { readonly uploadId: Id; readonly number: number; readonly record: PartRecord }[] = []
  readonly completedUploads: Id[] = []
  /** Remembered requests: bucket and request id. */
  readonly requests: string[] = []
  /** By body, in order. */
  readonly extents = new Map<
    Id,
    { readonly offset: number; readonly row: Row; readonly extents: readonly Extent[] }[]
  >()
  /** The holders of each body. */
  readonly references = new Map<Id, Set<Id>>()
  readonly kept = new Map<Id, OwnedByBody>()
  /** Runs of reserved blob ids, each with the indexes that are settled. */
  readonly runs = new Map<number, Set<number>>()
  readonly settledWithoutRun: BlobId[] = []
  /** The number that the next run will have. */
  nextRun = 1
  readonly identities = new StoredIdentities()
  /** Lifecycle rules, by the id of their bucket. */
  readonly lifecycles = new Map<Id, ActiveRules>()
  /** Buckets whose old objects have not all been looked at under their rules. */
  readonly indexings = new Set<Id>()
  /** The first look at a key or an upload: by bucket, NUL, key, and an upload's id in hex behind another NUL. */
  readonly looks = new Map<string, number>()
  /** Events that wait for a target or were given up, in their order for each. */
  readonly events: {
    readonly target: string
    readonly number: number
    readonly isDead: boolean
    readonly revision: number
    readonly record: EventRecord
  }[] = []
  /** How far versions have come to other stores. */
  readonly replicationStates: {
    readonly bucketId: Id
    readonly key: string
    readonly place: Id
    readonly state: ReplicationStateRecord
  }[] = []
  readonly replicationTargets = new Set<Id>()
  /** Versions that are remembered as removed: bucket, key, NUL, place. */
  readonly removedVersions: string[] = []
  readonly deferred: { readonly dueMs: number; readonly work: Deferred }[] = []
  /** Rows that cannot be read, or that no family claims. */
  readonly unreadable: string[] = []
}

export async function readStoredRows(kv: KvStore, lifecycleDayMs = 86_400_000): Promise<StoredRows> {
  const rows = new StoredRows()
  const end = new Uint8Array(kv.limits.keyBytes).fill(0xff)
  for await (const row of rowsBetween(kv, Uint8Array.of(0), end)) {
    try {
      readRow(rows, row)
    } catch (error) {
      rows.unreadable.push(`${Buffer.from(row.key).toString('latin1')}: ${error}`)
    }
  }
  for (const { bucketId, name, row } of rows.documents) {
    if (name !== 'lifecycle') continue
    const payload = await kv.readPayload(row.key, row.revision)
    if (payload === 'changed') continue
    const { rules } = decodeLifecycle(row.value, payload, 'lifecycle')
    rows.lifecycles.set(bucketId, { rules, dayMs: lifecycleDayMs })
  }
  return rows
}

const RUN_LENGTH = 256

function readRow(rows: StoredRows, row: Row): void {
  const { key, value } = row
  const id = idAt(key, FIRST_ID)
  switch (String.fromCharCode(key[0]!)) {
    case 'b': {
      const record = decodeBucket(value)
      rows.buckets.push({ name: bucketNameOf(key), id: idOf(record.bucketId), record })
      return
    }
    case 'c':
      rows.documents.push({ bucketId: id, name: documentNameOf(key), row })
      return
    case 'x': {
      const { bucket, key: name, uploadId } = dueNameOf(key)
      const what = `${bucket}\0${name}${uploadId === undefined ? '' : `\0${idOf(uploadId)}`}`
      // They come in the order of their moments.
      if (!rows.looks.has(what)) rows.looks.set(what, dueMsOf(key))
      return
    }
    case 'i':
      decodeIndexing(value)
      rows.indexings.add(id)
      return
    case 's':
      decodeLockTime(value)
      return
    case 'a':
      readIdentityRow(rows.identities, row)
      return
    case 'o':
    case 'd': {
      const record = decodeObject(value)
      const family = key[0] === 'o'.charCodeAt(0) ? 'o' : 'd'
      rows.currents.push({ bucketId: id, key: objectNameOf(key), family, record })
      if (record.summary === undefined)
        rows.objects.push({ bucketId: id, key: objectNameOf(key), row, record })
      return
    }
    case 'v': {
      const name = versionNameOf(key)
      const record = decodeObject(value)
      rows.objects.push({ bucketId: id, key: name.key, place: idOf(name.place), row, record })
      return
    }
    case 'u': {
      const name = uploadNameOf(key)
      rows.uploads.set(idOf(name.uploadId), { bucketId: id, key: name.key, record: decodeUpload(value) })
      return
    }
    case 'p':
      rows.parts.push({ uploadId: id, number: partNumberOf(key), record: decodePart(value) })
      return
    case 't':
      decodeCompletedUpload(value)
      rows.completedUploads.push(id)
      return
    case 'm':
      decodeRememberedRename(value)
      rows.requests.push(`${id} ${Buffer.from(key.subarray(FIRST_ID + ID_BYTES)).toString()}`)
      return
    case 'e': {
      const before = rows.extents.get(id)
      const found = { offset: extentsOffsetOf(key), row, extents: decodeExtents(value) }
      if (before === undefined) rows.extents.set(id, [found])
      else before.push(found)
      return
    }
    case 'r': {
      const holders = rows.references.get(id) ?? new Set()
      rows.references.set(id, holders.add(idAt(key, FIRST_ID + ID_BYTES)))
      return
    }
    case 'k':
      rows.kept.set(id, decodeOwned(value))
      return
    case 'n':
      readBlobIdRow(rows, row)
      return
    case 'q':
      readEventRow(rows, row)
      return
    case 'w': {
      const { key: name, place } = versionNameOf(key)
      rows.replicationStates.push({
        bucketId: id,
        key: name,
        place: idOf(place),
        state: decodeReplicationState(value),
      })
      return
    }
    case 'z': {
      const { key: name, place } = versionNameOf(key)
      decodeRemovedVersion(value)
      rows.removedVersions.push(`${id} ${name}\0${idOf(place)}`)
      return
    }
    case 'y':
      decodeReplicationTarget(value)
      rows.replicationTargets.add(id)
      return
    case 'j':
      decodeResync(value)
      return
    case 'g':
      rows.deferred.push({ dueMs: deferredDueOf(key), work: decodeDeferred(value) })
      return
    default:
      throw new Error('no family of rows begins so')
  }
}

const DEAD = 'd'.charCodeAt(0)

function readEventRow(rows: StoredRows, { key, value, revision }: Row): void {
  switch (String.fromCharCode(key[1]!)) {
    case 's':
      decodeSubscription(value)
      return
    case 'g':
      decodeEventGap(value)
      return
    case 'e':
    case 'd': {
      const record = decodeEvent(value)
      const place = { target: eventTargetOf(key), number: eventNumberOf(key), isDead: key[1] === DEAD }
      rows.events.push({ ...place, revision: record.attempts?.revision ?? revision, record })
      return
    }
    default:
      throw new Error('no rows of events begin so')
  }
}

function readBlobIdRow(rows: StoredRows, { key, value }: Row): void {
  const { run, index } = blobRunOf(key)
  if (run === 0) {
    rows.nextRun = Number(new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0))
  } else if (index === undefined) {
    rows.runs.set(run, new Set())
  } else {
    const settled = rows.runs.get(run) // A run's own row sorts before those of its ids.
    if (settled === undefined) rows.settledWithoutRun.push(run * RUN_LENGTH + index)
    else settled.add(index)
  }
}

/** Whether a blob id is reserved and nothing has said yet what became of it: recovery would remove its blob. */
export function isUnsettled({ runs }: StoredRows, id: BlobId): boolean {
  const settled = runs.get(Math.floor(id / RUN_LENGTH))
  return settled !== undefined && !settled.has(id % RUN_LENGTH)
}

/** The row whose payload holds a byte that a body carries in its own rows. */
export function rowWithByte({ extents }: StoredRows, body: Id, offset: number) {
  const rows = extents.get(body) ?? []
  let place = rows.length - 1
  while (place >= 0 && rows[place]!.offset > offset) place--
  return rows[place]
}

export const isReserved = ({ nextRun }: StoredRows, id: BlobId): boolean =>
  Math.floor(id / RUN_LENGTH) < nextRun
