import type { Attributes } from '@aquifer/engine'
import { S3Error } from '../s3-error.js'
import { readStorageClass } from './storage-class.js'
import { readTaggingHeader } from './tagging.js'
import { readUserMetadata } from './user-metadata.js'

type HeaderView = ReadonlyMap<string, string>

/**
 * What a request says of the object it writes. Descriptive headers are kept exactly as given; `Expires` need not
 * even be a date.
 */
export function readAttributes(headers: HeaderView, ownerId: string): Attributes {
  return {
    ...optional('contentType', headers.get('content-type')),
    ...optional('contentEncoding', headers.get('content-encoding')),
    ...optional('contentDisposition', headers.get('content-disposition')),
    ...optional('contentLanguage', headers.get('content-language')),
    ...optional('cacheControl', headers.get('cache-control')),
    ...optional('expires', headers.get('expires')),
    ...optional('storageClass', readStorageClass(headers)),
    ...optional('websiteRedirect', readWebsiteRedirect(headers)),
    ...optional('tags', readTaggingHeader(headers)),
    metadata: readUserMetadata(headers),
    ownerId,
  }
}

/** @throws {@link S3Error} `InvalidRedirectLocation` */
export function readWebsiteRedirect(headers: HeaderView): string | undefined {
  const location = headers.get('x-amz-website-redirect-location')
  if (location === undefined || /^(?:\/|https?:\/\/)/.test(location)) return location
  throw new S3Error(
    'InvalidRedirectLocation',
    "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
  )
}

const optional = <K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined || value === '' ? {} : ({ [name]: value } as { [P in K]?: V })
