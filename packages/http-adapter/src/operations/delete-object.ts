import type { Deleted } from '@aquifer/engine'
import { toldBucket } from '../events/told-bucket.js'
import type { Operation } from '../operation.js'
import { readDeleteConditions } from '../wire/conditions.js'
import { readBypass } from '../wire/object-lock.js'
import { readReplicaRemoval } from '../wire/replica.js'
import { refuseUnhonouredByDelete } from '../wire/unhonoured-headers.js'
import { readVersionId, writeVersionId } from '../wire/version-id.js'

export const deleteObject: Operation = async (call) => {
  const { target, headers, query, signal } = call
  refuseUnhonouredByDelete(call)
  const version = readVersionId(query.get('versionId'))
  const conditions = readDeleteConditions(headers)
  const replica = readReplicaRemoval(call)
  const bypassGovernance =
    version.versionId !== undefined && (await readBypass(call, { key: target.key, ...version }))
  const deleted = await toldBucket(call).delete(target.key, {
    ...version,
    ...conditions,
    bypassGovernance,
    ...(replica && { replica }),
    signal,
  })
  return { status: 204, headers: headersOf(deleted) }
}

/** The version that was removed, or the delete marker that was made. */
const headersOf = ({ versionId, deleteMarker }: Deleted): Record<string, string> => ({
  ...writeVersionId(versionId ?? deleteMarker?.versionId),
  ...(deleteMarker === undefined ? {} : { 'x-amz-delete-marker': 'true' }),
})
