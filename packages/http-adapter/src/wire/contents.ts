import type { Listed, ObjectSummary } from '@aquifer/engine'
import { checksumSummary } from './checksums.js'
import { xmlDate } from './dates.js'
import type { OwnerElement } from './owners.js'
import { storageClassText } from './storage-class.js'
import { element, escapeXml, text } from './xml-out.js'

interface ContentsOptions {
  readonly encode: (key: string) => string
  /** Absent where owners are not asked for. */
  readonly owners: OwnerElement | undefined
  /** What else is written of an object. */
  readonly more?: (info: ObjectSummary) => string
}

/** The `Contents` of a listing, then its `CommonPrefixes`, each in order. */
export function contents(
  entries: readonly Listed<ObjectSummary, 'object'>[],
  { encode, owners, more = () => '' }: ContentsOptions,
): string {
  const ownerElement = owners === undefined ? () => '' : remembering(owners)
  // One string that grows: joining pieces, or writing bytes one by one, measured slower.
  let xml = ''
  let commonPrefixes = ''
  for (const entry of entries) {
    if (entry.type === 'common-prefix') {
      commonPrefixes += element('CommonPrefixes', text('Prefix', encode(entry.prefix)))
      continue
    }
    const { info } = entry
    xml += `<Contents><Key>${escapeXml(encode(info.key))}</Key><LastModified>${xmlDate(info.lastModified)}</LastModified><ETag>&quot;${info.etag}&quot;</ETag>${checksumSummary(info.checksumAlgorithms, info.checksumType)}<Size>${info.sizeBytes}</Size>${ownerElement(info.ownerId)}<StorageClass>${storageClassText(info.storageClass)}</StorageClass>${more(info)}</Contents>`
  }
  return xml + commonPrefixes
}

/** Most objects of a page have the owner of the one before. */
function remembering(owners: OwnerElement): (ownerId: string | undefined) => string {
  let last: { ownerId: string | undefined; xml: string } | undefined
  return (ownerId) => {
    if (last === undefined || last.ownerId !== ownerId) last = { ownerId, xml: owners(ownerId) }
    return last.xml
  }
}

/** The owners of a page of objects. */
export function* ownerIdsOf(entries: readonly Listed<{ readonly ownerId?: string }, string>[]) {
  for (const entry of entries) if ('info' in entry) yield entry.info.ownerId
}
