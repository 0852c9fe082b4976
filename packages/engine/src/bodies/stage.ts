import type { BlobId, BlobWriter } from '../blobs/blobs.js'
import type { Draft } from '../catalog/draft.js'
import type { Body } from '../catalog/records/body.js'
import type { Extent } from '../catalog/records/extent.js'
import type { Staged } from '../commit/commit.js'
import type { ChecksumAlgorithm, Checksums, Integrity } from '../contract/integrity.js'
import type { ByteSource, Cancel } from '../contract/source.js'
import { entityTooLarge } from '../errors.js'
import { limits } from '../limits.js'
import { toAsyncIterable } from '../streams/byte-source.js'
import { Tally } from '../streams/tally.js'
import type { Works } from '../works.js'

export interface StageOptions extends Integrity, Cancel {
  etag?: 'md5' | 'opaque'
  /** Checksums to compute besides those given. */
  also?: readonly ChecksumAlgorithm[]
  /** Bodies up to this stay in memory, to ride on their record's row. 0: any byte goes to a blob. */
  inlineMaxBytes: number
}

/** Bytes that have arrived whole and verified, and that no record names yet. Disposed of unused, they go. */
export class StagedBody implements Staged, AsyncDisposable {
  readonly sizeBytes: number
  /** Absent where the caller wanted none. */
  readonly md5: Uint8Array | undefined
  readonly checksums: Checksums
  /** The bytes, where they are to ride on a row. */
  readonly payload: Uint8Array | undefined
  readonly #works: Works
  readonly #blobId: BlobId | undefined
  #fate: 'staged' | 'used' | 'unknown' = 'staged'

  constructor(
    works: Works,
    facts: { sizeBytes: number; md5?: Uint8Array; checksums: Checksums },
    where: { payload: Uint8Array } | { blobId: BlobId },
  ) {
    this.#works = works
    this.sizeBytes = facts.sizeBytes
    this.md5 = facts.md5
    this.checksums = facts.checksums
    this.payload = 'payload' in where ? where.payload : undefined
    this.#blobId = 'blobId' in where ? where.blobId : undefined
  }

