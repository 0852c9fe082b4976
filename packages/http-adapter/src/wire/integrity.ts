import type { ChecksumAlgorithm, Checksums, Integrity } from '@aquifer/engine'
import type { OpenedPayload } from '../auth/authenticate.js'
import { S3Error } from '../s3-error.js'
import { algorithmOfHeader, algorithmOfLabel, checksumSpellings, isChecksumValue } from './checksums.js'

type HeaderView = ReadonlyMap<string, string>

/** Headers that begin like a checksum's and are none. */
const notValues = new Set(['x-amz-checksum-algorithm', 'x-amz-checksum-mode', 'x-amz-checksum-type'])

const invalidRequest = (message: string): S3Error => new S3Error('InvalidRequest', message)

/**
 * What a request says of its body's digests: Content-MD5 and at most one checksum, by header or by trailer.
 *
 * @param trailerName The announced trailer, in lower case.
 * @throws {@link S3Error} `InvalidRequest`
 */
export function readIntegrity(
  headers: HeaderView,
  payload: Omit<OpenedPayload, 'body'>,
  trailerName: string | undefined,
): Integrity {
  const header = readChecksumHeader(headers) ?? readAnnouncedMd5(headers)
  const trailer = trailerName === undefined ? undefined : trailerAlgorithm(trailerName)
  if (header !== undefined && trailer !== undefined)
    throw invalidRequest(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    )
  checkSdkAlgorithm(headers, header?.algorithm ?? trailer)
  const contentMd5 = headers.get('content-md5')
  return {
    ...(payload.sizeBytes === undefined ? {} : { sizeBytes: payload.sizeBytes }),
    ...(contentMd5 === undefined ? {} : { contentMd5 }),
    ...(header === undefined ? {} : { checksums: { [header.algorithm]: header.value } satisfies Checksums }),
    ...(trailer === undefined ? {} : { checksums: { [trailer]: trailerValue(payload, trailer) } }),
  }
}

/** An SDK that is told to use MD5 as its checksum algorithm says so, and sends it as it always sent an MD5. */
function readAnnouncedMd5(headers: HeaderView): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  const value = headers.get('content-md5')
  const isAnnounced = headers.get('x-amz-sdk-checksum-algorithm')?.toUpperCase() === 'MD5'
  return isAnnounced && value !== undefined ? { algorithm: 'md5', value } : undefined
}

/** The one checksum a request's headers carry. @throws {@link S3Error} `InvalidRequest` */
export function readChecksumHeader(
  headers: HeaderView,
): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  let found: { algorithm: ChecksumAlgorithm; value: string } | undefined
  for (const [name, value] of headers) {
    if (!name.startsWith('x-amz-checksum-') || notValues.has(name)) continue
    const algorithm = algorithmOfHeader(name)
    if (algorithm === undefined)
      throw invalidRequest(`The algorithm type you specified in ${name} header is invalid.`)
    if (found !== undefined)
      throw invalidRequest(
        'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
      )
    if (!isChecksumValue(algorithm, value)) throw invalidRequest(`Value for ${name} header is invalid.`)
    found = { algorithm, value }
  }
  return found
}

/**
 * What CompleteMultipartUpload says of the whole object. A composite value may carry its number of parts.
 *
 * @throws {@link S3Error} `InvalidRequest`
 */
export function readObjectChecksum(headers: HeaderView): Checksums | undefined {
  const plain = [...headers]
    .filter(([name]) => name.startsWith('x-amz-checksum-'))
    .map(([name, value]) => [name, value.replace(/-\d{1,5}$/, '')] as const)
  const found = readChecksumHeader(new Map(plain))
  return found === undefined ? undefined : { [found.algorithm]: found.value }
}

function trailerAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = algorithmOfHeader(name)
  if (algorithm === undefined)
    throw invalidRequest('The value specified in the x-amz-trailer header is not supported')
  return algorithm
}

/** The promise the engine waits for before it commits. */
function trailerValue(
  payload: Pick<OpenedPayload, 'trailers'>,
  algorithm: ChecksumAlgorithm,
): Promise<string> {
  const name = checksumSpellings[algorithm].header
  const value = Promise.resolve(payload.trailers).then((trailers) => {
    const found = trailers?.[name]
    if (found === undefined)
      throw new S3Error(
        'MalformedTrailerError',
        'The request contained trailing data that was not well-formed.',
      )
    if (!isChecksumValue(algorithm, found))
      throw invalidRequest(`Value for ${name} trailing header is invalid.`)
    return found
  })
  // A write that fails before its body ends never asks for the trailer.
  value.catch(() => {})
  return value
}

/** `x-amz-sdk-checksum-algorithm` announces a value; alone, or with another's value, it is a broken client. */
function checkSdkAlgorithm(headers: HeaderView, given: ChecksumAlgorithm | undefined): void {
  const label = headers.get('x-amz-sdk-checksum-algorithm')
  if (label === undefined || label === '') return
  const announced = algorithmOfLabel(label)
  if (announced === undefined)
    throw invalidRequest(
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512, MD5, XXHASH64, XXHASH3, XXHASH128]',
    )
  if (given === undefined)
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    )
  if (given !== announced) throw invalidRequest('Value for x-amz-sdk-checksum-algorithm header is invalid.')
}
