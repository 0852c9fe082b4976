import { S3Error } from '../s3-error.js'
import type { AwsChunkedOptions } from './aws-chunked.js'

/** Values by lower-case name. */
export type Trailers = Readonly<Record<string, string>>

const SIGNATURE = 'x-amz-trailer-signature'

/** What may be announced as a trailer, and how many bytes its base64 stands for. */
export const TRAILER_BYTES: ReadonlyMap<string, number> = new Map([
  ['x-amz-checksum-crc32', 4],
  ['x-amz-checksum-crc32c', 4],
  ['x-amz-checksum-crc64nvme', 8],
  ['x-amz-checksum-sha1', 20],
  ['x-amz-checksum-sha256', 32],
  ['x-amz-checksum-sha512', 64],
  ['x-amz-checksum-md5', 16],
  ['x-amz-checksum-xxhash64', 8],
  ['x-amz-checksum-xxhash3', 8],
  ['x-amz-checksum-xxhash128', 16],
])

/**
 * What follows the chunk of size 0. Lines may end in LF or CRLF and the last may lack its end; empty lines are
 * passed over, because clients differ in how many they write before and after the signature.
 */
export function readTrailerSection(section: string, options: AwsChunkedOptions): Trailers {
  const { trailerName, trailerSigned, signatures } = options
  const trailers: [name: string, value: string][] = []
  let signature: string | undefined
  for (const line of section.split('\n').map(withoutCarriageReturn)) {
    if (line === '') continue
    const colon = line.indexOf(':')
    if (colon < 1 || signature !== undefined) throw malformedTrailer()
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (trailerSigned && name === SIGNATURE) signature = value
    else trailers.push([name, value])
  }
  if (trailerSigned) {
    if (signature === undefined) throw malformedTrailer()
    signatures?.checkTrailer(trailers.map(([name, value]) => `${name}:${value}\n`).join(''), signature)
  }
  if (
    trailers.some(([name]) => name !== trailerName) ||
    trailers.length !== (trailerName === undefined ? 0 : 1)
  )
    throw malformedTrailer()
  for (const [name, value] of trailers) checkValue(name, value)
  return Object.fromEntries(trailers)
}

const withoutCarriageReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line)

function checkValue(name: string, value: string): void {
  const bytes = Buffer.from(value, 'base64')
  // Written out again, because Buffer passes over what is not base64.
  if (bytes.byteLength === TRAILER_BYTES.get(name) && bytes.toString('base64') === value) return
  throw new S3Error('InvalidRequest', `Value for ${name} trailing header is invalid.`)
}

const malformedTrailer = (): S3Error =>
  new S3Error(
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  )
