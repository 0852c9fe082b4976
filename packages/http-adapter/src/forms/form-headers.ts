import { trimBlanks } from '../auth/request-headers.js'
import { invalidArgument, notImplementedHeader, S3Error } from '../s3-error.js'
import { readTagElements, writeTaggingHeader } from '../wire/tagging.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { malformedXml, parseXml } from '../wire/xml-in.js'

type Headers = ReadonlyMap<string, string>

/** Fields that mean what the header of the same name means. */
const PLAIN: ReadonlySet<string> = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-md5',
  'content-type',
  'expires',
  'x-amz-acl',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-storage-class',
  'x-amz-tagging',
  'x-amz-website-redirect-location',
])
const PLAIN_PREFIXES = [
  'x-amz-meta-',
  'x-amz-checksum-',
  'x-amz-object-lock-',
  // Refused by what reads them.
  'x-amz-grant-',
  'x-amz-server-side-encryption',
  'x-minio-',
]
/** Fields that have another name than their header. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['acl', 'x-amz-acl'],
  ['tagging', 'x-amz-tagging'],
  // Beside a checksum, it announces which.
  ['x-amz-checksum-algorithm', 'x-amz-sdk-checksum-algorithm'],
])
/** Fields that sign. */
const SIGNING: ReadonlySet<string> = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-signature',
])
/** Headers that speak of the request's body, which is the form. */
const OF_BODY = /^(?:content-|cache-control$|expires$)/
/** Headers that would describe the object if they came with a PUT. */
const OF_OBJECT =
  /^(?:content-md5$|x-minio-fanout-list$|x-amz-(?:meta|checksum|sdk-checksum|storage|website|write-offset)-)/

/**
 * The headers of a form upload as operations read them: what the form says of the object stands where a PUT would have
 * it, so that one path reads, refuses and honours both. Headers of the request that describe an object do not count,
 * since no policy covers them, and those that a client could take for honoured are refused.
 *
 * @throws {@link S3Error} `InvalidArgument`, `InvalidRequest`, `MalformedXML`, `NotImplemented`
 */
export function formHeaders(requestHeaders: Headers, fields: Headers): Headers {
  refuseUnhonoured(requestHeaders)
  const view = new Map<string, string>()
  for (const [name, value] of requestHeaders) {
    if (OF_OBJECT.test(name))
      throw new S3Error('InvalidRequest', `${name} is a field of the form, not a header of its request.`)
    if (!OF_BODY.test(name)) view.set(name, value)
  }
  for (const [field, value] of fields) {
    const name = headerOf(field)
    if (name === undefined) continue
    if (view.has(name)) throw invalidArgument(`The form says ${name} twice.`, field, value)
    view.set(name, field === 'tagging' ? readTagging(value) : headerText(field, value))
  }
  return view
}

function headerOf(field: string): string | undefined {
  const renamed = RENAMED.get(field)
  if (renamed !== undefined) return renamed
  if (PLAIN.has(field) || PLAIN_PREFIXES.some((prefix) => field.startsWith(prefix))) return field
  if (field.startsWith('x-amz-') && !SIGNING.has(field)) throw notImplementedHeader(field)
  return undefined
}

/** One character a byte, as headers arrive. What could not have come in a header is refused: it could not go out in one. */
export function headerText(field: string, value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that a header cannot hold.
  if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(field) || /[\x00-\x08\x0a-\x1f\x7f]/.test(value))
    throw invalidArgument(`The field "${field}" cannot be a header.`, field, value)
  return trimBlanks(Buffer.from(value, 'utf8').toString('latin1'))
}

/** A document here, a query there. */
function readTagging(xml: string): string {
  const tagSet = parseXml(Buffer.from(xml), 'Tagging').find('TagSet')
  if (tagSet === undefined) throw malformedXml()
  return writeTaggingHeader(readTagElements(tagSet.all('Tag')))
}
