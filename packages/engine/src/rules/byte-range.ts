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

/**
 * A copy takes all of the range it names or nothing: unlike a read's, it is not cut off at the end.
 * Source: S3 API Reference, UploadPartCopy.
 */
export function checkWithin(range: ByteRange, sizeBytes: number): void {
  if ('suffix' in range || range.length === undefined) return
  const { offset, length } = range
  if (offset + length > sizeBytes) throw invalidRange(sizeBytes, `bytes=${offset}-${offset + length - 1}`)
}

function checkCount(value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no number of bytes.`)
}

const invalidRange = (sizeBytes: number, range: string): EngineError<'InvalidRange'> =>
  new EngineError('InvalidRange', `The range ${range} is not within the ${sizeBytes} bytes.`, {
    sizeBytes,
    range,
  })
