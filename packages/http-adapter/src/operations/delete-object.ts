import type { Deleted } from '@aquifer/engine'
import type { Operation } from '../operation.js'
import { readDeleteConditions } from '../wire/conditions.js'
import { readBypass } from '../wire/object-lock.js'
import { refuseUnhonouredByDelete } from '../wire/unhonoured-headers.js'
import { readVersionId, writeVersionId } from '../wire/version-id.js'

export const deleteObject: Operation = async (call) => {
  const { engine, target, headers, query, signal } = call
  refuseUnhonouredByDelete(call)
  const version = readVersionId(query.get('versionId'))
  const conditions = readDeleteConditions(headers)
  const bypassGovernance =
    version.versionId !== undefined && (await readBypass(call, { key: target.key, ...version }))
  const deleted = await engine
    .bucket(target.bucket)
    .delete(target.key, { ...version, ...conditions, bypassGovernance, signal })
  return { status: 204, headers: headersOf(deleted) }
}

/** The version that was removed, or the delete marker that was made. */
const headersOf = ({ versionId, deleteMarker }: Deleted): Record<string, string> => ({
  ...writeVersionId(versionId ?? deleteMarker?.versionId),
  ...(deleteMarker === undefined ? {} : { 'x-amz-delete-marker': 'true' }),
})
