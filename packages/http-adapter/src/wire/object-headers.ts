import type { ObjectInfo } from '@aquifer/engine'
import { httpDate } from './dates.js'
import { quoted } from './etags.js'
import { writeUserMetadata } from './user-metadata.js'
import { writeVersionId } from './version-id.js'

/** S3's own default, for objects stored without a type. */
const defaultContentType = 'binary/octet-stream'

/** The headers that GET and HEAD give of an object; length, range and checksums are the operation's. */
export function writeObjectHeaders(info: ObjectInfo): Record<string, string> {
  const { headers: userMetadata, missing } = writeUserMetadata(info.metadata)
  return {
    'accept-ranges': 'bytes',
    'content-type': info.contentType ?? defaultContentType,
    etag: quoted(info.etag),
    'last-modified': httpDate(info.lastModified),
    ...writeVersionId(info.versionId),
    ...header('content-encoding', info.contentEncoding),
    ...header('content-disposition', info.contentDisposition),
    ...header('content-language', info.contentLanguage),
    ...header('cache-control', info.cacheControl),
    ...header('expires', info.expires),
    ...header('x-amz-website-redirect-location', info.websiteRedirect),
    ...(info.storageClass === 'STANDARD' ? {} : header('x-amz-storage-class', info.storageClass)),
    ...(info.tagCount === 0 ? {} : { 'x-amz-tagging-count': String(info.tagCount) }),
    ...userMetadata,
    ...(missing === 0 ? {} : { 'x-amz-missing-meta': String(missing) }),
  }
}

const header = (name: string, value: string | undefined): Record<string, string> =>
  value === undefined ? {} : { [name]: value }
