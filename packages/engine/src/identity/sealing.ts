import { randomBytes } from 'node:crypto'
import type { Draft } from '../catalog/draft.js'
import { sealingKey as sealingRowKey } from '../catalog/keys.js'
import type { Sealed } from '../catalog/records/access-key-record.js'
import { RowReader } from '../catalog/records/row-reader.js'
import { RowWriter } from '../catalog/records/row-writer.js'
import { decodeSealing, encodeSealing } from '../catalog/records/sealing-record.js'
import { EngineError } from '../errors.js'
import type { KvStore, Revision, Row } from '../kv/kv.js'
import { SEALING_KEY_BYTES, seal, unseal } from './seal.js'

/** Gives the key from outside. `fits` says of any key whether it is the one that this store's secrets are sealed under. */
export type SealingKeySource = (fits: (key: Uint8Array) => boolean) => Uint8Array | Promise<Uint8Array>

export interface Secret {
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Which access key a secret is of: it opens for no other. */
export interface KeySecretOf {
  readonly accessKeyId: string
  readonly userId: string
}

/** Which replication target a secret is for, and whose it is there: it opens for no other. */
export interface TargetSecretOf {
  readonly accessKeyId: string
  readonly targetArn: string
}

export type SecretOf = KeySecretOf | TargetSecretOf

/**
 * The keys of one moment. Secrets are sealed by keys of the store's own, which lie in the store sealed by the key from
 * outside; the last one seals what is new.
 */
export class SealingKeys {
  readonly #keys: ReadonlyMap<number, Uint8Array>
  readonly generation: number

  constructor(keys: ReadonlyMap<number, Uint8Array>) {
    this.#keys = keys
    this.generation = Math.max(...keys.keys())
  }

  static first(): SealingKeys {
    return new SealingKeys(new Map([[1, randomBytes(SEALING_KEY_BYTES)]]))
  }

  /** @returns undefined if another key than this one sealed them. */
  static read(row: Row, outerKey: Uint8Array): SealingKeys | undefined {
    const keys = new Map<number, Uint8Array>()
    for (const { generation, bytes } of decodeSealing(row.value)) {
      const key = unseal(outerKey, aboutKey(generation), bytes)
      if (key === undefined) return undefined
      keys.set(generation, key)
    }
    return new SealingKeys(keys)
  }

