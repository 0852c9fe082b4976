import { extentsFrom } from '../../bodies/extents.js'
import { bytesInRow } from '../../bodies/row-bytes.js'
import { formatUploadId } from '../../catalog/find.js'
import {
  allBuckets,
  bucketNameOf,
  deletedOf,
  objectNameOf,
  objectsOf,
  partNumberOf,
  partsOf,
  type RowKey,
  uploadNameOf,
  uploadsOf,
  versionKey,
  versionNameOf,
  versionsOf,
} from '../../catalog/keys.js'
import type { Body } from '../../catalog/records/body.js'
import { decodeBucket } from '../../catalog/records/bucket-record.js'
import { isInBlob } from '../../catalog/records/extent.js'
import { decodeObject } from '../../catalog/records/object-record.js'
import { decodePart } from '../../catalog/records/part-record.js'
import { rowsUnder } from '../../catalog/scan.js'
import type { Cancel } from '../../contract/source.js'
import type { Finding, VerifyProgress } from '../../contract/store.js'
import { corruptRecord, EngineError, isEngineError } from '../../errors.js'
import type { Row } from '../../kv/kv.js'
import { formatPlace, placeOf } from '../../rules/version-id.js'
import type { Works } from '../../works.js'
import { nameDamage } from './name-damage.js'
import { statStore } from './stat-store.js'
import { VerifiedBlobs } from './verified-blobs.js'
import { Progress } from './verify-progress.js'
import { verifyReplicationOf, verifyReplicationTargets } from './verify-replication.js'

type Named = Omit<Finding, 'code' | 'detail'>

export interface VerifyOptions extends Cancel {
  /** Told often, at the pace of the disk. */
  onProgress?: (progress: VerifyProgress) => void
}

/**
 * Reads back every record and every byte, and names what is not as it was written. A blob that several objects
 * share is read once and named for each. The store goes on working meanwhile.
 */
export async function* verifyStore(
  works: Works,
  { signal, onProgress }: VerifyOptions,
): AsyncGenerator<Finding, void, undefined> {
  const cancel = signal === undefined ? {} : { signal }
  const progress = new Progress(await countBytes(works, cancel), onProgress)
  const storeOptions = { ...cancel, onProgress: progress.ofStore }
  for await (const damage of works.kv.verify?.(storeOptions) ?? []) {
    const finding = await nameDamage(works, damage)
    if (finding !== undefined) yield finding
  }
  const verification = { works, blobs: new VerifiedBlobs(works.blobs, signal), progress }
  for await (const { key, value } of rowsUnder(works.kv, allBuckets())) {
    const bucket = bucketNameOf(key)
    try {
      const { bucketId } = decodeBucket(value, `bucket "${bucket}"`)
      for await (const record of recordsIn(works, bucket, bucketId)) {
        signal?.throwIfAborted()
        const finding = await examine(verification, record)
        if (finding !== undefined) yield finding
      }
      yield* verifyReplicationOf(works.kv, bucket, bucketId)
    } catch (error) {
      if (!isEngineError(error, 'CorruptRecord')) throw error
      yield { what: 'store', bucket, code: error.code, detail: error.message }
    }
  }
  yield* verifyReplicationTargets(works.kv)
}

/** What is there to be read, as far as it can be told: a record that cannot be read is a finding, later. */
async function countBytes(works: Works, cancel: Cancel): Promise<number> {
  try {
    const { objectBytes, partBytes } = await statStore(works, cancel)
    return objectBytes + partBytes
  } catch (error) {
    if (!isEngineError(error, 'CorruptRecord')) throw error
    return 0
  }
}

interface Verification {
  readonly works: Works
  readonly blobs: VerifiedBlobs
  readonly progress: Progress
}

interface FoundRecord {
  readonly named: Named
  readonly row: Row
  /** What is read from the row's value: its body, or the key of the row where that stands. */
  readonly bodyOf: (value: Uint8Array) => Body | RowKey
}

/** Every record, the summaries of current versions among them. */
async function* recordsIn(works: Works, bucket: string, bucketId: Uint8Array): AsyncGenerator<FoundRecord> {
  for (const family of [objectsOf(bucketId), deletedOf(bucketId)])
    for await (const row of rowsUnder(works.kv, family)) {
      const key = objectNameOf(row.key)
      const bodyOf = (value: Uint8Array): Body | RowKey => {
        const record = decodeObject(value)
        return record.summary === undefined ? record.body : versionKey(bucketId, key, placeOf(record))
      }
      yield { named: { what: 'object', bucket, key }, row, bodyOf }
    }
  for await (const row of rowsUnder(works.kv, versionsOf(bucketId))) {
    const { key, place } = versionNameOf(row.key)
    const named: Named = { what: 'object', bucket, key, versionId: formatPlace(place) }
    yield { named, row, bodyOf: (value) => decodeObject(value).body }
  }
  for await (const upload of rowsUnder(works.kv, uploadsOf(bucketId))) {
    const { key, uploadId } = uploadNameOf(upload.key)
    for await (const row of rowsUnder(works.kv, partsOf(uploadId))) {
      const name = { bucket, key, uploadId: formatUploadId(uploadId), partNumber: partNumberOf(row.key) }
      yield { named: { what: 'part', ...name }, row, bodyOf: (value) => decodePart(value).body }
    }
  }
}

async function examine(
  { works, blobs, progress }: Verification,
  { named, row, bodyOf }: FoundRecord,
): Promise<Finding | undefined> {
  let leftBytes = 0
  try {
    const body = bodyOf(row.value)
    if (body instanceof Uint8Array) {
      if ((await works.kv.get(body)) !== undefined || !(await isUnchanged(works, row))) return undefined
      throw corruptRecord(row.key, 'it names a version that is not there')
    }
    leftBytes = body.sizeBytes
    // A row that has changed since the scan was written anew, and is whole.
    if (row.payloadBytes > 0) await works.kv.readPayload(row.key, row.revision)
    if (body.kind === 'inline') {
      if (row.payloadBytes === body.sizeBytes) return undefined
      throw corruptRecord(row.key, `it has ${row.payloadBytes} bytes where ${body.sizeBytes} should be`)
    }
    const release = works.pins.hold(body.bodyId)
    try {
      if (!(await isUnchanged(works, row))) return undefined
      for await (const { extent } of extentsFrom(works, body)) {
        if (isInBlob(extent)) await blobs.check(extent.blobId)
        else if (extent.length > 0) await bytesInRow(works.kv, extent.owner ?? body.bodyId, extent)
        leftBytes -= extent.length
        progress.bytesDone(extent.length)
      }
    } finally {
      release()
    }
    return undefined
  } catch (error) {
    if (!(error instanceof EngineError) || isEngineError(error, 'EngineClosed')) throw error
    return { ...named, code: error.code, detail: error.message }
  } finally {
    progress.recordDone(leftBytes)
  }
}

const isUnchanged = async (works: Works, row: Row): Promise<boolean> =>
  (await works.kv.get(row.key))?.revision === row.revision
