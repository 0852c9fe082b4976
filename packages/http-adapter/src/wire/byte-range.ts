import type { ByteRange } from '@aquifer/engine'
import { invalidArgument } from '../s3-error.js'

/**
 * The Range header as S3 reads it: exactly one range in bytes. Everything else (other units, several ranges, an
 * end before the start, spaces) is ignored, and the whole object is the answer.
 */
export function readRange(header: string | undefined): ByteRange | undefined {
  if (header === undefined) return undefined
  const suffix = /^bytes=-(\d+)$/.exec(header)
  if (suffix !== null) return { suffix: safeInteger(suffix[1]!) }
  const range = /^bytes=(\d+)-(\d*)$/.exec(header)
  if (range === null) return undefined
  const offset = safeInteger(range[1]!)
  if (range[2] === '') return { offset }
  const last = safeInteger(range[2]!)
  return last < offset ? undefined : { offset, length: last - offset + 1 }
}

/** `x-amz-copy-source-range` knows one form only, and nothing else is ignored. */
export function readCopyRange(header: string | undefined): { offset: number; length: number } | undefined {
  if (header === undefined) return undefined
  const range = /^bytes=(\d+)-(\d+)$/.exec(header)
  const offset = range === null ? 0 : safeInteger(range[1]!)
  const last = range === null ? -1 : safeInteger(range[2]!)
  if (last < offset)
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    )
  return { offset, length: last - offset + 1 }
}

/** Beyond any object there are no distinctions to keep. */
const safeInteger = (digits: string): number => Math.min(Number(digits), Number.MAX_SAFE_INTEGER - 1)
