import type { BlobId } from '../../blobs/blobs.js'
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
import type { Row } from '../../kv/kv.js'
import type { Works } from '../../works.js'
import { statStore } from './stat-store.js'

type Named = Omit<Finding, 'code' | 'detail'>

export interface VerifyOptions extends Cancel {
  /** Told after every record, at the pace of the records. */
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
  const { objects, parts } = await statStore(works, { ...(signal && { signal }) })
  const progress = { done: 0, total: objects + parts }
  const blobs = new VerifiedBlobs(works, signal)
  for await (const { code, detail } of works.kv.verify?.({ ...(signal && { signal }) }) ?? [])
    yield { what: 'store', code, detail }
  for await (const [named, row, read] of records(works)) {
    signal?.throwIfAborted()
    const finding = await examine(works, blobs, named, row, read)
    if (finding !== undefined) yield finding
    progress.done++
    onProgress?.({ done: progress.done, total: Math.max(progress.total, progress.done) })
  }
}

/** Every record that has a body: its name, its row, and how its body is read from the row's value. */
async function* records(works: Works): AsyncGenerator<[Named, Row, (value: Uint8Array) => Body]> {
  for await (const bucketRow of rowsUnder(works.kv, allBuckets())) {
    const bucket = bucketNameOf(bucketRow.key)
    const { bucketId } = decodeBucket(bucketRow.value)
    for await (const row of rowsUnder(works.kv, objectsOf(bucketId)))
      yield [{ what: 'object', bucket, key: objectNameOf(row.key) }, row, (value) => decodeObject(value).body]
    for await (const upload of rowsUnder(works.kv, uploadsOf(bucketId))) {
      const { key, uploadId } = uploadNameOf(upload.key)
      for await (const row of rowsUnder(works.kv, partsOf(uploadId))) {
        const name = { bucket, key, uploadId: formatUploadId(uploadId), partNumber: partNumberOf(row.key) }
        yield [{ what: 'part', ...name }, row, (value) => decodePart(value).body]
      }
    }
  }
}

async function examine(
  works: Works,
  blobs: VerifiedBlobs,
  named: Named,
  row: Row,
  read: (value: Uint8Array) => Body,
): Promise<Finding | undefined> {
  try {
    const body = read(row.value)
    // A row that has changed since the scan was written anew, and is whole.
    if (row.payloadBytes > 0) await works.kv.readPayload(row.key, row.revision)
    if (body.kind === 'inline') return undefined
    const release = works.pins.hold(body.bodyId)
    try {
      if ((await works.kv.get(row.key))?.revision !== row.revision) return undefined
      for await (const { extent } of extentsFrom(works, body))
        if (extent.length > 0) await blobs.check(extent.blobId)
    } finally {
      release()
    }
    return undefined
  } catch (error) {
    if (!(error instanceof EngineError) || isEngineError(error, 'EngineClosed')) throw error
    return { ...named, code: error.code, detail: error.message }
  }
}

/** Each blob is read once, however many records use it. */
class VerifiedBlobs {
  readonly #works: Works
  readonly #signal: AbortSignal | undefined
  readonly #verdicts = new Map<BlobId, EngineError | undefined>()

  constructor(works: Works, signal: AbortSignal | undefined) {
    this.#works = works
    this.#signal = signal
  }

  async check(id: BlobId): Promise<void> {
    if (!this.#verdicts.has(id)) this.#verdicts.set(id, await this.#read(id))
    const damage = this.#verdicts.get(id)
    if (damage !== undefined) throw damage
  }

  async #read(id: BlobId): Promise<EngineError | undefined> {
    try {
      await this.#works.blobs.verify(id, { ...(this.#signal && { signal: this.#signal }) })
      return undefined
    } catch (error) {
      if (isEngineError(error, 'CorruptBlob')) return error
      throw error
    }
  }
}
