import { isEngineError } from '@aquifer/engine'
import { untoldBucket } from './events/told-bucket.js'
import { limits } from './limits.js'
import type { Call } from './operation.js'
import { S3Error } from './s3-error.js'

/**
 * S3 copies 5 GiB at a time; larger objects go in parts. Copies move no bytes here, yet what a client was told by S3
 * it is told by us.
 *
 * @param length Of the stretch that is copied, if not the whole.
 * @throws {@link S3Error} `InvalidRequest`
 */
export async function checkCopySourceSize(
  { engine, signal }: Call,
  { bucket, key, versionId }: { bucket: string; key: string; versionId?: string },
  length?: number,
): Promise<void> {
  const which = versionId === undefined ? {} : { versionId }
  const sizeBytes =
    length ?? (await findSize(untoldBucket({ engine }, bucket).head(key, { ...which, signal })))
  if (sizeBytes <= limits.uploadMaxBytes) return
  throw new S3Error(
    'InvalidRequest',
    `The specified copy source is larger than the maximum allowable size for a copy source: ${limits.uploadMaxBytes}`,
  )
}

/** What is wrong with the source is for the copy itself to say. */
async function findSize(found: Promise<{ readonly sizeBytes: number }>): Promise<number> {
  try {
    return (await found).sizeBytes
  } catch (error) {
    if (isEngineError(error)) return 0
    throw error
  }
}
