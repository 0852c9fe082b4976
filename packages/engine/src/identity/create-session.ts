import { createHash } from 'node:crypto'
import type { Draft } from '../catalog/draft.js'
import { getBucket } from '../catalog/find.js'
import type { CreateSessionOptions, Principal, TemporaryCredentials } from '../contract/identity.js'
import { noSuchEntity } from '../errors.js'
import { limits } from '../limits.js'
import { sessionPolicy } from '../rules/bucket-session.js'
import { findAccessKeyRecord, getUser } from './entities.js'
import type { IdentityWorks } from './identity-works.js'
import { addTemporaryKey, denied, type SessionOwner } from './temporary-key.js'

/** @see S3 API Reference, CreateSession. */
export function createSession(
  works: IdentityWorks,
  of: Principal,
  { bucket, mode = 'read-write', isToBeMade = false }: CreateSessionOptions,
): Promise<TemporaryCredentials> {
  return addTemporaryKey(works, {
    durationSeconds: limits.bucketSessionSeconds,
    ownPolicy: sessionPolicy(bucket, mode),
    ownerIn: async (draft) => {
      if (!isToBeMade) await getBucket(draft, bucket)
      return ownerOf(works, draft, of)
    },
  })
}

async function ownerOf(works: IdentityWorks, draft: Draft, of: Principal): Promise<SessionOwner> {
  const { kind, id, name, accessKeyId, keyKind } = of
  if (kind === 'anonymous') throw denied('Who is anonymous begins no session.')
  if (kind === 'root') {
    // No other session is root's.
    if (keyKind !== undefined) throw ofSession()
    return { name: id, userId: ownerIdOfRoot(id), facts: { policies: [], actsFor: 'root' } }
  }
  if (accessKeyId === undefined) {
    const { record } = await getUser(draft, name)
    if (!record.enabled) throw denied(`The user "${name}" is not enabled.`)
    return { name, userId: record.userId, facts: { policies: [] } }
  }
  const parent = (await findAccessKeyRecord(draft, accessKeyId))?.record
  if (parent === undefined || parent.userId !== id) throw noSuchEntity('access key', accessKeyId)
  const { user, userId, enabled, expiresMs, secretSetMs, actsFor } = parent
  if (actsFor !== undefined) throw ofSession()
  if (!enabled || (expiresMs !== undefined && expiresMs <= works.clock.now()))
    throw denied(`The access key "${accessKeyId}" has expired or is not enabled.`)
  return {
    name: user,
    userId,
    facts: { policies: [], actsFor: 'parent-key', parentKey: { accessKeyId, secretSetMs } },
    ...(expiresMs === undefined ? {} : { endsMs: expiresMs }),
  }
}

/** Root's own id is whatever the front end calls it. */
const ownerIdOfRoot = (id: string): string => createHash('sha256').update(`aquifer root\0${id}`).digest('hex')

const ofSession = () => denied('A session of a bucket begins no other session.')
