import type { Draft } from '../catalog/draft.js'
import { accessKeyKey, ownedKeyKey } from '../catalog/keys.js'
import { type AccessKeyRecord, encodeAccessKey } from '../catalog/records/access-key-record.js'
import type { AddAccessKeyOptions, NewAccessKey } from '../contract/identity.js'
import { entityAlreadyExists, invalidArgument } from '../errors.js'
import { checkAccessKeyId, checkLabel, checkSecret } from '../rules/identity-name.js'
import { parsePolicy } from '../rules/policy/parse-policy.js'
import { toAccessKeyInfo } from './access-key-info.js'
import { findAccessKeyRecord } from './entities.js'
import type { IdentityWorks } from './identity-works.js'
import { newAccessKeyId, newSecret } from './new-secret.js'
import type { KeySecretOf, Secret } from './sealing.js'

/** A key that a change adds: its rows are read with all else that the change rests on, and written with the rest. */
export interface AccessKeyPlan<T> {
  /** @throws {@link EngineError} `EntityAlreadyExists`, `SealingKeyMissing` */
  read(draft: Draft): Promise<(draft: Draft, owner: KeyOwner) => T>
}

export interface KeyOwner {
  readonly name: string
  readonly userId: string
}

/** @throws {@link EngineError} `InvalidArgument`, `MalformedPolicy` */
export function planAccessKey(
  works: IdentityWorks,
  { accessKeyId = newAccessKeyId(), secretAccessKey = newSecret(), ...options }: AddAccessKeyOptions,
): AccessKeyPlan<NewAccessKey> {
  const { policy, expiresAt, description } = options
  checkAccessKeyId(accessKeyId)
  checkSecret(secretAccessKey)
  if (policy !== undefined) parsePolicy(policy, 'session')
  if (description !== undefined) checkLabel('description', description)
  if (expiresAt !== undefined) checkExpiry(expiresAt, works.clock.now())
  return planKey(works, accessKeyId, { secretAccessKey }, (nowMs) => ({
    kind: policy === undefined ? 'user' : 'service',
    createdMs: nowMs,
    policies: [],
    ...(expiresAt === undefined ? {} : { expiresMs: expiresAt.getTime() }),
    ...(description === undefined ? {} : { description }),
    ...(policy === undefined ? {} : { ownPolicy: policy }),
  }))
}

type Facts = Omit<AccessKeyRecord, 'enabled' | 'userId' | 'user' | 'secretSetMs' | 'sealedSecret'>

/** Any key: its id is nobody's yet, and its secret is sealed. */
export function planKey(
  works: IdentityWorks,
  accessKeyId: string,
  secret: Secret,
  factsAt: (nowMs: number) => Facts,
): AccessKeyPlan<NewAccessKey> {
  return {
    async read(draft) {
      const isTaken =
        works.reserved.has(accessKeyId) || (await findAccessKeyRecord(draft, accessKeyId)) !== undefined
      if (isTaken) throw entityAlreadyExists('access key', accessKeyId)
      const sealing = await works.sealing.read(draft)
      return (writing, { name, userId }) => {
        const nowMs = works.clock.now()
        const of: KeySecretOf = { accessKeyId, userId }
        const record: AccessKeyRecord = {
          ...factsAt(nowMs),
          enabled: true,
          user: name,
          userId,
          secretSetMs: nowMs,
          sealedSecret: sealing.use(writing).seal(of, secret),
        }
        writing.put(accessKeyKey(accessKeyId), encodeAccessKey(record))
        writing.put(ownedKeyKey(Buffer.from(userId, 'hex'), accessKeyId), new Uint8Array())
        return {
          ...toAccessKeyInfo(accessKeyId, record, true),
          secretAccessKey: secret.secretAccessKey,
        }
      }
    },
  }
}

function checkExpiry(expiresAt: Date, nowMs: number): void {
  const ms = expiresAt.getTime()
  if (Number.isNaN(ms) || ms <= nowMs || ms >= 2 ** 48)
    throw invalidArgument('time to come', Number.isNaN(ms) ? 'Invalid Date' : expiresAt.toISOString())
}
