import type { ReadConditions, WriteConditions } from '@aquifer/engine'
import { S3Error } from '../s3-error.js'
import { parseDate } from './dates.js'
import { unquoted, unquotedList } from './etags.js'

type HeaderView = ReadonlyMap<string, string>

/**
 * The four conditions of a read; `prefix` is `x-amz-copy-source-` for those on a copy's source. A date that cannot
 * be read is as if it had not been sent (RFC 9110 §13.1.3).
 */
export function readReadConditions(headers: HeaderView, prefix = ''): ReadConditions {
  const ifMatch = headers.get(`${prefix}if-match`)
  const ifNoneMatch = headers.get(`${prefix}if-none-match`)
  const modified = readDate(headers.get(`${prefix}if-modified-since`))
  const unmodified = readDate(headers.get(`${prefix}if-unmodified-since`))
  return {
    ...(ifMatch === undefined ? {} : { ifMatch: unquotedList(ifMatch) }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: unquotedList(ifNoneMatch) }),
    ...(modified === undefined ? {} : { ifModifiedSince: modified }),
    ...(unmodified === undefined ? {} : { ifUnmodifiedSince: unmodified }),
  }
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

const readDate = (value: string | undefined): Date | undefined =>
  value === undefined ? undefined : parseDate(value)
