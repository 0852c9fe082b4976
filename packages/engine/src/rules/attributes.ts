import type { Attributes, Headers } from '../contract/object.js'
import { EngineError } from '../errors.js'
import { limits } from '../limits.js'
import { hasLoneSurrogate } from './key-name.js'
import { checkTags } from './tags.js'

const headerNames = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
  'expires',
  'storageClass',
  'websiteRedirect',
] as const satisfies readonly (keyof Headers)[]

/** The descriptive headers among a caller's options. */
export function headersOf(attributes: Headers): Headers {
  const headers: Headers = {}
  for (const name of headerNames) if (attributes[name] !== undefined) headers[name] = attributes[name]
  return headers
}

/**
 * User metadata counts by names and values together, as S3 counts it. The other bounds stand for the 8 KB that
 * S3 gives all of a request's headers. Source: S3 User Guide, "Working with object metadata".
 *
 * @throws {@link EngineError} `MetadataTooLarge`, `InvalidTag`.
 * @throws TypeError for what is no text, or no whole characters: it could not be given back as it came.
 */
export function checkAttributes(attributes: Attributes): void {
  if (attributes.tags !== undefined) checkTags(attributes.tags, 'object')
  let metadataBytes = 0
  for (const [name, value] of Object.entries(attributes.metadata ?? {})) {
    metadataBytes += bytesOf(name) + bytesOf(value)
  }
  check(metadataBytes, limits.metadataMaxBytes)
  let headerBytes = 0
  for (const name of headerNames) {
    const value = attributes[name]
    if (value === undefined) continue
    const sizeBytes = bytesOf(value)
    check(sizeBytes, limits.headerMaxBytes)
    headerBytes += sizeBytes
  }
  check(headerBytes, limits.headersMaxBytes)
  if (attributes.ownerId !== undefined) check(bytesOf(attributes.ownerId), limits.headerMaxBytes)
}

function bytesOf(text: string): number {
  if (typeof text !== 'string' || hasLoneSurrogate(text))
    throw new TypeError('An attribute is well-formed text.')
  return Buffer.byteLength(text)
}

function check(sizeBytes: number, maximumBytes: number): void {
  if (sizeBytes <= maximumBytes) return
  throw new EngineError(
    'MetadataTooLarge',
    `The attributes have ${sizeBytes} bytes where ${maximumBytes} are allowed.`,
    { sizeBytes, maximumBytes },
  )
}
