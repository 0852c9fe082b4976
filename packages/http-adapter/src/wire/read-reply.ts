import type { StoredObject } from '@aquifer/engine'
import type { Call, Reply } from '../operation.js'
import { writeChecksumHeaders } from './checksums.js'
import { writeObjectHeaders } from './object-headers.js'
import { writeLockHeaders } from './object-lock.js'
import { readResponseOverrides } from './response-overrides.js'

/** Status and headers of GET and HEAD alike. */
export async function writeReadReply(
  call: Call,
  { info, range, part }: Pick<StoredObject, 'info' | 'range' | 'part'>,
): Promise<Reply> {
  const headers = writeObjectHeaders(info)
  if (info.retention !== undefined || info.legalHold !== undefined)
    Object.assign(headers, await writeLockHeaders(call, info))
  if (info.tagCount > 0 && !(await mayReadTags(call))) delete headers['x-amz-tagging-count']
  headers['content-length'] = String(range?.length ?? info.sizeBytes)
  if (range !== undefined && info.sizeBytes > 0)
    headers['content-range'] = `bytes ${range.offset}-${range.offset + range.length - 1}/${info.sizeBytes}`
  if (info.partCount !== undefined && call.query.has('partNumber'))
    headers['x-amz-mp-parts-count'] = String(info.partCount)
  if (call.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED')
    Object.assign(headers, checksumHeaders(info, range, part))
  if (!call.query.isEmpty) Object.assign(headers, readResponseOverrides(call.query, call.principal.anonymous))
  return { status: range === undefined ? 200 : 206, headers }
}

function mayReadTags({ rights, target, query }: Call): boolean | Promise<boolean> {
  const versionId = query.get('versionId')
  return rights.may('s3:GetObjectTagging', versionId === undefined ? target : { ...target, versionId })
}

/** Of what the answer holds, if that has one: the whole object, or a part to its last byte. */
function checksumHeaders(
  info: StoredObject['info'],
  range: StoredObject['range'],
  part: StoredObject['part'],
): Record<string, string> {
  if (part !== undefined) return writeChecksumHeaders({ ...info, checksums: part.checksums })
  // A plain object is its own only part.
  const isWhole = range === undefined || (info.partCount === undefined && range.length === info.sizeBytes)
  return isWhole ? writeChecksumHeaders(info) : {}
}
