import type { ChecksumAlgorithm, Checksums, Integrity } from '../contract/integrity.js'
import type { Cancel } from '../contract/source.js'
import { EngineError } from '../errors.js'
import { parseChecksum, parseContentMd5, parseContentSha256 } from '../rules/digest-text.js'
import { unlessAborted } from './abort.js'
import { type Checksum, createChecksum } from './checksums.js'
import type { HashThreads, ThreadedDigests } from './hash-threads.js'

export interface TallyOptions {
  /** `'opaque'`: no MD5 is computed unless the caller gave one to compare with. */
  etag: 'md5' | 'opaque'
  /** Checksums to compute besides those that are verified. */
  also?: readonly ChecksumAlgorithm[]
  /** Who takes the digests of a body that comes in large pieces. Without: whoever hands them over. */
  threads?: HashThreads
}

export interface Tallied {
  sizeBytes: number
  /** Absent where the ETag is to be opaque. */
  md5?: Uint8Array
  /** Base64 of every checksum that was verified or asked for. */
  checksums: Checksums
}

/**
 * A first piece of so much, in memory that threads share, goes to a thread, and so do all that follow. Telling it costs
 * some 50 µs.
 */
const THREAD_MIN_BYTES = 256 * 1024

const isForThreads = ({ buffer, byteLength }: Uint8Array): boolean =>
  byteLength >= THREAD_MIN_BYTES && buffer instanceof SharedArrayBuffer

/** What S3 stores of a body whose writer named no checksum. Source: S3 User Guide, "Checking object integrity". */
const DEFAULT_ALGORITHM: ChecksumAlgorithm = 'crc64nvme'

/**
 * Takes note of a body's bytes as they pass: how many they are and all digests asked for, in one pass. At the
 * end it compares them with what the caller said of the bytes. Dispose of it, finished or not.
 */
export class Tally implements Disposable {
  readonly #expected: Expected
  readonly #hashers: ReadonlyMap<ChecksumAlgorithm, Checksum>
  readonly #threads: HashThreads | undefined
  /** Decided by the first piece: undefined stands for hashing right here. */
  #threaded: Promise<ThreadedDigests | undefined> | undefined
  /** The digests, where the first piece was the whole body. */
  #whole: ReadonlyMap<ChecksumAlgorithm, Uint8Array> | undefined
  #sizeBytes = 0
  #hashedBytes = 0
  #isDisposed = false

  private constructor(
    expected: Expected,
    hashers: ReadonlyMap<ChecksumAlgorithm, Checksum>,
    threads: HashThreads | undefined,
  ) {
    this.#expected = expected
    this.#hashers = hashers
    this.#threads = threads
  }

  /** @throws {@link EngineError} `InvalidDigest`, `InvalidChecksum`: what was given cannot be a digest. */
  static async begin(integrity: Integrity, options: TallyOptions): Promise<Tally> {
    const expected = new Expected(integrity, options)
    const hashers = new Map<ChecksumAlgorithm, Checksum>()
    for (const algorithm of expected.computed) hashers.set(algorithm, await createChecksum(algorithm))
    return new Tally(expected, hashers, options.threads)
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** @throws {@link EngineError} `IncompleteBody` as soon as there are more bytes than the caller said. */
  count(chunk: Uint8Array): void {
    this.#sizeBytes += chunk.byteLength
    this.#expected.checkNotLonger(this.#sizeBytes)
  }

  /** @throws {@link EngineError} `IncompleteBody` where fewer came than the caller said. */
  checkWhole(): void {
    this.#expected.checkSize(this.#sizeBytes)
  }

  /**
   * Hashes what was counted, in pieces of any size, in their order. They are borrowed until the promise resolves, where
   * there is one.
   */
  hash(bytes: Uint8Array): void | Promise<void> {
    if (bytes.byteLength === 0) return undefined
    const isFirst = this.#hashedBytes === 0
    this.#hashedBytes += bytes.byteLength
    if (isFirst && isForThreads(bytes)) this.#threaded = this.#threads?.begin(this.#expected.computed)
    if (this.#threaded === undefined) return this.#hashHere(bytes)
    return this.#threaded.then((digests) =>
      digests === undefined ? this.#hashHere(bytes) : digests.update(bytes),
    )
  }

  #hashHere(bytes: Uint8Array): void {
    if (bytes.byteLength === this.#expected.sizeBytes) {
      const digests = new Map<ChecksumAlgorithm, Uint8Array>()
      for (const [algorithm, hasher] of this.#hashers) digests.set(algorithm, hasher.digestOf(bytes))
      this.#whole = digests
    } else {
      for (const hasher of this.#hashers.values()) hasher.update(bytes)
    }
  }

  /**
   * @throws {@link EngineError} `IncompleteBody`, `BadDigest`; `InvalidChecksum` for one that arrived after the
   * body; and whatever the promise of one was rejected with.
   */
  async finish({ signal }: Cancel = {}): Promise<Tallied> {
    this.checkWhole()
    const digests = await this.#digests()
    await this.#expected.compare(digests, signal)
    const md5 = this.#expected.etag === 'md5' ? digests.get('md5') : undefined
    const checksums: Checksums = {}
    for (const algorithm of this.#expected.reported) checksums[algorithm] = toBase64(digests.get(algorithm)!)
    return { sizeBytes: this.#sizeBytes, ...(md5 === undefined ? {} : { md5 }), checksums }
  }

  async #digests(): Promise<ReadonlyMap<ChecksumAlgorithm, Uint8Array>> {
    const threaded = await this.#threaded
    if (threaded !== undefined) return threaded.digests()
    if (this.#whole !== undefined) return this.#whole
    const taken = new Map<ChecksumAlgorithm, Uint8Array>()
    for (const [algorithm, hasher] of this.#hashers) taken.set(algorithm, hasher.digest())
    return taken
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) return
    this.#isDisposed = true
    this.#threaded?.then((digests) => digests?.drop()).catch(() => {}) // Whoever hashed was told.
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
  readonly #contentSha256: Uint8Array | undefined
  readonly #known = new Map<ChecksumAlgorithm, Uint8Array>()
  readonly #promised = new Map<ChecksumAlgorithm, Promise<string>>()

  constructor(integrity: Integrity, { etag, also = [] }: TallyOptions) {
    const {
      sizeBytes,
      contentMd5,
      contentSha256,
      checksums = {},
      checksumAlgorithm = DEFAULT_ALGORITHM,
    } = integrity
    if (sizeBytes !== undefined && !(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0))
      throw new RangeError(`A size is a whole number of bytes, not ${sizeBytes}.`)
    this.etag = etag
    this.sizeBytes = sizeBytes
    this.#contentMd5 = contentMd5 === undefined ? undefined : parseContentMd5(contentMd5)
    this.#contentSha256 = contentSha256 === undefined ? undefined : parseContentSha256(contentSha256)
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
    this.computed = new Set<ChecksumAlgorithm>([
      ...this.reported,
      ...(wantsMd5 ? (['md5'] as const) : []),
      ...(contentSha256 === undefined ? [] : (['sha256'] as const)),
    ])
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
    // First: who is not who signed the bytes learns nothing else of them.
    if (this.#contentSha256 !== undefined)
      checkDigest('content-sha256', this.#contentSha256, digests.get('sha256')!)
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
