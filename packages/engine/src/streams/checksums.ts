import { createHash, type Hash, hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { createCRC32, createCRC64, createXXHash3, createXXHash128, type IHasher } from 'hash-wasm'
import type { ChecksumAlgorithm } from '../contract/integrity.js'
import { checksumBytesOf } from '../rules/digest-text.js'
import { loadXxhash } from '../xxhash.js'

/** Computes one checksum. Ends with the first `digest` or `digestOf`; numbers come out big-endian, as S3 writes them. */
export interface Checksum {
  update(bytes: Uint8Array): void
  digest(): Uint8Array
  /** The checksum of these bytes, being all there are: cheaper than one `update`. */
  digestOf(bytes: Uint8Array): Uint8Array
}

/** What is native is native; what is not runs in WebAssembly, whose instances are used again. */
export async function createChecksum(algorithm: ChecksumAlgorithm): Promise<Checksum> {
  switch (algorithm) {
    case 'md5':
    case 'sha1':
    case 'sha256':
    case 'sha512':
      return new NativeHash(algorithm)
    case 'crc32':
      return new Crc32()
    case 'crc32c':
      return crc32c.take()
    case 'crc64nvme':
      return crc64nvme.take()
    case 'xxhash3':
      return xxhash3.take()
    case 'xxhash128':
      return xxhash128.take()
    case 'xxhash64':
      return new Xxhash64((await loadXxhash()).create64())
    default:
      checksumBytesOf(algorithm)
      throw new TypeError(`There is no hasher for "${algorithm}".`)
  }
}

class NativeHash implements Checksum {
  readonly #name: string
  #hash: Hash | undefined
  constructor(name: string) {
    this.#name = name
  }
  update(bytes: Uint8Array): void {
    this.#hash ??= createHash(this.#name)
    this.#hash.update(bytes)
  }
  digest(): Uint8Array {
    return (this.#hash ?? createHash(this.#name)).digest()
  }
  digestOf(bytes: Uint8Array): Uint8Array {
    return hash(this.#name, bytes, 'buffer')
  }
}

class Crc32 implements Checksum {
  #value = 0
  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value)
  }
  digest(): Uint8Array {
    const digest = new Uint8Array(4)
    new DataView(digest.buffer).setUint32(0, this.#value)
    return digest
  }
  digestOf(bytes: Uint8Array): Uint8Array {
    this.update(bytes)
    return this.digest()
  }
}

class Xxhash64 implements Checksum {
  readonly #hash: { update(bytes: Uint8Array): unknown; digest(): bigint }
  constructor(hash: { update(bytes: Uint8Array): unknown; digest(): bigint }) {
    this.#hash = hash
  }
  update(bytes: Uint8Array): void {
    this.#hash.update(bytes)
  }
  digest(): Uint8Array {
    const digest = new Uint8Array(8)
    new DataView(digest.buffer).setBigUint64(0, this.#hash.digest())
    return digest
  }
  digestOf(bytes: Uint8Array): Uint8Array {
    this.update(bytes)
    return this.digest()
  }
}

/** An instance takes about 150 KiB and 0.2 ms to make: this many idle ones are kept of each kind. */
const IDLE_INSTANCES_MAX = 64

/** Instances of one algorithm. One whose body failed is not given back, and goes with the garbage. */
class WasmPool {
  readonly #create: () => Promise<IHasher>
  readonly #idle: IHasher[] = []
  constructor(create: () => Promise<IHasher>) {
    this.#create = create
  }
  async take(): Promise<Checksum> {
    const hasher = this.#idle.pop() ?? (await this.#create())
    hasher.init()
    return new WasmChecksum(hasher, this)
  }
  giveBack(hasher: IHasher): void {
    if (this.#idle.length < IDLE_INSTANCES_MAX) this.#idle.push(hasher)
  }
}

const crc32c = new WasmPool(() => createCRC32(0x82f63b78))
const crc64nvme = new WasmPool(() => createCRC64('9a6c9329ac4bc9b5'))
const xxhash3 = new WasmPool(() => createXXHash3())
const xxhash128 = new WasmPool(() => createXXHash128())

class WasmChecksum implements Checksum {
  #hasher: IHasher | undefined
  readonly #pool: WasmPool
  constructor(hasher: IHasher, pool: WasmPool) {
    this.#hasher = hasher
    this.#pool = pool
  }
  /** Another body may have the instance after the digest, so nothing may reach it from here any more. */
  get #live(): IHasher {
    if (this.#hasher === undefined) throw new TypeError('The checksum has been taken already.')
    return this.#hasher
  }
  update(bytes: Uint8Array): void {
    this.#live.update(bytes)
  }
  digest(): Uint8Array {
    const hasher = this.#live
    const digest = hasher.digest('binary')
    this.#hasher = undefined
    this.#pool.giveBack(hasher)
    return digest
  }
  digestOf(bytes: Uint8Array): Uint8Array {
    this.update(bytes)
    return this.digest()
  }
}
