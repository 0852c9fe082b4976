import type { ObjectInfo } from '@aquifer/engine'
import { expirationHeader } from '../lifecycle/lifecycle-headers.js'
import { httpDate } from './dates.js'
import { quoted } from './etags.js'
import { writeUserMetadata } from './user-metadata.js'

/** S3's own default, for objects stored without a type. */
const defaultContentType = 'binary/octet-stream'

/** The headers that GET and HEAD give of an object; length, range and checksums are the operation's. */
export function writeObjectHeaders(info: ObjectInfo): Record<string, string> {
  const headers: Record<string, string> = {
    'accept-ranges': 'bytes',
    'content-type': info.contentType ?? defaultContentType,
    etag: quoted(info.etag),
    'last-modified': httpDate(info.lastModified),
  }
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) headers[name] = value
  }
  add('x-amz-version-id', info.versionId)
  if (info.expiry !== undefined) Object.assign(headers, expirationHeader(info))
  add('content-encoding', info.contentEncoding)
  add('content-disposition', info.contentDisposition)
  add('content-language', info.contentLanguage)
  add('cache-control', info.cacheControl)
  add('expires', info.expires)
  add('x-amz-website-redirect-location', info.websiteRedirect)
  if (info.storageClass !== 'STANDARD') add('x-amz-storage-class', info.storageClass)
  add('x-amz-replication-status', info.replicationStatus?.toUpperCase())
  if (info.tagCount > 0) headers['x-amz-tagging-count'] = String(info.tagCount)
  const userMetadata = writeUserMetadata(info.metadata)
  Object.assign(headers, userMetadata.headers)
  if (userMetadata.missing > 0) headers['x-amz-missing-meta'] = String(userMetadata.missing)
  return headers
}
