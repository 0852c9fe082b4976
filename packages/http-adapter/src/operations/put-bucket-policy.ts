import { limits } from '../limits.js'
import type { Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { readSmallBody } from '../wire/xml-body.js'

/** S3 keeps the document as it came, so it is stored as text and no byte of it may be lost. */
export const putBucketPolicy: Operation = async (call) => {
  const { engine, target, headers, payload, signal } = call
  refuseUnhonoured(headers)
  if (payload.sizeBytes === undefined)
    throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.')
  if (payload.sizeBytes > limits.xmlMaxBytes)
    throw new S3Error('PolicyTooLarge', 'Policies may have 20 KiB at most.')
  const policy = decodeUtf8(await readSmallBody(call))
  await engine.bucket(target.bucket).setConfiguration('policy', policy, { signal })
  return { status: 204 }
}

function decodeUtf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    throw new S3Error('MalformedPolicy', 'Policies must be valid JSON, which is UTF-8.')
  }
}
