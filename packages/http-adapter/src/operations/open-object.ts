import { type Bucket, type GetOptions, isEngineError, type StoredObject } from '@aquifer/engine'
import type { Call } from '../operation.js'
import { parseDate } from '../wire/dates.js'
import { unquoted } from '../wire/etags.js'

/**
 * Opens an object as GET and HEAD want it. If-Range asks for the range only while the object is the one the client
 * has a part of, and for the whole of it otherwise (RFC 9110 §13.1.5).
 */
export async function openObject(call: Call, options: GetOptions): Promise<StoredObject> {
  const bucket = call.engine.bucket(call.target.bucket)
  const ifRange = call.headers.get('if-range')
  if (ifRange === undefined || options.range === undefined) return bucket.get(call.target.key, options)
  return (
    (await openIfSame(bucket, call.target.key, options, ifRange)) ??
    bucket.get(call.target.key, whole(options))
  )
}

async function openIfSame(
  bucket: Bucket,
  key: string,
  options: GetOptions,
  ifRange: string,
): Promise<StoredObject | undefined> {
  const date = parseDate(ifRange)
  const same = date === undefined ? { ifMatch: unquoted(ifRange) } : { ifUnmodifiedSince: date }
  try {
    return await bucket.get(key, { ...options, ...same })
  } catch (error) {
    // Either the object has changed or a condition of the client's own failed: the second reading tells which.
    if (isEngineError(error, 'PreconditionFailed')) return undefined
    throw error
  }
}

function whole({ range: _, ...options }: GetOptions): GetOptions {
  return options
}
