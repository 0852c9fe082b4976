import type { ByteSource, Integrity } from '@aquifer/engine'
import type { Call } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { readIntegrity } from './integrity.js'

/**
 * Opens the body of an upload together with what is known of it. One that is all here is given as bytes: of small
 * uploads the streams, each around the next, took more time than all else of the adapter. The SHA-256 that a signature
 * names of a larger one is the engine's to verify, with its other digests.
 *
 * @throws {@link S3Error} `MissingContentLength`, `InvalidRequest`, `XAmzContentSHA256Mismatch`
 */
export function openUpload({ payload, headers }: Call): {
  body: ByteSource
  integrity: Integrity
} {
  if (payload.sizeBytes === undefined)
    throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.')
  const whole = payload.takeWhole?.()
  if (whole !== undefined)
    return { body: whole, integrity: readIntegrity(headers, { sizeBytes: payload.sizeBytes }, undefined) }
  const { sha256, ...opened } = payload.openUnverified()
  const integrity = readIntegrity(headers, opened, payload.trailerName)
  return {
    body: opened.body,
    integrity: { ...integrity, ...(sha256 === undefined ? {} : { contentSha256: sha256 }) },
  }
}
