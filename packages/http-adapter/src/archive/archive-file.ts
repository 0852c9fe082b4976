import { type Bucket, isEngineError, type ObjectInfo, type StoredObject } from '@aquifer/engine'
import { S3Error } from '../s3-error.js'

/** A stored object that is read here and there: every stretch of it is of the one version that was found first. */
export class ArchiveFile {
  readonly info: ObjectInfo
  readonly #bucket: Bucket
  readonly #signal: AbortSignal

  constructor(bucket: Bucket, info: ObjectInfo, signal: AbortSignal) {
    this.info = info
    this.#bucket = bucket
    this.#signal = signal
  }

  get sizeBytes(): number {
    return this.info.sizeBytes
  }

  async read(offset: number, length: number): Promise<Buffer> {
    if (length === 0) return Buffer.alloc(0)
    await using object = await this.#get(offset, length)
    return Buffer.from(await object.bytes({ maxBytes: length }))
  }

  async *chunks(offset: number, length: number): AsyncGenerator<Uint8Array, void, undefined> {
    if (length === 0) return
    await using object = await this.#get(offset, length)
    // Kept by whoever unpacks them.
    for await (const chunk of object.chunks()) yield Buffer.from(chunk)
  }

  async #get(offset: number, length: number): Promise<StoredObject> {
    const { key, etag, versionId } = this.info
    try {
      return await this.#bucket.get(key, {
        range: { offset, length },
        ifMatch: etag,
        ...(versionId === undefined ? {} : { versionId }),
        signal: this.#signal,
      })
    } catch (error) {
      if (!isEngineError(error, 'PreconditionFailed')) throw error
      throw new S3Error('OperationAborted', 'The archive was replaced while it was read. Try again.')
    }
  }
}