  write(outerKey: Uint8Array): Uint8Array {
    const sealed = [...this.#keys].map(([generation, key]) => ({
      generation,
      bytes: seal(outerKey, aboutKey(generation), key),
    }))
    return encodeSealing(sealed)
  }

  get isOneGeneration(): boolean {
    return this.#keys.size === 1
  }

  withNext(): SealingKeys {
    return new SealingKeys(new Map([...this.#keys, [this.generation + 1, randomBytes(SEALING_KEY_BYTES)]]))
  }

  onlyLast(): SealingKeys {
    return new SealingKeys(new Map([[this.generation, this.#keys.get(this.generation)!]]))
  }

  seal(of: SecretOf, { secretAccessKey, sessionToken = '' }: Secret): Sealed {
    const content = new RowWriter()
    content.prefixedText(secretAccessKey)
    content.prefixedText(sessionToken)
    const { generation } = this
    return {
      generation,
      bytes: seal(this.#keys.get(generation)!, aboutSecret(of), content.finish()),
    }
  }

  opens(of: SecretOf, sealed: Sealed): boolean {
    return this.#open(of, sealed) !== undefined
  }

  #open(of: SecretOf, { generation, bytes }: Sealed): Uint8Array | undefined {
    const key = this.#keys.get(generation)
    return key && unseal(key, aboutSecret(of), bytes)
  }

  unseal(of: SecretOf, sealed: Sealed): Secret {
    const { bytes } = sealed
    const opened = this.#open(of, sealed)
    const label = `the secret of access key "${of.accessKeyId}"`
    if (opened === undefined) throw new RowReader(bytes, label).corrupt('it does not open')
    const content = new RowReader(opened, label)
    const secretAccessKey = content.prefixedText()
    const sessionToken = content.prefixedText()
    return sessionToken === '' ? { secretAccessKey } : { secretAccessKey, sessionToken }
  }
}

const aboutKey = (generation: number): string => `aquifer sealing key\0${generation}`
const aboutSecret = (of: SecretOf): string =>
  'targetArn' in of
    ? `aquifer replication target\0${of.targetArn}\0${of.accessKeyId}`
    : `aquifer access key\0${of.accessKeyId}\0${of.userId}`

export interface KeysFound {
  readonly keys: SealingKeys
  /** Called by a decision that seals: the first one of a store writes the keys as well. */
  use(draft: Draft): SealingKeys
}

/** What opens and closes the secrets of a store's access keys and replication targets, as far as the engine was given the key to do so. */
export class Sealing {
  readonly #kv: KvStore
  /** One; two while the secrets are about to be sealed under another. */
  #outerKeys: readonly Uint8Array[]
  #known: { readonly revision: Revision; readonly keys: SealingKeys } | undefined

  private constructor(kv: KvStore, outerKeys: readonly Uint8Array[]) {
    this.#kv = kv
    this.#outerKeys = outerKeys
  }

  /** @throws {@link EngineError} `SealingKeyMismatch` */
  static async open(kv: KvStore, given: Uint8Array | SealingKeySource | undefined): Promise<Sealing> {
    const row = await kv.get(sealingRowKey())
    const fits = (key: Uint8Array): boolean => row === undefined || SealingKeys.read(row, key) !== undefined
    const outerKey = typeof given === 'function' ? await given(fits) : given
    if (outerKey === undefined) return new Sealing(kv, [])
    checkSealingKey(outerKey)
    if (!fits(outerKey)) throw mismatch()
    // Whoever gave it may wipe his own.
    return new Sealing(kv, [Uint8Array.from(outerKey)])
  }

  /**
   * Reads the keys for a change that rests on them: it is carried out only if they are still the same.
   *
   * @throws {@link EngineError} `SealingKeyMissing`
   */
  async read(draft: Draft): Promise<KeysFound> {
    const { outerKey } = this
    const row = await draft.get(sealingRowKey())
    if (row !== undefined) {
      const keys = this.#keysIn(row)
      return { keys, use: () => keys }
    }
    const keys = SealingKeys.first()
    return {
      keys,
      use: (writing) => {
        writing.put(sealingRowKey(), keys.write(outerKey))
        return keys
      },
    }
  }

  /** Whether there are secrets that an interrupted resealing has left sealed by a former key. */
  async isResealing(): Promise<boolean> {
    const row = await this.#kv.get(sealingRowKey())
    return this.#outerKeys.length > 0 && row !== undefined && !this.#keysIn(row).isOneGeneration
  }

  /** @throws {@link EngineError} `SealingKeyMissing` */
  async unseal(of: SecretOf, sealed: Sealed): Promise<Secret> {
    if (this.#outerKeys.length === 0) throw missing()
    const row = await this.#kv.get(sealingRowKey())
    if (row === undefined) throw mismatch()
    return this.#keysIn(row).unseal(of, sealed)
  }

  get hasKey(): boolean {
    return this.#outerKeys.length > 0
  }

  /** From now on the keys may also be found sealed under this one. */
  expect(outerKey: Uint8Array): void {
    this.#outerKeys = [...this.#outerKeys, outerKey]
  }

  /** They were not sealed under another after all. */
  forgetExpected(): void {
    this.#outerKeys = this.#outerKeys.slice(0, 1)
  }

  /** They are sealed under this one for good. */
  settle(outerKey: Uint8Array): void {
    this.#outerKeys = [outerKey]
  }

  /** @throws {@link EngineError} `SealingKeyMissing` */
  get outerKey(): Uint8Array {
    const [outerKey] = this.#outerKeys
    if (outerKey === undefined) throw missing()
    return outerKey
  }

  #keysIn(row: Row): SealingKeys {
    if (this.#known?.revision === row.revision) return this.#known.keys
    for (const outerKey of this.#outerKeys) {
      const keys = SealingKeys.read(row, outerKey)
      if (keys === undefined) continue
      this.#known = { revision: row.revision, keys }
      return keys
    }
    throw mismatch()
  }
}

export function checkSealingKey(key: Uint8Array): void {
  if (!(key instanceof Uint8Array) || key.byteLength !== SEALING_KEY_BYTES)
    throw new TypeError(`A sealing key has ${SEALING_KEY_BYTES} bytes.`)
}

const missing = (): EngineError<'SealingKeyMissing'> =>
  new EngineError(
    'SealingKeyMissing',
    'The engine was opened without a sealing key, so it can neither make access keys nor read their secrets. Open it with the option sealingKey.',
    {},
  )

const mismatch = (): EngineError<'SealingKeyMismatch'> =>
  new EngineError(
    'SealingKeyMismatch',
    'The sealing key is not the one that the secrets in this store are sealed under.',
    {},
  )
