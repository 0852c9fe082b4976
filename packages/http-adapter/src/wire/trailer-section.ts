import { S3Error } from '../s3-error.js'
import type { AwsChunkedOptions } from './aws-chunked.js'
import { algorithmOfHeader, isChecksumValue } from './checksums.js'

/** Values by lower-case name. */
export type Trailers = Readonly<Record<string, string>>

const SIGNATURE = 'x-amz-trailer-signature'

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
  const algorithm = algorithmOfHeader(name)
  if (algorithm !== undefined && isChecksumValue(algorithm, value)) return
  throw new S3Error('InvalidRequest', `Value for ${name} trailing header is invalid.`)
}

const malformedTrailer = (): S3Error =>
  new S3Error(
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  )
