import type { StoredObject } from '@aquifer/engine'
import type { Call, Reply } from '../operation.js'
import { writeChecksumHeaders } from './checksums.js'
import { writeObjectHeaders } from './object-headers.js'
import { readResponseOverrides } from './response-overrides.js'

/** Status and headers of GET and HEAD alike. Checksums are of the whole object, and go with the whole only. */
export function writeReadReply(
  { headers, query, principal }: Call,
  { info, range }: Pick<StoredObject, 'info' | 'range'>,
): Reply {
  const isPart = query.has('partNumber')
  const wantsChecksum = headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED'
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...writeObjectHeaders(info),
      'content-length': String(range?.length ?? info.sizeBytes),
      ...(range === undefined || info.sizeBytes === 0
        ? {}
        : { 'content-range': `bytes ${range.offset}-${range.offset + range.length - 1}/${info.sizeBytes}` }),
      ...(isPart && info.partCount !== undefined ? { 'x-amz-mp-parts-count': String(info.partCount) } : {}),
      ...(wantsChecksum && range === undefined ? writeChecksumHeaders(info) : {}),
      ...readResponseOverrides(query, principal.anonymous),
    },
  }
}
