import { type Address, findHostBucket } from './address.js'
import type { Authenticated } from './auth/authenticate.js'
import { BUCKET_SESSIONS } from './auth/find-claim.js'

/**
 * What a client means by a path that it writes wrongly. The AWS SDK for JavaScript (3.1169) puts one slash too many
 * behind a directory bucket that stands in the path: `/bucket//key`, and `/bucket//` for the bucket. In a presigned URL
 * whoever uses it does not tell which SDK made it; others write such a path for a key that begins with a slash alone.
 */
export function mendSdkPath(
  address: Address,
  { signature, form, headers }: Pick<Authenticated, 'signature' | 'form' | 'headers'>,
  domains: readonly string[],
): Address {
  // Given sessions by another than itself, the SDK signs what is in them for `s3`.
  const isOfDirectory = signature?.service === BUCKET_SESSIONS || headers.has('x-amz-s3session-token')
  if (!isOfDirectory || !address.key.startsWith('/')) return address
  const isSdk = form === 'query' || /^aws-sdk-js\//.test(headers.get('user-agent') ?? '')
  if (!isSdk || findHostBucket(address.host, domains) !== undefined) return address
  const key = address.key.slice(1)
  return { ...address, key, level: key === '' ? 'bucket' : 'object' }
}
