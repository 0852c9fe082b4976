import { createHash } from 'node:crypto'
import type { Draft } from '../catalog/draft.js'
import type { AssumeRoleOptions, SessionOf, TemporaryCredentials } from '../contract/identity.js'
import { invalidArgument, noSuchEntity } from '../errors.js'
import { limits } from '../limits.js'
import { parsePolicy } from '../rules/policy/parse-policy.js'
import { withPolicy } from './attachments.js'
import { isBuiltIn } from './built-in-policies.js'
import { findAccessKeyRecord, findPolicy, getUser } from './entities.js'
import type { IdentityWorks } from './identity-works.js'
import { addTemporaryKey, denied, type SessionOwner } from './temporary-key.js'

/** @see STS API Reference, AssumeRole and AssumeRoleWithWebIdentity. */
export function assumeRole(works: IdentityWorks, options: AssumeRoleOptions): Promise<TemporaryCredentials> {
  const { durationSeconds = limits.sessionDefaultSeconds, policy } = options
  checkDuration(durationSeconds)
  if (policy !== undefined) parsePolicy(policy, 'session')
  return addTemporaryKey(works, {
    durationSeconds,
    ownPolicy: policy,
    ownerIn: (draft) =>
      'user' in options
        ? sessionOfUser(works, draft, options)
        : sessionOfStranger(draft, options.webIdentity),
  })
}

async function sessionOfUser(
  works: IdentityWorks,
  draft: Draft,
  { user: name, accessKeyId }: Extract<SessionOf, { user: string }>,
): Promise<SessionOwner> {
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
): Promise<SessionOwner> {
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
