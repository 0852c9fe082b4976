import { type Address, address } from './address.js'
import type { Authenticated, OpenedPayload, Payload } from './auth/authenticate.js'
import { withoutAwsChunked } from './auth/header-view.js'
import { limits } from './limits.js'
import { S3Error } from './s3-error.js'
import { Query } from './wire/query.js'

/** A PUT of a version that came in the body of another request. */
export interface EnclosedPut {
  readonly key: string
  readonly versionId: string
  /** Its own: lower-case names, values as latin1 text. */
  readonly headers: ReadonlyMap<string, string>
  readonly bytes: Uint8Array
}

/** Whom a PUT was brought by, and how. */
type Bringer = Pick<Authenticated, 'headers' | 'payload' | 'signature'>

/**
 * Headers of a request that say who sends it, on which way and how its body is vouched for. What is enclosed in it was sent
 * by the same: it has these, and none of them for itself.
 */
const OF_SENDING: ReadonlySet<string> = new Set([
  ...[
    'authorization',
    'connection',
    'content-length',
    'cookie',
    'date',
    'expect',
    'forwarded',
    'host',
    'origin',
  ],
  ...['referer', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'user-agent', 'via'],
  ...['x-amz-content-sha256', 'x-amz-date', 'x-amz-decoded-content-length', 'x-amz-s3session-token'],
  ...['x-amz-security-token', 'x-amz-trailer', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'],
])

/** The headers that all which a request encloses was sent with. */
export const headersOfSending = (headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...headers].filter(([name]) => OF_SENDING.has(name)))

/**
 * The PUT as it would have come alone, as far as who sends it is concerned.
 *
 * @param sending What {@link headersOfSending} tells.
 * @throws {@link S3Error} `InvalidRequest`, `RequestHeaderSectionTooLarge`
 */
export function authenticatedAlone<T extends Bringer>(
  bringer: T,
  sending: ReadonlyMap<string, string>,
  { headers: own, bytes }: EnclosedPut,
): T {
  const headers = new Map(sending)
  let sizeBytes = 0
  for (const [name, value] of own) {
    if (OF_SENDING.has(name))
      throw new S3Error(
        'InvalidRequest',
        `The header ${name} is of the whole request, and of nothing in its body.`,
      )
    sizeBytes += name.length + value.length + FRAMING_BYTES
    headers.set(name, value)
  }
  if (sizeBytes > limits.requestHeadersMaxBytes)
    throw new S3Error(
      'RequestHeaderSectionTooLarge',
      'Your request header section exceeds the maximum allowed size.',
    )
  const encoding = own.get('content-encoding')
  if (encoding !== undefined && withoutAwsChunked(encoding) !== encoding)
    throw new S3Error('InvalidRequest', 'What is enclosed in a request is not sent as aws-chunked.')
  return { ...bringer, headers, payload: new EnclosedPayload(bytes) }
}

/** A colon, a space and the end of the line. */
const FRAMING_BYTES = 4

/**
 * Where such a PUT would have been sent.
 *
 * @throws {@link S3Error} `InvalidURI`
 */
export const addressAlone = ({ bucket, host }: Address, { key, versionId }: EnclosedPut): Address =>
  address(bucket, key, Query.parse(`versionId=${encodeURIComponent(versionId)}`), host)

/**
 * What is said of a version by another store is believed under a signature alone, where there is one: of what stands in a
 * body, under that of the body.
 *
 * @throws {@link S3Error} `AccessDenied`
 */
export function checkBodySigned({ signature, payload: { mode } }: Bringer): void {
  if (signature === undefined || mode === 'hashed' || mode.startsWith('signed')) return
  throw new S3Error('AccessDenied', 'The signature does not cover the body of the request.')
}

/** Bytes that were verified with all that came around them. */
class EnclosedPayload implements Payload {
  readonly mode = 'unsigned'
  readonly sizeBytes: number
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.sizeBytes = bytes.byteLength
    this.#bytes = bytes
  }

  takeWhole(): Uint8Array {
    return this.#bytes
  }

  open(): OpenedPayload {
    const bytes = this.#bytes
    async function* body(): AsyncGenerator<Uint8Array> {
      yield bytes
    }
    return { body: body(), sizeBytes: this.sizeBytes }
  }

  openUnverified(): OpenedPayload {
    return this.open()
  }
}
