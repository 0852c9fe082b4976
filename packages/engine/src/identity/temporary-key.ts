import type { Draft } from '../catalog/draft.js'
import { afterAllUnder, ownedKeysOf } from '../catalog/keys.js'
import type { AccessKeyRecord } from '../catalog/records/access-key-record.js'
import { commit } from '../commit/commit.js'
import type { TemporaryCredentials } from '../contract/identity.js'
import { EngineError, limitExceeded } from '../errors.js'
import { limits } from '../limits.js'
import type { IdentityWorks } from './identity-works.js'
import { newAccessKeyId, newSecret, newSessionToken } from './new-secret.js'
import { planKey } from './plan-access-key.js'

/** Whose session it is, and with what rights. */
export interface SessionOwner {
  readonly name: string
  readonly userId: string
  readonly facts: Pick<AccessKeyRecord, 'policies' | 'parentKey' | 'federation' | 'actsFor'>
  /** When the key that it was asked for with ends. */
  readonly endsMs?: number
}

export interface NewSession {
  readonly durationSeconds: number
  /** What narrows it: JSON. */
  readonly ownPolicy?: string | undefined
  /** @throws what refuses the session. */
  ownerIn(draft: Draft): Promise<SessionOwner>
}

/** A key with a token and an end, which is removed some time after it. */
export function addTemporaryKey(
  works: IdentityWorks,
  { durationSeconds, ownPolicy, ownerIn }: NewSession,
): Promise<TemporaryCredentials> {
  const accessKeyId = newAccessKeyId(true)
  const secret = { secretAccessKey: newSecret(), sessionToken: newSessionToken() }
  // No turn: sessions share no row that they write, and many may begin in one group of commits.
  return commit(works, {
    turns: [],
    read: async (draft) => {
      const owner = await ownerIn(draft)
      await checkSessionCount(works, owner.userId)
      const nowMs = works.clock.now()
      const expiresMs = Math.min(nowMs + durationSeconds * 1_000, owner.endsMs ?? Number.POSITIVE_INFINITY)
      const plan = planKey(works, accessKeyId, secret, () => ({
        kind: 'temporary',
        createdMs: nowMs,
        expiresMs,
        ...owner.facts,
        ...(ownPolicy === undefined ? {} : { ownPolicy }),
      }))
      return { owner, expiresMs, addKey: await plan.read(draft) }
    },
    decide: ({ owner, expiresMs, addKey }, draft) => {
      // It is refused from its end on. That it has ended, and was not never there, can be told a while longer.
      const keptSeconds = Math.min(durationSeconds, limits.sessionKeptSeconds)
      draft.defer(expiresMs + keptSeconds * 1_000, works.ids.next(), { kind: 'temporary-key', accessKeyId })
      return {
        ...addKey(draft, owner),
        expiresAt: new Date(expiresMs),
        sessionToken: secret.sessionToken,
      }
    },
  })
}

/** Not part of what the commit checks: some that begin at once may be more by as many. */
async function checkSessionCount({ kv }: IdentityWorks, userId: string): Promise<void> {
  const maximum = limits.accessKeysOfUserMax + limits.sessionsOfUserMax
  const family = ownedKeysOf(Buffer.from(userId, 'hex'))
  const { rows } = await kv.scan({ from: family, to: afterAllUnder(family), limit: maximum })
  if (rows.length >= maximum) throw limitExceeded('sessions of one user at a time', limits.sessionsOfUserMax)
}

export const denied = (message: string): EngineError<'AccessDenied'> =>
  new EngineError('AccessDenied', message, {})
