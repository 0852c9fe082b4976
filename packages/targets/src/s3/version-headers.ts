import {
  type ChecksumAlgorithm,
  type Checksums,
  type OutgoingVersion,
  ReplicationError,
  type Tags,
} from '@aquifer/engine'
import { escapeUri } from '../signing/sign-request.js'

type Headers = Record<string, string>

/** What every S3 server knows of; others are for our own. S3 itself makes a CRC64NVME of what comes without. */
const commonAlgorithms: readonly ChecksumAlgorithm[] = ['crc32c', 'crc32', 'sha256', 'sha1']

/** What is said of a version when it is written, but of its bytes, tags and locks. */
export function versionHeaders(version: OutgoingVersion): Headers {
  const { info, storageClass = info.storageClass } = version
  const headers: Headers = {}
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) headers[name] = asOneCharacterAByte(value, name)
  }
  add('content-type', info.contentType)
  add('content-encoding', info.contentEncoding)
  add('content-disposition', info.contentDisposition)
  add('content-language', info.contentLanguage)
  add('cache-control', info.cacheControl)
  add('expires', info.expires)
  add('x-amz-website-redirect-location', info.websiteRedirect)
  if (storageClass !== 'STANDARD') add('x-amz-storage-class', storageClass)
  return { ...headers, ...metadataHeaders(info.metadata) }
}

function metadataHeaders(metadata: Tags): Headers {
  const headers: [string, string][] = []
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) throw uncarried(`x-amz-meta-${name}`)
    const header = `x-amz-meta-${name.toLowerCase()}`
    // Sent as the UTF-8 that it is, as clients do.
    headers.push([header, asOneCharacterAByte(Buffer.from(value, 'utf8').toString('latin1'), header)])
  }
  return Object.fromEntries(headers)
}

/** Headers lose white space at their ends and have no line breaks; what would arrive otherwise than it is here is not sent. */
function asOneCharacterAByte(value: string, name: string): string {
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value) || /^[ \t]|[ \t]$/.test(value)) throw uncarried(name)
  return value
}

const uncarried = (name: string): ReplicationError =>
  new ReplicationError('Refused', `What the version has as ${JSON.stringify(name)} can be sent in no header.`)

export const taggingHeaders = (tags: Tags, escaped = escapeUri): Headers => {
  const text = Object.entries(tags)
    .map((tag) => tag.map(escaped).join('='))
    .join('&')
  return text === '' ? {} : { 'x-amz-tagging': text }
}

/** How the version is locked. A retention that has ended is news to nobody but a store that keeps the very same. */
export function lockHeaders({ info }: OutgoingVersion, { now }: { now?: Date } = {}): Headers {
  const { retention, legalHold } = info
  const isTold = retention !== undefined && (now === undefined || retention.retainUntil > now)
  return {
    ...(isTold && {
      'x-amz-object-lock-mode': retention.mode.toUpperCase(),
      'x-amz-object-lock-retain-until-date': retention.retainUntil.toISOString(),
    }),
    ...(legalHold !== undefined && { 'x-amz-object-lock-legal-hold': legalHold ? 'ON' : 'OFF' }),
  }
}

/** The one checksum to send with a body, and to be verified by. */
export function findChecksum(
  checksums: Checksums,
  { keepsVersionIds }: { keepsVersionIds: boolean },
): { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined {
  const there = Object.keys(checksums) as ChecksumAlgorithm[]
  const algorithm =
    commonAlgorithms.find((known) => checksums[known] !== undefined) ??
    (keepsVersionIds ? there.find((known) => checksums[known] !== undefined) : undefined)
  return algorithm === undefined ? undefined : { algorithm, value: checksums[algorithm]! }
}

export const checksumHeaders = (checksum: ReturnType<typeof findChecksum>): Headers =>
  checksum === undefined ? {} : { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value }

/** A plain object's ETag is its MD5, which the server can verify. */
export const md5Headers = (etag: string): Headers =>
  /^[0-9a-f]{32}$/.test(etag) ? { 'content-md5': Buffer.from(etag, 'hex').toString('base64') } : {}
