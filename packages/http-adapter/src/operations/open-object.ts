import {
  type EventName,
  type GetOptions,
  isEngineError,
  type ObjectInfo,
  type StoredObject,
} from '@aquifer/engine'
import { toldBucket, untoldBucket } from '../events/told-bucket.js'
import type { Call } from '../operation.js'
import { parseDate } from '../wire/dates.js'
import { unquoted } from '../wire/etags.js'

/**
 * Opens an object as GET and HEAD want it. If-Range asks for the range only while the object is the one the client
 * has a part of, and for the whole of it otherwise (RFC 9110 §13.1.5).
 */
export async function openObject(call: Call, options: GetOptions, name?: EventName): Promise<StoredObject> {
  const { key } = call.target
  const bucket = toldBucket(call, name)
  const ifRange = call.headers.get('if-range')
  if (ifRange === undefined || options.range === undefined) return bucket.get(key, options)
  const { range, versionId, ...rest } = options
  const which = versionId === undefined ? {} : { versionId }
  const whole = { ...rest, ...which }
  const info = await untoldBucket(call, call.target.bucket).head(key, whole)
  if (!isSame(ifRange, info)) return bucket.get(key, whole)
  try {
    return await bucket.get(key, { ...which, range, ifMatch: info.etag, signal: call.signal })
  } catch (error) {
    // Overwritten a moment ago: it is no longer what the client has a part of.
    if (isEngineError(error, 'PreconditionFailed')) return bucket.get(key, whole)
    throw error
  }
}

function isSame(ifRange: string, { etag, lastModified }: ObjectInfo): boolean {
  const date = parseDate(ifRange)
  if (date === undefined) return unquoted(ifRange) === etag
  return date.getTime() === Math.floor(lastModified.getTime() / 1_000) * 1_000
}
