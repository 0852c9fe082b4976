import { type EngineErrorCode, type FanOutTarget, isEngineError } from '@aquifer/engine'
import {
  type RecordedBucket,
  type RecordedEngine,
  type RecordedPart,
  type RecordedUpload,
  seededRandom,
} from '@aquifer/engine/testing'
import { limits } from '../../dist/limits.js'
import { copiedEtag } from '../../dist/rules/etag.js'
import { setDistantRules, sweepInVain } from './distant-rules.js'

/**
 * Many writers and some listers at once on few keys, doing all that can be done to objects and uploads, so that
 * most of it meets. Everything is recorded.
 */
export interface WorkloadOptions {
  readonly seed: number
  readonly keys: number
  readonly writers: number
  readonly listers: number
  /** Sizes of bodies run up to this. A quarter of it must lie in a blob: what an ETag of a part will be is told by that. */
  readonly largeBytes: number
  /** What else a step may meet. */
  readonly tolerated?: readonly EngineErrorCode[]
  /** A lister's rest between two lists. @defaultValue 5 ms */
  pause?(): Promise<void>
}

/** The last one keeps versions. */
const BUCKETS = ['red', 'green', 'blue'] as const
const VERSIONED = 'blue'
/** Made and removed along the way. */
const PASSING = 'passing'
/** Objects that are read by part copies and never change: what a copy of theirs holds is known beforehand. */
const LENDERS = ['lender-1', 'lender-2', 'lender-3'] as const

/**
 * Parts of a few kilobytes may be completed, and lists of extents soon leave the record, so that short runs meet
 * all of it. Call it first, in a process that runs nothing else.
 */
