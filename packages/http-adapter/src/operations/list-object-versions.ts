import { isVersionId, type Listed, type VersionInfo } from '@aquifer/engine'
import type { Call, Operation } from '../operation.js'
import { invalidArgument } from '../s3-error.js'
import { algorithmsIn, checksumSummary } from '../wire/checksums.js'
import { ownerIdsOf } from '../wire/contents.js'
import { quoted } from '../wire/etags.js'
import { readListParameters } from '../wire/list-parameters.js'
import { asksForMetadata, describeObjects } from '../wire/listed-metadata.js'
import { type OwnerElement, ownersOf } from '../wire/owners.js'
import { storageClassText } from '../wire/storage-class.js'
import { date, element, optional, text, xmlDocument } from '../wire/xml-out.js'

export const listObjectVersions: Operation = async (call) => {
  const { engine, target, query, signal } = call
  const parameters = readListParameters(query, 'max-keys')
  const { prefix, delimiter, limit, encode } = parameters
  const keyMarker = query.get('key-marker') ?? ''
  const versionIdMarker = readVersionIdMarker(query, keyMarker)
  const page = await engine
    .bucket(target.bucket)
    .listVersions({
      prefix,
      delimiter,
      startAfter: keyMarker,
      ...(versionIdMarker === '' ? {} : { startAfterId: versionIdMarker }),
      limit,
      signal,
    })
    .page()
  const owners = await ownersOf(call, ownerIdsOf(page.entries))
  const more = asksForMetadata(call) ? await describeObjects(call, infosOf(page.entries)) : () => ''
  return {
    status: 200,
    body: xmlDocument(
      'ListVersionsResult',
      text('Name', target.bucket),
      text('Prefix', encode(prefix)),
      text('KeyMarker', encode(keyMarker)),
      text('VersionIdMarker', versionIdMarker),
      page.next === undefined ? '' : text('NextKeyMarker', encode(page.next.startAfter)),
      optional('NextVersionIdMarker', page.next?.startAfterId),
      text('MaxKeys', limit),
      delimiter === '' ? '' : text('Delimiter', encode(delimiter)),
      optional('EncodingType', parameters.encodingType),
      text('IsTruncated', page.next !== undefined),
      ...page.entries.map((entry) => entryElement(entry, { encode, owners, more })),
    ),
  }
}

/** @throws {@link S3Error} `InvalidArgument` */
function readVersionIdMarker(query: Call['query'], keyMarker: string): string {
  const marker = query.get('version-id-marker') ?? ''
  if (marker === '') return ''
  if (keyMarker === '')
    throw invalidArgument(
      'A version-id marker cannot be specified without a key marker.',
      'version-id-marker',
      undefined, // S3 shows no value here, though there is one.
    )
  if (!isVersionId(marker)) throw invalidArgument('Invalid version id specified', 'version-id-marker', marker)
  return marker
}

interface EntryOptions {
  readonly encode: (key: string) => string
  readonly owners: OwnerElement
  /** What is told of a version beside what every listing tells. */
  readonly more: (info: VersionInfo) => string
}

const infosOf = (entries: readonly Listed<VersionInfo, 'version'>[]): VersionInfo[] =>
  entries.flatMap((entry) => ('info' in entry ? [entry.info] : []))

/** Versions and delete markers one after the other, as they follow each other. */
function entryElement(entry: Listed<VersionInfo, 'version'>, { encode, owners, more }: EntryOptions): string {
  if (entry.type === 'common-prefix') return element('CommonPrefixes', text('Prefix', encode(entry.prefix)))
  const { info } = entry
  const name = [
    text('Key', encode(info.key)),
    text('VersionId', info.versionId),
    text('IsLatest', info.isLatest),
    date('LastModified', info.lastModified),
  ]
  if (info.isDeleteMarker) return element('DeleteMarker', ...name, owners(info.ownerId))
  return element(
    'Version',
    ...name,
    text('ETag', quoted(info.etag)),
    checksumSummary(algorithmsIn(info.checksums), info.checksumType),
    text('Size', info.sizeBytes),
    owners(info.ownerId),
    text('StorageClass', storageClassText(info.storageClass)),
    more(info),
  )
}
