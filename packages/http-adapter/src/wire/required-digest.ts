import type { Call } from '../operation.js'
import { S3Error } from '../s3-error.js'
import type { S3Code } from '../status.js'
import { readChecksumHeader } from './integrity.js'

/**
 * Some bodies are not taken on trust: Content-MD5 or a checksum, by header or by trailer, must be with them.
 *
 * @param code What AIStor and S3 call it, which is not the same everywhere.
 * @throws {@link S3Error}
 */
export function requireDigest(
  { headers, payload }: Call,
  message = missing,
  code: S3Code = 'InvalidRequest',
): void {
  if (headers.has('content-md5') || payload.trailerName !== undefined) return
  if (readChecksumHeader(headers) === undefined) throw new S3Error(code, message)
}

const missing = 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*'