export function useSmallBounds(): void {
  Object.assign(limits, { partMinBytes: 1, extentsInRecord: 6, extentsPerRow: 4, fanOutByValueBytes: 1_000 })
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

  /** What all steps rest on. Every life of the store begins so. Answers whether it succeeded. */
  async prepare(): Promise<boolean> {
    for (const name of BUCKETS) await this.#tolerate(this.#engine.createBucket(name))
    await this.#tolerate(this.#engine.bucket(VERSIONED).setVersioning('enabled'))
    for (const name of BUCKETS) await this.#tolerate(setDistantRules(this.#engine.engine, name))
    for (const [at, key] of LENDERS.entries()) {
      const lenders = this.#engine.engine.bucket('red')
      const isThere = () => lenders.head(key).then(() => true)
      if (await isThere().catch(() => false)) continue
      await this.#tolerate(this.#engine.bucket('red').put(key, this.#lenderBytes(at)))
      if (!(await isThere().catch(() => false))) return false
    }
    return true
  }

  /** Goes on until told to stop; rejects with the first error that no step may meet. */
  async run(signal: AbortSignal): Promise<void> {
    const { writers, listers } = this.#options
    await Promise.all([
      ...Array.from({ length: writers }, () =>
        this.#loop(
          () => this.step(),
          () => !signal.aborted,
        ),
      ),
      ...Array.from({ length: listers }, () =>
        this.#loop(
          () => this.#list(),
          () => !signal.aborted,
        ),
      ),
    ])
  }

  /** Each writer takes so many steps, and the listers list meanwhile. */
  async take(steps: number): Promise<void> {
    const { writers, listers } = this.#options
    let writing = writers
    const write = async () => {
      let left = steps
      try {
        await this.#loop(
          () => this.step(),
          () => left-- > 0,
        )
      } finally {
        writing--
      }
    }
    await Promise.all([
      ...Array.from({ length: writers }, write),
      ...Array.from({ length: listers }, () =>
        this.#loop(
          () => this.#list(),
          () => writing > 0,
        ),
      ),
    ])
  }

  async #loop(step: () => Promise<unknown>, goesOn: () => boolean): Promise<void> {
    while (goesOn()) await this.#tolerate(step())
  }

  /** Steps meet others that change the same keys, and disks that fail where that is said. */
  async #tolerate(step: Promise<unknown>): Promise<void> {
    try {
      await step
    } catch (error) {
      const codes = [...EXPECTED, ...(this.#options.tolerated ?? [])]
      if (!codes.some((code) => isEngineError(error, code))) throw error
    }
  }

  /** One random step, to its end. */
  async step(): Promise<unknown> {
    const bucket = this.#bucket()
    const key = this.#key()
    const chance = this.#random()
    if (chance < 0.3) return bucket.put(key, this.#bytes(this.#options.largeBytes / 64))
    if (chance < 0.35) return this.#fanOut(bucket)
    if (chance < 0.4) return bucket.append(key, this.#part(this.#options.largeBytes / 64))
    if (chance < 0.46) return bucket.put(key, this.#bytes(this.#options.largeBytes / 4))
    if (chance < 0.54) {
      const bytes = this.#bytes(this.#options.largeBytes)
      return bucket.put(key, bytes, inChunks(bytes))
    }
    if (chance < 0.62) return bucket.delete(key)
    if (chance < 0.68) return this.#engine.bucket(VERSIONED).deleteOldVersions(key)
    if (chance < 0.74) return bucket.copy(this.#key(), key)
    if (chance < 0.76)
      return bucket.append(key, this.#part(this.#options.largeBytes / (this.#random() < 0.5 ? 64 : 4)))
    if (chance < 0.78) return bucket.rename(this.#key(), key)
    if (chance < 0.81) return bucket.deleteMany([...new Set([key, this.#key(), this.#key()])])
    if (chance < 0.89) return bucket.get(key)
    if (chance < 0.97) return this.#upload(bucket, key)
    if (chance < 0.975) return sweepInVain(this.#engine.engine)
    if (chance < 0.98) return this.#engine.createBucket(PASSING)
    if (chance < 0.99) return this.#engine.bucket(PASSING).put(key, this.#bytes(100))
    await this.#tolerate(this.#empty())
    return this.#engine.removeBucket(PASSING)
  }

  /** Over keys of all buckets, some of which must not be there yet: those are refused, and stop no other. */
  async #fanOut(bucket: RecordedBucket): Promise<void> {
    const targets = new Map<string, FanOutTarget>()
    for (let left = 1 + Math.floor(this.#random() * 6); left > 0; left--) {
      const target = { bucket: this.#bucketName(), key: this.#key() }
      const isNew = this.#random() < 0.2
      targets.set(`${target.bucket}/${target.key}`, { ...target, ...(isNew && { ifNoneMatch: '*' }) })
    }
    const bytes = this.#bytes(this.#options.largeBytes / (this.#random() < 0.5 ? 64 : 4))
    const source = this.#random() < 0.5 ? bytes : inChunks(bytes)
    await bucket.fanOut([...targets.values()], bytes, { atomic: this.#random() < 0.3, source })
  }

  async #upload(bucket: RecordedBucket, key: string): Promise<void> {
    const upload = await bucket.createUpload(key)
    const parts: RecordedPart[] = []
    const count = 1 + Math.floor(this.#random() * 9)
    for (let number = 1; number <= count; number++) {
      if (this.#random() < 0.35) parts.push(await this.#copyPart(upload, number))
      else parts.push(await upload.putPart(number, this.#part(this.#options.largeBytes / 4)))
      if (this.#random() < 0.05) parts[number - 1] = await upload.putPart(number, this.#part(1_000))
    }
    const end = this.#random()
    if (end < 0.7) await upload.complete(parts)
    else if (end < 0.9) await upload.abort()
  }

  async #copyPart(upload: RecordedUpload, number: number): Promise<RecordedPart> {
    if (this.#random() < 0.5) return this.#borrow(upload, number)
    const lender = Math.floor(this.#random() * LENDERS.length)
    const bytes = this.#lenderBytes(lender)
    const offset = Math.floor(this.#random() * bytes.byteLength * 0.9)
    const range = { offset, length: 1 + Math.floor(this.#random() * (bytes.byteLength - offset - 1)) }
    const source = { bucket: 'red', key: LENDERS[lender]!, range }
    const { etag } = await this.#engine.engine.bucket('red').head(source.key)
    return upload.copyPart(number, source, {
      etag: copiedEtag(etag, range, bytes.byteLength),
      bytes: bytes.subarray(range.offset, range.offset + range.length),
    })
  }

  /** A part of an object as it is now, which others may overwrite or delete the next moment. */
  async #borrow(upload: RecordedUpload, number: number): Promise<RecordedPart> {
    const name = this.#bucketName()
    const key = this.#key()
    await using object = await this.#engine.engine.bucket(name).get(key)
    const { etag, sizeBytes } = object.info
    // A small one may ride on its row; then its part would be copied by value, and have another ETag.
    if (sizeBytes < this.#options.largeBytes / 4)
      return upload.putPart(number, this.#part(this.#options.largeBytes / 64))
    const bytes = await object.bytes()
    const offset = Math.floor(this.#random() * sizeBytes)
    const range = { offset, length: 1 + Math.floor(this.#random() * (sizeBytes - offset)) }
    return upload.copyPart(
      number,
      { bucket: name, key, range, ifMatch: etag },
      { etag: copiedEtag(etag, range, sizeBytes), bytes: bytes.subarray(offset, offset + range.length) },
    )
  }

  async #empty(): Promise<void> {
    for await (const entry of this.#engine.engine.bucket(PASSING).list())
      if (entry.type === 'object') await this.#engine.bucket(PASSING).delete(entry.info.key)
  }

  async #list(): Promise<void> {
    try {
      await this.#bucket().list(this.#random() < 0.5 ? '' : 'k1')
    } finally {
      // A list of few keys costs little, and one that fails nothing: writers have their turns in between.
      await (this.#options.pause ?? shortPause)()
    }
  }

  /** Only the last part may be empty, and which will be the last is not known yet. */
  #part(sizeMax: number): Uint8Array {
    return bytesOf(++this.#content, 1 + Math.floor(this.#random() ** 2 * sizeMax))
  }

  #lenderBytes(at: number): Uint8Array {
    return bytesOf(-1 - at, Math.floor((this.#options.largeBytes * (at + 1)) / 2))
  }

  #bucket(): RecordedBucket {
    return this.#engine.bucket(this.#bucketName())
  }

  #bucketName(): string {
    return BUCKETS[Math.floor(this.#random() * BUCKETS.length)]!
  }

  #key(): string {
    return `k${Math.floor(this.#random() * this.#options.keys)}`
  }

  #bytes(sizeMax: number): Uint8Array {
    return bytesOf(++this.#content, Math.floor(this.#random() ** 2 * sizeMax))
  }
}

const shortPause = () => new Promise<void>((resolve) => setTimeout(resolve, 5))

async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 50_000) yield bytes.subarray(at, at + 50_000)
}

const EXPECTED: readonly EngineErrorCode[] = [
  'BucketAlreadyExists',
  'BucketAlreadyOwnedByYou',
  'BucketNotEmpty',
  'InvalidRequest', // A copy onto itself.
  'NoSuchBucket',
  'NoSuchKey',
  'NoSuchUpload',
  'OperationAborted',
  'PreconditionFailed', // An append that was overtaken.
]
