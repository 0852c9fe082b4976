import { S3Error } from '../s3-error.js'
import { algorithmOfHeader } from '../wire/checksums.js'
import type { PayloadMode } from './authenticate.js'
import { withoutAwsChunked } from './header-view.js'
import type { HeaderMap } from './request-headers.js'

/** Everything a request says about how its bytes are framed and vouched for. */
export interface PayloadPlan {
  readonly mode: PayloadMode
  readonly sizeBytes?: number
  readonly trailerName?: string
}

export type SignedBy = 'nobody' | 'version-2' | 'version-4'

/** What `x-amz-content-sha256` may say, and the mode it asks for. 64 hex digits are `hashed`. */
const MODES: ReadonlyMap<string, PayloadMode> = new Map([
  ['UNSIGNED-PAYLOAD', 'unsigned'],
  ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'unsigned-chunked-trailer'],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'signed-chunked'],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', 'signed-chunked-trailer'],
])

/**
 * The only place where a request's payload mode is decided, from all its marks together: a server that looks at one
 * of them stores framing as data. Marks that contradict each other, and modes unknown here, are refused.
 *
 * @param contentSha256 The last line of the canonical request; for a request without one the header, if any.
 */
export function decidePayload(
  contentSha256: string | undefined,
  headers: HeaderMap,
  signedBy: SignedBy,
): PayloadPlan {
  const stated = statedMode(contentSha256, signedBy)
  const framed = hasAwsChunked(headers.get('content-encoding'))
  const trailerName = readTrailerName(headers.get('x-amz-trailer'))
  const mode = combine(stated, framed, trailerName !== undefined)
  return {
    mode,
    ...readSize(mode, headers),
    ...(trailerName === undefined ? {} : { trailerName }),
  }
}

function statedMode(contentSha256: string | undefined, signedBy: SignedBy): PayloadMode {
  if (contentSha256 === undefined) return 'unsigned'
  const mode = /^[0-9a-fA-F]{64}$/.test(contentSha256) ? 'hashed' : MODES.get(contentSha256)
  if (mode === undefined) throw unknownMode(contentSha256)
  if (signedBy === 'version-2' && mode.startsWith('signed'))
    throw new S3Error('InvalidRequest', 'Signature version 2 signs no chunks. Please use AWS4-HMAC-SHA256.')
  if (signedBy === 'nobody' && mode !== 'unsigned' && mode !== 'unsigned-chunked-trailer')
    throw new S3Error(
      'InvalidRequest',
      "Anonymous requests don't support this x-amz-content-sha256 value. Please use UNSIGNED-PAYLOAD or STREAMING-UNSIGNED-PAYLOAD-TRAILER.",
    )
  return mode
}

function unknownMode(contentSha256: string): S3Error {
  if (/^STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD(-TRAILER)?$/.test(contentSha256))
    return new S3Error('NotImplemented', 'Payloads signed with SigV4A (ECDSA) are not supported.')
  return new S3Error(
    'InvalidArgument',
    `x-amz-content-sha256 must be ${[...MODES.keys()].join(', ')} or a valid sha256 value.`,
    { ArgumentName: 'x-amz-content-sha256', ArgumentValue: contentSha256 },
  )
}

function combine(stated: PayloadMode, framed: boolean, announced: boolean): PayloadMode {
  if (stated === 'hashed' && framed)
    throw new S3Error(
      'InvalidRequest',
      'Content-Encoding aws-chunked needs an x-amz-content-sha256 of UNSIGNED-PAYLOAD or one that begins with STREAMING-.',
    )
  if (stated === 'unsigned' && framed) return announced ? 'unsigned-chunked-trailer' : 'unsigned-chunked'
  const takesTrailer = stated === 'unsigned-chunked-trailer' || stated === 'signed-chunked-trailer'
  if (announced && !takesTrailer)
    throw new S3Error(
      'InvalidRequest',
      'The x-amz-trailer header needs an aws-chunked body and an x-amz-content-sha256 value that allows a trailer.',
    )
  return stated
}

const hasAwsChunked = (contentEncoding: string | undefined): boolean =>
  contentEncoding !== undefined && withoutAwsChunked(contentEncoding) !== contentEncoding

function readTrailerName(announced: string | undefined): string | undefined {
  if (announced === undefined) return undefined
  const name = announced.toLowerCase()
  if (algorithmOfHeader(name) !== undefined) return name
  if (name.includes(','))
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    )
  throw new S3Error('InvalidRequest', 'The value specified in the x-amz-trailer header is not supported')
}

function readSize(mode: PayloadMode, headers: HeaderMap): { sizeBytes?: number } {
  const length = readLength('content-length', headers)
  const decodedLength = readLength('x-amz-decoded-content-length', headers)
  if (mode !== 'hashed' && mode !== 'unsigned') {
    if (decodedLength === undefined)
      throw new S3Error(
        'MissingContentLength',
        'You must provide the x-amz-decoded-content-length HTTP header.',
      )
    return { sizeBytes: decodedLength }
  }
  if (decodedLength !== undefined && decodedLength !== length)
    throw new S3Error(
      'InvalidRequest',
      'x-amz-decoded-content-length differs from Content-Length, yet nothing says that the body is aws-chunked.',
    )
  return length === undefined ? {} : { sizeBytes: length }
}

function readLength(name: string, headers: HeaderMap): number | undefined {
  const text = headers.get(name)
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text))
    throw new S3Error('InvalidArgument', `${name} must be a whole number of bytes.`, {
      ArgumentName: name,
      ArgumentValue: text,
    })
  return Number(text)
}
