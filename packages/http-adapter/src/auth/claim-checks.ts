import { S3Error } from '../s3-error.js'
import { malformedHeader } from './authorization-header.js'
import { authLimits } from './limits.js'
import { malformedQuery } from './presigned-query.js'
import type { HeaderMap } from './request-headers.js'
import { formatIso } from './request-time.js'
import type { SignatureClaim } from './signature-claim.js'

export interface Accepted {
  readonly region: string
  readonly regions: ReadonlySet<string>
  readonly services: ReadonlySet<string>
}

/** SDKs read the right region from the answer and sign again. */
export function checkScope({ form, scope }: SignatureClaim, accepted: Accepted): void {
  const malformed = (what: string, elements?: Record<string, string>): S3Error =>
    form === 'header'
      ? malformedHeader(what, elements)
      : malformedQuery(`Error parsing the X-Amz-Credential parameter; ${what}`, elements)
  if (!accepted.services.has(scope.service)) {
    const [service] = accepted.services
    throw malformed(`incorrect service "${scope.service}". This endpoint belongs to "${service}".`)
  }
  if (!accepted.regions.has(scope.region)) {
    const error = malformed(`the region '${scope.region}' is wrong; expecting '${accepted.region}'`, {
      Region: accepted.region,
    })
    throw new S3Error(error.code, error.message, error.elements, { 'x-amz-bucket-region': accepted.region })
  }
}

export function checkTime({ time, timestamp, expiresSeconds }: SignatureClaim, now: number): void {
  if (expiresSeconds === undefined) {
    if (Math.abs(now - time) <= authLimits.clockSkewMaxMs) return
    throw new S3Error(
      'RequestTimeTooSkewed',
      "The difference between the request time and the server's time is too large.",
      {
        RequestTime: timestamp,
        ServerTime: formatIso(now),
        MaxAllowedSkewMilliseconds: String(authLimits.clockSkewMaxMs),
      },
    )
  }
  if (time - now > authLimits.clockSkewMaxMs)
    throw new S3Error('AccessDenied', 'Request is not valid yet', {
      'X-Amz-Date': timestamp,
      ServerTime: formatIso(now),
    })
  const expires = time + expiresSeconds * 1_000
  if (now >= expires)
    throw new S3Error('AccessDenied', 'Request has expired', {
      'X-Amz-Expires': String(expiresSeconds),
      Expires: formatIso(expires),
      ServerTime: formatIso(now),
    })
}

/** A header that S3 gives meaning to and nobody signed could have been put in on the way. */
export function checkHeadersSigned({ signedHeaders }: SignatureClaim, headers: HeaderMap): void {
  const signed = new Set(signedHeaders)
  const unsigned = [...headers.keys()].filter((name) => name.startsWith('x-amz-') && !signed.has(name))
  if (!signed.has('host')) unsigned.unshift('host')
  if (unsigned.length > 0)
    throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned.join(', '),
    })
}
