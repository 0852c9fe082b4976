import type { ByteRange } from '../contract/source.js'
import { EngineError } from '../errors.js'

/**
 * The stretch that a range means of so many bytes, cut off at their end; undefined where the range means the
 * whole of an object that has no bytes, of which no stretch can be named.
 * Source: RFC 9110 §14.1.2, and what S3 answers to GetObject.
 */
export function resolveRange(
  range: ByteRange,
  sizeBytes: number,
): { offset: number; length: number } | undefined {
  if ('suffix' in range) {
    const { suffix } = range
    checkCount(suffix)
    if (suffix === 0) throw invalidRange(sizeBytes, 'bytes=-0')
    if (sizeBytes === 0) return undefined
    const length = Math.min(suffix, sizeBytes)
    return { offset: sizeBytes - length, length }
  }
  const { offset, length } = range
  checkCount(offset)
  if (length !== undefined) checkCount(length)
  if (offset >= sizeBytes) {
    throw invalidRange(sizeBytes, `bytes=${offset}-${length === undefined ? '' : offset + length - 1}`)
  }
  const rest = sizeBytes - offset
  return { offset, length: length === undefined ? rest : Math.min(length, rest) }
}

function checkCount(value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no number of bytes.`)
}

const invalidRange = (sizeBytes: number, range: string): EngineError<'InvalidRange'> =>
  new EngineError('InvalidRange', `The range ${range} holds none of the ${sizeBytes} bytes.`, {
    sizeBytes,
    range,
  })
