import { extentsFrom } from '../../bodies/extents.js'
import { formatUploadId } from '../../catalog/find.js'
import {
  allBuckets,
  bucketNameOf,
  objectNameOf,
  objectsOf,
  partNumberOf,
  partsOf,
  uploadNameOf,
  uploadsOf,
} from '../../catalog/keys.js'
import type { Body } from '../../catalog/records/body.js'
import { decodeBucket } from '../../catalog/records/bucket-record.js'
import { decodeObject } from '../../catalog/records/object-record.js'
import { decodePart } from '../../catalog/records/part-record.js'
import { rowsUnder } from '../../catalog/scan.js'
import type { Cancel } from '../../contract/source.js'
import type { Finding, VerifyProgress } from '../../contract/store.js'
import { EngineError, isEngineError } from '../../errors.js'
import type { KvDamage, KvVerifyOptions, Row } from '../../kv/kv.js'
import type { Works } from '../../works.js'
import { statStore } from './stat-store.js'
import { VerifiedBlobs } from './verified-blobs.js'

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
  const { objectBytes, partBytes } = await statStore(works, cancel)
  const progress = new Progress(objectBytes + partBytes, onProgress)
  const storeOptions = { ...cancel, onProgress: progress.ofStore }
  for await (const damage of works.kv.verify?.(storeOptions) ?? []) {
    const finding = await nameDamage(works, damage)
    if (finding !== undefined) yield finding
  }
  const verification = { works, blobs: new VerifiedBlobs(works.blobs, signal), progress }
  for await (const record of records(works)) {
    signal?.throwIfAborted()
    const finding = await examine(verification, record)
    if (finding !== undefined) yield finding
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
  /** How its body is read from the row's value. */
  readonly bodyOf: (value: Uint8Array) => Body
}

/** Every record that has a body. */
async function* records(works: Works): AsyncGenerator<FoundRecord> {
  for await (const bucketRow of rowsUnder(works.kv, allBuckets())) {
    const bucket = bucketNameOf(bucketRow.key)
    const { bucketId } = decodeBucket(bucketRow.value)
    for await (const row of rowsUnder(works.kv, objectsOf(bucketId))) {
      const named: Named = { what: 'object', bucket, key: objectNameOf(row.key) }
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
}

async function examine(
  { works, blobs, progress }: Verification,
  { named, row, bodyOf }: FoundRecord,
): Promise<Finding | undefined> {
  let leftBytes = 0
  try {
    const body = bodyOf(row.value)
    leftBytes = body.sizeBytes
    // A row that has changed since the scan was written anew, and is whole.
    if (row.payloadBytes > 0) await works.kv.readPayload(row.key, row.revision)
    if (body.kind === 'inline') return undefined
    const release = works.pins.hold(body.bodyId)
    try {
      if ((await works.kv.get(row.key))?.revision !== row.revision) return undefined
      for await (const { extent } of extentsFrom(works, body)) {
        if (extent.length > 0) await blobs.check(extent.blobId)
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

/** Undefined where the object's own examination will tell of it, by the error that its reader gets. */
async function nameDamage(works: Works, { code, detail, key }: KvDamage): Promise<Finding | undefined> {
  if (key === undefined) return { what: 'store', code, detail }
  for await (const { key: bucketKey, value } of rowsUnder(works.kv, allBuckets())) {
    const family = objectsOf(decodeBucket(value).bucketId)
    if (Buffer.compare(key.subarray(0, family.byteLength), family) !== 0) continue
    if (code === 'DamagedPayload') return undefined
    return { what: 'object', code, detail, bucket: bucketNameOf(bucketKey), key: objectNameOf(key) }
  }
  const row = JSON.stringify(Buffer.from(key).toString('latin1'))
  return { what: 'store', code, detail: `${detail}, of the row ${row}` }
}

class Progress {
  readonly #bodyBytes: number
  readonly #told: ((progress: VerifyProgress) => void) | undefined
  #store: Parameters<NonNullable<KvVerifyOptions['onProgress']>>[0] = { doneBytes: 0, totalBytes: 0 }
  #doneBytes = 0
  #records = 0

  constructor(bodyBytes: number, told: ((progress: VerifyProgress) => void) | undefined) {
    this.#bodyBytes = bodyBytes
    this.#told = told
  }

  readonly ofStore: KvVerifyOptions['onProgress'] = (progress) => {
    this.#store = progress
    this.#tell()
  }

  bytesDone(bytes: number): void {
    this.#doneBytes += bytes
    this.#tell()
  }

  recordDone(leftBytes: number): void {
    this.#records++
    this.bytesDone(leftBytes)
  }

  #tell(): void {
    const doneBytes = this.#store.doneBytes + this.#doneBytes
    // More may have been written since they were counted.
    const totalBytes = Math.max(doneBytes, this.#store.totalBytes + this.#bodyBytes)
    this.#told?.({ doneBytes, totalBytes, records: this.#records })
  }
}