  /** The body a record is to hold. A new identity at each call: one staging makes one body. */
  toBody(): Body {
    if (this.#blobId === undefined) return { kind: 'inline', sizeBytes: this.sizeBytes }
    const extents: Extent[] = [{ blobId: this.#blobId, offset: 0, length: this.sizeBytes }]
    return { kind: 'extents', bodyId: this.#works.ids.next(), sizeBytes: this.sizeBytes, extents }
  }

  /** The bytes as part of a body, at this offset of it. Small ones are to be the payload of the extent's row. */
  extentAt(offset: number): Extent {
    if (this.#blobId === undefined) return { blobId: 0, offset, length: this.sizeBytes }
    return { blobId: this.#blobId, offset: 0, length: this.sizeBytes }
  }

  use(draft: Draft): void {
    if (this.#blobId !== undefined) this.#works.blobIds.settle(this.#blobId, draft)
  }

  async used(): Promise<void> {
    this.#fate = 'used'
    if (this.#blobId !== undefined) await this.#works.blobIds.settled(this.#blobId)
  }

  unknown(): void {
    this.#fate = 'unknown'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#fate === 'staged' && this.#blobId !== undefined) await dropQuietly(this.#works, this.#blobId)
  }
}

/** Takes in a caller's bytes at the caller's pace. No turn is held; what fails or is given up leaves nothing. */
export async function stageBody(
  works: Works,
  source: ByteSource,
  options: StageOptions,
): Promise<StagedBody> {
  options.signal?.throwIfAborted()
  const sizeBytes = options.sizeBytes ?? (source instanceof Uint8Array ? source.byteLength : undefined)
  const integrity = sizeBytes === undefined ? options : { ...options, sizeBytes }
  using tally = await Tally.begin(integrity, {
    etag: options.etag ?? works.settings.etag,
    threads: works.hashThreads,
    ...(options.also && { also: options.also }),
  })
  if (sizeBytes !== undefined && sizeBytes > limits.uploadMaxBytes)
    throw entityTooLarge(sizeBytes, limits.uploadMaxBytes)
  if (source instanceof Uint8Array && source.byteLength <= options.inlineMaxBytes) {
    tally.count(source)
    await tally.hash(source)
    return new StagedBody(works, await tally.finish(options), { payload: source })
  }
  const hash = (bytes: Uint8Array) => tally.hash(bytes)
  const gathering = new Gathering(works, { inlineMaxBytes: options.inlineMaxBytes, sizeBytes, hash })
  try {
    for await (const chunk of toAsyncIterable(source, options.signal)) {
      tally.count(chunk)
      if (tally.sizeBytes > limits.uploadMaxBytes)
        throw entityTooLarge(tally.sizeBytes, limits.uploadMaxBytes)
      await gathering.add(chunk)
    }
    tally.checkWhole()
    options.signal?.throwIfAborted()
    const where = await gathering.finish()
    return new StagedBody(works, await tally.finish(options), where)
  } catch (error) {
    await gathering.abandon()
    throw error
  }
}

/** Holds a small body in memory, and moves to a blob file once it is not small or memory is short. */
class Gathering {
  readonly #works: Works
  readonly #hash: (bytes: Uint8Array) => void | Promise<void>
  readonly #held: Disposable | undefined
  readonly #limitBytes: number
  #gathered: Uint8Array
  #sizeBytes = 0
  #blob: { id: BlobId; writer: BlobWriter } | undefined

  /** @param about.hash Is given all bytes, in order, once they are gathered to larger pieces. */
  constructor(
    works: Works,
    about: {
      inlineMaxBytes: number
      sizeBytes: number | undefined
      hash(bytes: Uint8Array): void | Promise<void>
    },
  ) {
    const { inlineMaxBytes, sizeBytes, hash } = about
    this.#works = works
    this.#hash = hash
    const wanted = Math.min(sizeBytes ?? inlineMaxBytes, inlineMaxBytes)
    const small = sizeBytes === undefined || sizeBytes <= inlineMaxBytes
    this.#held = small ? works.gathering.take(wanted) : undefined
    this.#limitBytes = this.#held === undefined ? 0 : wanted
    this.#gathered = new Uint8Array(
      sizeBytes === undefined ? Math.min(4_096, this.#limitBytes) : this.#limitBytes,
    )
  }

  async add(chunk: Uint8Array): Promise<void> {
    if (this.#blob === undefined && this.#sizeBytes + chunk.byteLength <= this.#limitBytes) {
      this.#room(this.#sizeBytes + chunk.byteLength).set(chunk, this.#sizeBytes) // Chunks are borrowed: copy.
      this.#sizeBytes += chunk.byteLength
      return
    }
    if (chunk.byteLength === 0) return
    await (await this.#toBlob()).write(chunk)
  }

  #room(neededBytes: number): Uint8Array {
    if (this.#gathered.byteLength < neededBytes) {
      const larger = new Uint8Array(
        Math.min(this.#limitBytes, Math.max(neededBytes, this.#gathered.byteLength * 4)),
      )
      larger.set(this.#gathered.subarray(0, this.#sizeBytes))
      this.#gathered = larger
    }
    return this.#gathered
  }

  async #toBlob(): Promise<BlobWriter> {
    if (this.#blob !== undefined) return this.#blob.writer
    const id = await this.#works.blobIds.next()
    this.#blob = { id, writer: await this.#works.blobs.create(id, { tap: this.#hash }) }
    const gathered = this.#gathered.subarray(0, this.#sizeBytes)
    this.#gathered = new Uint8Array(0)
    if (gathered.byteLength > 0) await this.#blob.writer.write(gathered)
    this.#held?.[Symbol.dispose]()
    return this.#blob.writer
  }

  async finish(): Promise<{ payload: Uint8Array } | { blobId: BlobId }> {
    if (this.#blob === undefined) {
      this.#held?.[Symbol.dispose]()
      const payload = this.#gathered.subarray(0, this.#sizeBytes)
      await this.#hash(payload)
      return { payload }
    }
    await this.#blob.writer.finish()
    return { blobId: this.#blob.id }
  }

  async abandon(): Promise<void> {
    this.#held?.[Symbol.dispose]()
    if (this.#blob === undefined) return
    try {
      await this.#blob.writer.abort()
    } catch {
      // The write's own failure is what the caller is told; the blob's id stays unsettled for recovery.
      return
    }
    await dropQuietly(this.#works, this.#blob.id)
  }
}

async function dropQuietly(works: Works, blobId: BlobId): Promise<void> {
  try {
    await works.blobIds.drop(blobId)
  } catch {
    // An id that could not be dropped stays unsettled: recovery removes its blob at the next open.
  }
}
