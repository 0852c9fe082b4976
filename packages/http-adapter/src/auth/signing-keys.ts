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

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

function deriveSigningKey(secretAccessKey: string, { date, region, service }: CredentialScope): Buffer {
  const dateKey = hmac(`AWS4${secretAccessKey}`, date)
  return hmac(hmac(hmac(dateKey, region), service), 'aws4_request')
}

/** Derived keys, the least recently used forgotten first. A changed secret is never served its former key. */
export class SigningKeys {
  readonly #keys = new Map<string, { secretAccessKey: string; key: Buffer }>()
  readonly #maximum: number
  constructor(maximum: number = limits.signingKeysCached) {
    this.#maximum = maximum
  }

  get size(): number {
    return this.#keys.size
  }

  get(accessKeyId: string, secretAccessKey: string, scope: CredentialScope): Buffer {
    const id = `${accessKeyId}/${scopeText(scope)}`
    const found = this.#keys.get(id)
    const key =
      found?.secretAccessKey === secretAccessKey ? found.key : deriveSigningKey(secretAccessKey, scope)
    this.#keys.delete(id)
    this.#keys.set(id, { secretAccessKey, key })
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
