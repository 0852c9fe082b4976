import { limits } from '../limits.js'
import { S3Error } from '../s3-error.js'
import type { AuthSettings } from './authenticate.js'
import { malformedHeader } from './authorization-header.js'
import { malformedQuery } from './presigned-query.js'
import type { HeaderMap } from './request-headers.js'
import { formatIso } from './request-time.js'
import type { SignatureClaim } from './signature-claim.js'

export interface Accepted {
  readonly region: string
  readonly regions: ReadonlySet<string>
  readonly services: ReadonlySet<string>
}

export function acceptedScopes(settings: AuthSettings): Accepted {
  const region = settings.region ?? 'us-east-1'
  return {
    region,
    regions: new Set([region, ...(settings.acceptedRegions ?? ['us-east-1', 'auto', ''])]),
    services: new Set(settings.services ?? ['s3']),
  }
}

/** SDKs read the right region from the answer and sign again. */
export function checkScope(
  { form, scope }: { form: SignatureClaim['form'] | 'post'; scope: SignatureClaim['scope'] },
  accepted: Accepted,
): void {
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
    checkSkew(time, timestamp, now)
    return
  }
  checkNotYet({ time, timestamp }, now)
  checkExpiry(time + expiresSeconds * 1_000, now, { 'X-Amz-Expires': String(expiresSeconds) })
}

/** What is signed for later cannot have been signed by a clock like ours. */
export function checkNotYet(
  { time, timestamp }: Pick<SignatureClaim, 'time' | 'timestamp'>,
  now: number,
): void {
  if (time - now <= limits.clockSkewMaxMs) return
  throw new S3Error('AccessDenied', 'Request is not valid yet', {
    'X-Amz-Date': timestamp,
    ServerTime: formatIso(now),
  })
}

export function checkSkew(time: number, timestamp: string, now: number): void {
  if (Math.abs(now - time) <= limits.clockSkewMaxMs) return
  throw new S3Error(
    'RequestTimeTooSkewed',
    "The difference between the request time and the server's time is too large.",
    {
      RequestTime: timestamp,
      ServerTime: formatIso(now),
      MaxAllowedSkewMilliseconds: String(limits.clockSkewMaxMs),
    },
  )
}

export function checkExpiry(expires: number, now: number, elements: Record<string, string> = {}): void {
  if (now < expires) return
  throw new S3Error('AccessDenied', 'Request has expired', {
    ...elements,
    Expires: formatIso(expires),
    ServerTime: formatIso(now),
  })
}

/** A header that S3 gives meaning to, or another store, and nobody signed could have been put in on the way. */
export function checkHeadersSigned({ signedHeaders }: SignatureClaim, headers: HeaderMap): void {
  const unsigned = signedHeaders.includes('host') ? [] : ['host']
  for (const name of headers.keys())
    if ((name.startsWith('x-amz-') || isOfStores(name)) && !signedHeaders.includes(name)) unsigned.push(name)
  if (unsigned.length > 0)
    throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned.join(', '),
    })
}

/** What only another store can say, and none of them signs by version 2, which does not cover such headers. */
export const isOfStores = (header: string): boolean => header.startsWith('x-minio-source-')
