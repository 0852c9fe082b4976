import type { ChecksumAlgorithm, Checksums, Integrity } from '../contract/integrity.js'
import type { Cancel } from '../contract/source.js'
import { EngineError } from '../errors.js'
import { parseChecksum, parseContentMd5 } from '../rules/digest-text.js'
import { unlessAborted } from './abort.js'
import { type Checksum, createChecksum } from './checksums.js'

export interface TallyOptions {
  /** `'opaque'`: no MD5 is computed unless the caller gave one to compare with. */
  etag: 'md5' | 'opaque'
  /** Checksums to compute besides those that are verified. */
  also?: readonly ChecksumAlgorithm[]
}

export interface Tallied {
  sizeBytes: number
  /** Absent where the ETag is to be opaque. */
  md5?: Uint8Array
  /** Base64 of every checksum that was verified or asked for. */
  checksums: Checksums
}

/** What S3 stores of a body whose writer named no checksum. Source: S3 User Guide, "Checking object integrity". */
const DEFAULT_ALGORITHM: ChecksumAlgorithm = 'crc64nvme'

/**
 * Takes note of a body's bytes as they pass: how many they are and all digests asked for, in one pass. At the
 * end it compares them with what the caller said of the bytes. One that is not finished needs no cleaning up.
 */
export class Tally {
  readonly #expected: Expected
  readonly #hashers: ReadonlyMap<ChecksumAlgorithm, Checksum>
  /** The digests, where the first chunk was the whole body. */
  #whole: ReadonlyMap<ChecksumAlgorithm, Uint8Array> | undefined
  #sizeBytes = 0

  private constructor(expected: Expected, hashers: ReadonlyMap<ChecksumAlgorithm, Checksum>) {
    this.#expected = expected
    this.#hashers = hashers
  }

  /** @throws {@link EngineError} `InvalidDigest`, `InvalidChecksum`: what was given cannot be a digest. */
  static async begin(integrity: Integrity, options: TallyOptions): Promise<Tally> {
    const expected = new Expected(integrity, options)
    const hashers = new Map<ChecksumAlgorithm, Checksum>()
    for (const algorithm of expected.computed) hashers.set(algorithm, await createChecksum(algorithm))
    return new Tally(expected, hashers)
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** @throws {@link EngineError} `IncompleteBody` as soon as there are more bytes than the caller said. */
  update(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return
    const first = this.#sizeBytes === 0
    this.#sizeBytes += chunk.byteLength
    this.#expected.checkNotLonger(this.#sizeBytes)
    if (first && this.#sizeBytes === this.#expected.sizeBytes) {
      const digests = new Map<ChecksumAlgorithm, Uint8Array>()
      for (const [algorithm, hasher] of this.#hashers) digests.set(algorithm, hasher.digestOf(chunk))
      this.#whole = digests
    } else {
      for (const hasher of this.#hashers.values()) hasher.update(chunk)
    }
  }

  /**
   * @throws {@link EngineError} `IncompleteBody`, `BadDigest`; `InvalidChecksum` for one that arrived after the
   * body; and whatever the promise of one was rejected with.
   */
  async finish({ signal }: Cancel = {}): Promise<Tallied> {
    this.#expected.checkSize(this.#sizeBytes)
    let digests = this.#whole
    if (digests === undefined) {
      const taken = new Map<ChecksumAlgorithm, Uint8Array>()
      for (const [algorithm, hasher] of this.#hashers) taken.set(algorithm, hasher.digest())
      digests = taken
    }
    await this.#expected.compare(digests, signal)
    const md5 = this.#expected.etag === 'md5' ? digests.get('md5') : undefined
    const checksums: Checksums = {}
    for (const algorithm of this.#expected.reported) checksums[algorithm] = toBase64(digests.get(algorithm)!)
    return { sizeBytes: this.#sizeBytes, ...(md5 === undefined ? {} : { md5 }), checksums }
  }
}

/** The caller's claims about a body, read once. */
class Expected {
  readonly etag: 'md5' | 'opaque'
  readonly sizeBytes: number | undefined
  /** Algorithms whose checksums the caller is told. */
  readonly reported: ReadonlySet<ChecksumAlgorithm>
  readonly computed: ReadonlySet<ChecksumAlgorithm>
  readonly #contentMd5: Uint8Array | undefined
  readonly #known = new Map<ChecksumAlgorithm, Uint8Array>()
  readonly #promised = new Map<ChecksumAlgorithm, Promise<string>>()

  constructor(integrity: Integrity, { etag, also = [] }: TallyOptions) {
    const { sizeBytes, contentMd5, checksums = {}, checksumAlgorithm = DEFAULT_ALGORITHM } = integrity
    if (sizeBytes !== undefined && !(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0))
      throw new RangeError(`A size is a whole number of bytes, not ${sizeBytes}.`)
    this.etag = etag
    this.sizeBytes = sizeBytes
    this.#contentMd5 = contentMd5 === undefined ? undefined : parseContentMd5(contentMd5)
    for (const [name, value] of Object.entries(checksums)) {
      const algorithm = name as ChecksumAlgorithm
      if (value === undefined) continue
      if (typeof value === 'string') {
        this.#known.set(algorithm, parseChecksum(algorithm, value))
      } else {
        const promise = Promise.resolve(value)
        // `compare` meets its rejection; but the body may fail first, and then nobody asks for it.
        promise.catch(() => {})
        this.#promised.set(algorithm, promise)
      }
    }
    const verified = [...this.#known.keys(), ...this.#promised.keys()]
    this.reported = new Set([...(verified.length === 0 ? [checksumAlgorithm] : verified), ...also])
    const wantsMd5 = etag === 'md5' || contentMd5 !== undefined
    this.computed = new Set<ChecksumAlgorithm>([...this.reported, ...(wantsMd5 ? (['md5'] as const) : [])])
  }

  checkNotLonger(receivedBytes: number): void {
    if (this.sizeBytes !== undefined && receivedBytes > this.sizeBytes) this.checkSize(receivedBytes)
  }

  checkSize(receivedBytes: number): void {
    const expectedBytes = this.sizeBytes
    if (expectedBytes === undefined || receivedBytes === expectedBytes) return
    const found = receivedBytes > expectedBytes ? 'more' : `only ${receivedBytes}`
    throw new EngineError('IncompleteBody', `${expectedBytes} bytes were announced, and ${found} came.`, {
      expectedBytes,
      receivedBytes,
    })
  }

  async compare(
    digests: ReadonlyMap<ChecksumAlgorithm, Uint8Array>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (this.#contentMd5 !== undefined) checkDigest('content-md5', this.#contentMd5, digests.get('md5')!)
    for (const [algorithm, expected] of this.#known) checkDigest(algorithm, expected, digests.get(algorithm)!)
    for (const [algorithm, promise] of this.#promised) {
      const expected = parseChecksum(algorithm, await unlessAborted(promise, signal))
      checkDigest(algorithm, expected, digests.get(algorithm)!)
    }
  }
}

function checkDigest(algorithm: string, expected: Uint8Array, calculated: Uint8Array): void {
  if (Buffer.compare(expected, calculated) === 0) return
  throw new EngineError('BadDigest', `The ${algorithm} given does not match the bytes that came.`, {
    algorithm,
    expected: toBase64(expected),
    calculated: toBase64(calculated),
  })
}

function toBase64(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('base64')
}
