import type { Call } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { readChecksumHeader } from './integrity.js'

/**
 * Some bodies are not taken on trust: Content-MD5 or a checksum, by header or by trailer, must be with them.
 *
 * @throws {@link S3Error} `InvalidRequest`
 */
export function requireDigest({ headers, payload }: Call, message = missing): void {
  if (headers.has('content-md5') || payload.trailerName !== undefined) return
  if (readChecksumHeader(headers) === undefined) throw new S3Error('InvalidRequest', message)
}

const missing = 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*'
