import type { EtagKind } from '@aquifer/engine'
import type { Call } from '../operation.js'

/** What is written in S3 Express mode has an ETag that is no MD5 of anything. Source: S3 User Guide, "Directory buckets". */
export const etagKind = ({ settings }: Call): EtagKind =>
  settings.profile === 'express' ? { etag: 'opaque' } : {}

export const quoted = (etag: string): string => `"${etag}"`

/** One ETag, without quotes and weakness. */
export const unquoted = (text: string): string => {
  const strong = text.trim().replace(/^W\//, '')
  return strong.length > 1 && strong.startsWith('"') && strong.endsWith('"') ? strong.slice(1, -1) : strong
}

/** A list as conditions hold it: ETags without quotes, separated by commas. */
export const unquotedList = (text: string): string => text.split(',').map(unquoted).join(',')
