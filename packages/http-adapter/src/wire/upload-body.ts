import type { Integrity } from '@aquifer/engine'
import type { Call } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { readIntegrity } from './integrity.js'

/**
 * Opens the body of an upload together with what is known of it.
 *
 * @throws {@link S3Error} `MissingContentLength`, `InvalidRequest`
 */
export function openUpload({ payload, headers }: Call): {
  body: AsyncIterable<Uint8Array>
  integrity: Integrity
} {
  if (payload.sizeBytes === undefined)
    throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.')
  const opened = payload.open()
  return { body: opened.body, integrity: readIntegrity(headers, opened, payload.trailerName) }
}
