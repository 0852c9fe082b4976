import type { Listed, ObjectInfo } from '@aquifer/engine'
import type { Call } from '../operation.js'
import { checksumSummary } from './checksums.js'
import { xmlDate } from './dates.js'
import { storageClassText } from './storage-class.js'
import { element, escapeXml, text } from './xml-out.js'

interface ContentsOptions {
  readonly encode: (key: string) => string
  readonly withOwner: boolean
  readonly settings: Call['settings']
}

/** The `Contents` of a listing, then its `CommonPrefixes`, each in order. */
export function contents(
  entries: readonly Listed<ObjectInfo, 'object'>[],
  { encode, withOwner, settings }: ContentsOptions,
): string {
  const ownerElement = withOwner ? ownerElements(settings) : () => ''
  // One string that grows: joining pieces, or writing bytes one by one, measured slower.
  let xml = ''
  let commonPrefixes = ''
  for (const entry of entries) {
    if (entry.type === 'common-prefix') {
      commonPrefixes += element('CommonPrefixes', text('Prefix', encode(entry.prefix)))
      continue
    }
    const { info } = entry
    xml += `<Contents><Key>${escapeXml(encode(info.key))}</Key><LastModified>${xmlDate(info.lastModified)}</LastModified><ETag>&quot;${info.etag}&quot;</ETag>${checksumSummary(info)}<Size>${info.sizeBytes}</Size>${ownerElement(info.ownerId)}<StorageClass>${storageClassText(info.storageClass)}</StorageClass></Contents>`
  }
  return xml + commonPrefixes
}

/** Most objects of a page have the owner of the one before. */
function ownerElements(settings: Call['settings']): (ownerId: string | undefined) => string {
  let last: { ownerId: string | undefined; xml: string } | undefined
  return (ownerId) => {
    if (last === undefined || last.ownerId !== ownerId) last = { ownerId, xml: owner(ownerId, settings) }
    return last.xml
  }
}

/** Names are known of this server's own owner only. */
export function owner(ownerId: string | undefined, settings: Call['settings'], name = 'Owner'): string {
  const id = ownerId ?? settings.owner.id
  const displayName = id === settings.owner.id ? text('DisplayName', settings.owner.displayName) : ''
  return element(name, text('ID', id), displayName)
}
