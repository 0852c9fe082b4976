import { createHmac } from 'node:crypto'
import { limits } from '../limits.js'

export interface CredentialScope {
  /** `yyyymmdd` */
  readonly date: string
  readonly region: string
  readonly service: string
}

export const scopeText = ({ date, region, service }: CredentialScope): string =>
  `${date}/${region}/${service}/aws4_request`

interface KnownKey {
  readonly secretAccessKey: string
  readonly key: Buffer
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

function deriveSigningKey(secretAccessKey: string, { date, region, service }: CredentialScope): Buffer {
  const dateKey = hmac(`AWS4${secretAccessKey}`, date)
  return hmac(hmac(hmac(dateKey, region), service), 'aws4_request')
}

/** Derived keys, the least recently used forgotten first. A changed secret is never served its former key. */
export class SigningKeys {
  readonly #keys = new Map<string, KnownKey>()
  #newest: { readonly id: string; readonly known: KnownKey } | undefined
  readonly #maximum: number
  constructor(maximum: number = limits.signingKeysCached) {
    this.#maximum = maximum
  }

  get size(): number {
    return this.#keys.size
  }

  get(accessKeyId: string, secretAccessKey: string, scope: CredentialScope): Buffer {
    const id = `${accessKeyId}/${scopeText(scope)}`
    if (this.#newest?.id === id && this.#newest.known.secretAccessKey === secretAccessKey)
      return this.#newest.known.key
    const found = this.#keys.get(id)
    const key =
      found?.secretAccessKey === secretAccessKey ? found.key : deriveSigningKey(secretAccessKey, scope)
    const known = { secretAccessKey, key }
    this.#newest = { id, known }
    this.#keys.delete(id)
    this.#keys.set(id, known)
    if (this.#keys.size > this.#maximum) {
      const [oldest] = this.#keys.keys()
      this.#keys.delete(oldest!)
    }
    return key
  }
}

/** Lower-case hex, as clients send it. */
export const sign = (key: Buffer, text: string): string =>
  createHmac('sha256', key).update(text, 'latin1').digest('hex')
