import { isEngineError } from '@aquifer/engine'
import {
  type RecordedBucket,
  type RecordedEngine,
  type RecordedPart,
  seededRandom,
} from '@aquifer/engine/testing'
import { limits } from '../../dist/limits.js'
import { copiedEtag } from '../../dist/rules/etag.js'

/**
 * Many writers and some listers at once on few keys, doing all that can be done to objects and uploads, so that
 * most of it meets. Everything is recorded.
 */
export interface WorkloadOptions {
  readonly seed: number
  readonly keys: number
  readonly writers: number
  readonly listers: number
  /** Sizes of bodies run up to this. */
  readonly largeBytes: number
}

const BUCKETS = ['red', 'green'] as const
/** Made and removed along the way. */
const PASSING = 'passing'
/** Objects that are read by part copies and never change: what a copy of theirs holds is known beforehand. */
const LENDERS = ['lender-1', 'lender-2', 'lender-3'] as const

/**
 * Parts of a few kilobytes may be completed, and lists of extents soon leave the record, so that short runs meet
 * all of it. Call it first, in a process that runs nothing else.
 */
export function useSmallBounds(): void {
  Object.assign(limits, { partMinBytes: 1, extentsInRecord: 6, extentsPerRow: 4 })
}

/** Bytes that tell what they belong to: no two differ in nothing but a shift. */
export function bytesOf(seed: number, sizeBytes: number): Uint8Array {
  const random = seededRandom(seed)
  const bytes = Buffer.allocUnsafe(sizeBytes)
  const block = Buffer.allocUnsafe(Math.min(sizeBytes, 4_096))
  for (let at = 0; at < block.byteLength; at++) block[at] = Math.floor(random() * 256)
  for (let at = 0; at < sizeBytes; at += 4_096) {
    block.copy(bytes, at)
    if (sizeBytes - at >= 8) bytes.writeDoubleLE(seed + at / 2 ** 32, at)
  }
  return bytes
}

export class Workload {
  readonly #engine: RecordedEngine
  readonly #options: WorkloadOptions
  readonly #random: () => number
  #content = 0

  constructor(engine: RecordedEngine, options: WorkloadOptions) {
    this.#engine = engine
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#content = options.seed * 1_000_000
  }

  /** What all steps rest on. Every life of the store begins so. */
  async prepare(): Promise<void> {
    for (const name of BUCKETS) await expected(this.#engine.createBucket(name))
    for (const [at, key] of LENDERS.entries()) {
      const bucket = this.#engine.bucket('red')
      const there = await this.#engine.engine
        .bucket('red')
        .head(key)
        .catch(() => undefined)
      if (there === undefined) await bucket.put(key, lenderBytes(at))
    }
  }

  /** Goes on until told to stop; rejects with the first error that no step may meet. */
  async run(signal: AbortSignal): Promise<void> {
    const { writers, listers } = this.#options
    const loop = async (step: () => Promise<unknown>) => {
      while (!signal.aborted) await expected(step())
    }
    await Promise.all([
      ...Array.from({ length: writers }, () => loop(() => this.step())),
      ...Array.from({ length: listers }, () => loop(() => this.#list())),
    ])
  }

  /** One random step, to its end. */
  async step(): Promise<unknown> {
    const bucket = this.#bucket()
    const key = this.#key()
    const chance = this.#random()
    if (chance < 0.4) return bucket.put(key, this.#bytes(4_000))
    if (chance < 0.46) return bucket.put(key, this.#bytes(64 * 1024))
    if (chance < 0.54) {
      const bytes = this.#bytes(this.#options.largeBytes)
      return bucket.put(key, bytes, inChunks(bytes))
    }
    if (chance < 0.68) return bucket.delete(key)
    if (chance < 0.78) return bucket.copy(this.#key(), key)
    if (chance < 0.81) return bucket.deleteMany([...new Set([key, this.#key(), this.#key()])])
    if (chance < 0.89) return bucket.get(key)
    if (chance < 0.97) return this.#upload(bucket, key)
    if (chance < 0.98) return this.#engine.createBucket(PASSING)
    if (chance < 0.99) return this.#engine.bucket(PASSING).put(key, this.#bytes(100))
    await expected(this.#empty())
    return this.#engine.removeBucket(PASSING)
  }

  async #upload(bucket: RecordedBucket, key: string): Promise<void> {
    const upload = await bucket.createUpload(key)
    const parts: RecordedPart[] = []
    const count = 1 + Math.floor(this.#random() * 9)
    for (let number = 1; number <= count; number++) {
      if (this.#random() < 0.35) parts.push(await this.#copyPart(upload, number))
      else parts.push(await upload.putPart(number, this.#bytes(this.#options.largeBytes / 4)))
      if (this.#random() < 0.05) parts[number - 1] = await upload.putPart(number, this.#bytes(2_000))
    }
    const end = this.#random()
    if (end < 0.7) await upload.complete(parts)
    else if (end < 0.9) await upload.abort()
  }

  async #copyPart(
    upload: { copyPart: Awaited<ReturnType<RecordedBucket['createUpload']>>['copyPart'] },
    number: number,
  ): Promise<RecordedPart> {
    const lender = Math.floor(this.#random() * LENDERS.length)
    const bytes = lenderBytes(lender)
    const offset = Math.floor(this.#random() * bytes.byteLength * 0.9)
    const range = { offset, length: 1 + Math.floor(this.#random() * (bytes.byteLength - offset - 1)) }
    const source = { bucket: 'red', key: LENDERS[lender]!, range }
    const { etag } = await this.#engine.engine.bucket('red').head(source.key)
    return upload.copyPart(number, source, {
      etag: copiedEtag(etag, range, bytes.byteLength),
      bytes: bytes.subarray(range.offset, range.offset + range.length),
    })
  }

  async #empty(): Promise<void> {
    for await (const entry of this.#engine.engine.bucket(PASSING).list())
      if (entry.type === 'object') await this.#engine.bucket(PASSING).delete(entry.info.key)
  }

  async #list(): Promise<void> {
    await this.#bucket().list(this.#random() < 0.5 ? '' : 'k1')
    // A list of few keys costs little: writers have their turns in between.
    await new Promise((resolve) => setTimeout(resolve, 5))
  }

  #bucket(): RecordedBucket {
    return this.#engine.bucket(BUCKETS[Math.floor(this.#random() * BUCKETS.length)]!)
  }

  #key(): string {
    return `k${Math.floor(this.#random() * this.#options.keys)}`
  }

  #bytes(sizeMax: number): Uint8Array {
    return bytesOf(++this.#content, Math.floor(this.#random() ** 2 * sizeMax))
  }
}

const lenderBytes = (at: number): Uint8Array => bytesOf(-1 - at, 150_000 + at * 50_000)

async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 50_000) yield bytes.subarray(at, at + 50_000)
}

/** What a step may meet where others change the same keys. */
async function expected(step: Promise<unknown>): Promise<void> {
  try {
    await step
  } catch (error) {
    const codes = [
      'BucketAlreadyExists',
      'BucketAlreadyOwnedByYou',
      'BucketNotEmpty',
      'InvalidRequest', // A copy onto itself.
      'NoSuchBucket',
      'NoSuchKey',
      'NoSuchUpload',
      'OperationAborted',
    ] as const
    if (!codes.some((code) => isEngineError(error, code))) throw error
  }
}
