import type { DeleteConditions, ReadConditions, WriteConditions } from '@aquifer/engine'
import { invalidArgument, notImplementedHeader, S3Error } from '../s3-error.js'
import { parseDate } from './dates.js'
import { unquoted, unquotedList } from './etags.js'
import { readInteger } from './integers.js'

type HeaderView = ReadonlyMap<string, string>

/**
 * The four conditions of a read; `prefix` is `x-amz-copy-source-` for those on a copy's source. A date that cannot
 * be read is as if it had not been sent (RFC 9110 §13.1.3).
 */
export function readReadConditions(headers: HeaderView, prefix = ''): ReadConditions {
  const conditions: ReadConditions = {}
  const ifMatch = headers.get(`${prefix}if-match`)
  if (ifMatch !== undefined) conditions.ifMatch = unquotedList(ifMatch)
  const ifNoneMatch = headers.get(`${prefix}if-none-match`)
  if (ifNoneMatch !== undefined) conditions.ifNoneMatch = unquotedList(ifNoneMatch)
  const modified = readDate(headers.get(`${prefix}if-modified-since`))
  if (modified !== undefined) conditions.ifModifiedSince = modified
  const unmodified = readDate(headers.get(`${prefix}if-unmodified-since`))
  if (unmodified !== undefined) conditions.ifUnmodifiedSince = unmodified
  return conditions
}

/**
 * The two conditions of a write. S3 takes one of them at a time, and `*` alone in If-None-Match.
 *
 * @throws {@link S3Error} `NotImplemented`
 */
export function readWriteConditions(headers: HeaderView): WriteConditions {
  const ifMatch = headers.get('if-match')
  const ifNoneMatch = headers.get('if-none-match')
  if (ifNoneMatch !== undefined && (ifMatch !== undefined || unquoted(ifNoneMatch) !== '*'))
    throw new S3Error(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      {
        Header: 'If-None-Match',
        additionalMessage: "We don't accept the provided value of If-None-Match header for this API",
      },
    )
  return {
    ...(ifMatch === undefined ? {} : { ifMatch: unquoted(ifMatch) }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: '*' }),
  }
}

/**
 * The conditions of a delete. Those on time and size are of directory buckets, and refused elsewhere before this.
 *
 * @throws {@link S3Error} `NotImplemented`, `InvalidArgument`
 */
export function readDeleteConditions(headers: HeaderView): DeleteConditions {
  if (headers.has('if-none-match')) throw notImplementedHeader('If-None-Match')
  return {
    ...readWriteConditions(headers),
    ...readTimeAndSize(headers.get(timeHeader) || undefined, headers.get(sizeHeader) || undefined),
  }
}

const timeHeader = 'x-amz-if-match-last-modified-time'
const sizeHeader = 'x-amz-if-match-size'

/** In headers or in a document: a condition that cannot be read is not one that holds. */
export function readTimeAndSize(time: string | undefined, size: string | undefined): DeleteConditions {
  const ifLastModified = time === undefined ? undefined : parseDate(time)
  if (time !== undefined && ifLastModified === undefined)
    throw invalidArgument('The time must be a date.', timeHeader, time)
  const ifSizeBytes = readInteger(size, sizeHeader, { minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
  return {
    ...(ifLastModified === undefined ? {} : { ifLastModified }),
    ...(ifSizeBytes === undefined ? {} : { ifSizeBytes }),
  }
}

const readDate = (value: string | undefined): Date | undefined =>
  value === undefined ? undefined : parseDate(value)
