import { createHash } from 'node:crypto'
import type { Draft } from '../catalog/draft.js'
import { afterAllUnder, ownedKeysOf } from '../catalog/keys.js'
import type { AccessKeyRecord } from '../catalog/records/access-key-record.js'
import { commit } from '../commit/commit.js'
import type { AssumeRoleOptions, SessionOf, TemporaryCredentials } from '../contract/identity.js'
import { EngineError, invalidArgument, limitExceeded, noSuchEntity } from '../errors.js'
import { limits } from '../limits.js'
import { parsePolicy } from '../rules/policy/parse-policy.js'
import { withPolicy } from './attachments.js'
import { isBuiltIn } from './built-in-policies.js'
import { findAccessKeyRecord, findPolicy, getUser } from './entities.js'
import type { IdentityWorks } from './identity-works.js'
import { newAccessKeyId, newSecret, newSessionToken } from './new-secret.js'
import { planKey } from './plan-access-key.js'

/** @see STS API Reference, AssumeRole and AssumeRoleWithWebIdentity. */
export function assumeRole(works: IdentityWorks, options: AssumeRoleOptions): Promise<TemporaryCredentials> {
  const { durationSeconds = limits.sessionDefaultSeconds, policy } = options
  checkDuration(durationSeconds)
  if (policy !== undefined) parsePolicy(policy, 'session')
  const accessKeyId = newAccessKeyId(true)
  const secret = { secretAccessKey: newSecret(), sessionToken: newSessionToken() }
  // No turn: sessions share no row that they write, and many may begin in one group of commits.
  return commit(works, {
    turns: [],
    read: async (draft) => {
      const session = await ('user' in options
        ? sessionOfUser(works, draft, options)
        : sessionOfStranger(draft, options.webIdentity))
      await checkSessionCount(works, session.userId)
      const nowMs = works.clock.now()
      const expiresMs = Math.min(nowMs + durationSeconds * 1_000, session.endsMs ?? Number.POSITIVE_INFINITY)
      const plan = planKey(works, accessKeyId, secret, () => ({
        kind: 'temporary',
        createdMs: nowMs,
        expiresMs,
        ...session.facts,
        ...(policy === undefined ? {} : { ownPolicy: policy }),
      }))
      return { session, expiresMs, addKey: await plan.read(draft) }
    },
    decide: ({ session, expiresMs, addKey }, draft) => {
      draft.defer(expiresMs, works.ids.next(), { kind: 'temporary-key', accessKeyId })
      return {
        ...addKey(draft, session),
        expiresAt: new Date(expiresMs),
        sessionToken: secret.sessionToken,
      }
    },
  })
}

interface Session {
  readonly name: string
  readonly userId: string
  readonly facts: Pick<AccessKeyRecord, 'policies' | 'parentKey' | 'federation'>
  /** When the key that it was asked for with ends. */
  readonly endsMs?: number
}

async function sessionOfUser(
  works: IdentityWorks,
  draft: Draft,
  { user: name, accessKeyId }: Extract<SessionOf, { user: string }>,
): Promise<Session> {
  const { record } = await getUser(draft, name)
  const { userId } = record
  if (!record.enabled) throw denied(`The user "${name}" is not enabled.`)
  if (accessKeyId === undefined) return { name, userId, facts: { policies: [] } }
  const parent = await findAccessKeyRecord(draft, accessKeyId)
  if (parent === undefined || parent.record.userId !== userId) throw noSuchEntity('access key', accessKeyId)
  const { kind, enabled, expiresMs, secretSetMs } = parent.record
  if (kind !== 'user') throw denied('A service key or a session cannot begin a session.')
  if (!enabled || (expiresMs !== undefined && expiresMs <= works.clock.now()))
    throw denied(`The access key "${accessKeyId}" has expired or is not enabled.`)
  return {
    name,
    userId,
    facts: { policies: [], parentKey: { accessKeyId, secretSetMs } },
    ...(expiresMs === undefined ? {} : { endsMs: expiresMs }),
  }
}

async function sessionOfStranger(
  draft: Draft,
  { issuer, subject, policies }: Extract<SessionOf, { webIdentity: object }>['webIdentity'],
): Promise<Session> {
  if (!/^[^#\s]{1,256}$/.test(issuer)) throw invalidArgument('issuer', issuer)
  if (subject === '' || subject.length > limits.subjectMaxChars) throw invalidArgument('subject', subject)
  const named = policies.reduce<readonly string[]>(withPolicy, [])
  for (const policy of named)
    if (!isBuiltIn(policy) && (await findPolicy(draft, policy)) === undefined)
      throw noSuchEntity('policy', policy)
  return {
    // No user and no principal of a bucket's policy can be called so by accident.
    name: `${issuer}#${subject}`,
    userId: createHash('sha256').update(`aquifer web identity\0${issuer}\0${subject}`).digest('hex'),
    facts: { policies: named, federation: { issuer, subject } },
  }
}

function checkDuration(seconds: number): void {
  const { sessionMinSeconds, sessionMaxSeconds } = limits
  if (!Number.isInteger(seconds) || seconds < sessionMinSeconds || seconds > sessionMaxSeconds)
    throw invalidArgument(
      `duration from ${sessionMinSeconds} to ${sessionMaxSeconds} seconds`,
      String(seconds),
    )
}

/** Not part of what the commit checks: some that begin at once may be more by as many. */
async function checkSessionCount({ kv }: IdentityWorks, userId: string): Promise<void> {
  const maximum = limits.accessKeysOfUserMax + limits.sessionsOfUserMax
  const family = ownedKeysOf(Buffer.from(userId, 'hex'))
  const { rows } = await kv.scan({ from: family, to: afterAllUnder(family), limit: maximum })
  if (rows.length >= maximum) throw limitExceeded('sessions of one user at a time', limits.sessionsOfUserMax)
}

const denied = (message: string): EngineError<'AccessDenied'> => new EngineError('AccessDenied', message, {})
