import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose'

export interface ProviderKeysOptions {
  /** Has the provider's document of keys, a JSON Web Key Set. Whatever it rejects with means that there is none. */
  readonly fetchDocument: () => Promise<unknown>
  /** Told each time that the document could not be had. */
  readonly onFailure: (error: unknown) => void
  /** Milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number
}

/** After how long the document is asked for again, and until when the former one serves where it cannot be had. */
const FRESH_MS = 10 * 60_000
const STALE_MS = 60 * 60_000
/** Whoever sends tokens with keys that are not there, or while the provider is away, has it asked no more often. */
const COOLDOWN_MS = 10_000
const KEYS_MAX = 100

/** There are no keys to verify a token with for the moment. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

/**
 * The public keys of a provider of identities, kept for a while. A key that is not among them may be new: then the document
 * is asked for again.
 */
export class ProviderKeys {
  readonly #options: ProviderKeysOptions
  readonly #now: () => number
  #known: { readonly find: JWTVerifyGetKey; readonly at: number } | undefined
  #triedAt = Number.NEGATIVE_INFINITY
  #trying: Promise<void> | undefined

  constructor(options: ProviderKeysOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
  }

  /** For `jwtVerify`. @throws {@link KeysUnavailable}, and jose's errors where no key fits. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.#ageMs() > FRESH_MS) await this.#fetch()
    const known = this.#usable()
    try {
      return await known(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      await this.#fetch()
      const renewed = this.#usable()
      if (renewed === known) throw error
      return await renewed(header, token)
    }
  }

  #ageMs(): number {
    return this.#known === undefined ? Number.POSITIVE_INFINITY : this.#now() - this.#known.at
  }

  #usable(): JWTVerifyGetKey {
    if (this.#known === undefined || this.#ageMs() > STALE_MS)
      throw new KeysUnavailable('The keys of the provider of identities cannot be had for the moment.')
    return this.#known.find
  }

  /** Once for all who ask meanwhile. */
  async #fetch(): Promise<void> {
    if (this.#trying === undefined && this.#now() - this.#triedAt < COOLDOWN_MS) return
    this.#trying ??= this.#try().finally(() => {
      this.#trying = undefined
    })
    await this.#trying
  }

  async #try(): Promise<void> {
    this.#triedAt = this.#now()
    try {
      const document = (await this.#options.fetchDocument()) as { keys: [] }
      const find = createLocalJWKSet(document) // Refuses what is no set of keys.
      if (document.keys.length > KEYS_MAX) throw new TypeError(`There are more than ${KEYS_MAX} keys.`)
      this.#known = { find, at: this.#now() }
    } catch (error) {
      this.#options.onFailure(error)
    }
  }
}
