import { randomBytes, randomInt } from 'node:crypto'

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

const random = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')

/** In the manner of AWS: 20 characters, of which the first tell lasting keys from temporary ones. */
export const newAccessKeyId = (isTemporary = false): string =>
  (isTemporary ? 'ASQ' : 'AKQ') + random(UPPER, 17)

export const newSecret = (): string => random(ALPHANUMERIC, 40)

export const newSessionToken = (): string => randomBytes(48).toString('base64')
