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

/** What is native is native; what is not runs in WebAssembly, in one instance for all. */
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
      return new WasmChecksum(await crc32c())
    case 'crc64nvme':
      return new WasmChecksum(await crc64nvme())
    case 'xxhash3':
      return new WasmChecksum(await xxhash3())
    case 'xxhash128':
      return new WasmChecksum(await xxhash128())
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

/**
 * The one instance of an algorithm, which all bodies share: an instance takes some 150 KiB, a body's state in it 8 to
 * 580 bytes. Whose turn comes finds his own state loaded; while one body follows on itself nothing is moved.
 */
class WasmHasher {
  readonly #hasher: IHasher
  #user: WasmChecksum | undefined
  constructor(hasher: IHasher) {
    this.#hasher = hasher
  }

  /** The instance with this body's state in it, until another asks. */
  use(user: WasmChecksum): IHasher {
    if (this.#user === user) return this.#hasher
    if (this.#user !== undefined) this.#user.state = this.#hasher.save()
    if (user.state === undefined) this.#hasher.init()
    else this.#hasher.load(user.state)
    this.#user = user
    return this.#hasher
  }

  digest(user: WasmChecksum): Uint8Array {
    const digest = this.use(user).digest('binary')
    this.#user = undefined
    return digest
  }
}

const once = (create: () => Promise<IHasher>): (() => Promise<WasmHasher>) => {
  let shared: Promise<WasmHasher> | undefined
  return () => {
    shared ??= create().then((hasher) => new WasmHasher(hasher))
    return shared
  }
}

const crc32c = once(() => createCRC32(0x82f63b78))
const crc64nvme = once(() => createCRC64('9a6c9329ac4bc9b5'))
const xxhash3 = once(() => createXXHash3())
const xxhash128 = once(() => createXXHash128())

class WasmChecksum implements Checksum {
  /** While another body uses the instance. */
  state: Uint8Array | undefined
  #hasher: WasmHasher | undefined
  constructor(hasher: WasmHasher) {
    this.#hasher = hasher
  }
  get #live(): WasmHasher {
    if (this.#hasher === undefined) throw new TypeError('The checksum has been taken already.')
    return this.#hasher
  }
  update(bytes: Uint8Array): void {
    this.#live.use(this).update(bytes)
  }
  digest(): Uint8Array {
    const digest = this.#live.digest(this)
    this.#hasher = undefined
    return digest
  }
  digestOf(bytes: Uint8Array): Uint8Array {
    this.update(bytes)
    return this.digest()
  }
}
