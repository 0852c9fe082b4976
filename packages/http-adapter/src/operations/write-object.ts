import type { ByteSource, Integrity, ObjectInfo, ReplicaOptions } from '@aquifer/engine'
import { toldBucket } from '../events/told-bucket.js'
import { expirationHeader } from '../lifecycle/lifecycle-headers.js'
import type { Call } from '../operation.js'
import { readAttributes } from '../wire/attributes.js'
import { writeChecksumHeaders } from '../wire/checksums.js'
import { readWriteConditions } from '../wire/conditions.js'
import { quoted } from '../wire/etags.js'
import { readBypass, readLockHeaders } from '../wire/object-lock.js'
import { isOfReplica, readReplica } from '../wire/replica.js'
import { refuseUnhonouredByWrite } from '../wire/unhonoured-headers.js'
import { writeVersionId } from '../wire/version-id.js'
import { etagKind } from './etag-kind.js'

export interface UploadedBody {
  readonly body: ByteSource
  readonly integrity: Integrity
}

/**
 * Stores what an upload brings, whichever way it comes: what is asked for is read, allowed and refused in one place.
 *
 * @param open Begins to read the body, once the client has been let in.
 */
export async function writeObject(call: Call, open: () => UploadedBody): Promise<ObjectInfo> {
  const { target, headers, principal, signal } = call
  refuseUnhonouredByWrite(call)
  const attributes = readAttributes(headers, principal.ownerId)
  // Another store has what checksums it has of a version, and vouches for its bytes as it does for the rest.
  const lock = readLockHeaders(call, { hasBody: !isOfReplica(headers) })
  const conditions = readWriteConditions(headers)
  const replica = await readReplicaOptions(call)
  const { body, integrity } = open()
  const name = call.posted === undefined ? undefined : 's3:ObjectCreated:Post'
  return toldBucket(call, name).put(target.key, body, {
    ...attributes,
    ...lock,
    ...conditions,
    ...integrity,
    ...etagKind(call),
    ...replica,
    signal,
  })
}

/** The version of another store that a request brings, in parts or whole. */
export async function readReplicaOptions(call: Call): Promise<ReplicaOptions> {
  const replica = readReplica(call)
  if (replica === undefined) return {}
  const { versionId } = replica
  return { replica, bypassGovernance: await readBypass(call, { key: call.target.key, versionId }) }
}

/** What every upload is answered with. */
export const writtenHeaders = (info: ObjectInfo): Record<string, string> => ({
  etag: quoted(info.etag),
  ...writeVersionId(info.versionId),
  ...writeChecksumHeaders(info),
  ...expirationHeader(info),
})
