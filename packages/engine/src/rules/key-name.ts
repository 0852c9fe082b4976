import { EngineError } from '../errors.js'
import { limits } from '../limits.js'

/** Lone surrogates have no UTF-8. */
export const hasLoneSurrogate = (text: string): boolean => /\p{Surrogate}/u.test(text)

/** 1 to 1,024 bytes of UTF-8, without NUL. Source: S3 User Guide, "Naming Amazon S3 objects"; NUL is our choice. */
export function checkKeyName(key: string): void {
  if (typeof key !== 'string') throw new TypeError('A key is text.')
  if (key === '' || key.includes('\0') || hasLoneSurrogate(key))
    throw new EngineError('InvalidURI', 'A key is text of at least one character, without NUL.', { key })
  const sizeBytes = Buffer.byteLength(key)
  if (sizeBytes > limits.keyMaxBytes)
    throw new EngineError(
      'KeyTooLongError',
      `The key has ${sizeBytes} bytes; ${limits.keyMaxBytes} are allowed.`,
      { sizeBytes, maximumBytes: limits.keyMaxBytes },
    )
}
