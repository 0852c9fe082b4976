import { crc32 } from 'node:zlib'
import { limits } from '../limits.js'
import { invalidArgument } from '../s3-error.js'

const format = 1

/** Where a listing goes on, as text no client needs to understand: format, place, and a check against typing. */
export function writeContinuationToken(startAfter: string): string {
  const place = Buffer.from(`\u0001${startAfter}`, 'utf8')
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(place))
  return Buffer.concat([place, check]).toString('base64url')
}

/** @throws {@link S3Error} `InvalidArgument` for whatever this server did not write. */
export function readContinuationToken(token: string): string {
  const refused = invalidArgument(
    'The continuation token provided is incorrect',
    'continuation-token',
    token.slice(0, 128),
  )
  if (token.length > limits.continuationTokenMaxChars || !/^[A-Za-z0-9_-]+$/.test(token)) throw refused
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length < 5 || bytes[0] !== format) throw refused
  const place = bytes.subarray(0, -4)
  if (crc32(place) !== bytes.readUInt32BE(bytes.length - 4)) throw refused
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(place.subarray(1))
  } catch {
    throw refused
  }
}
