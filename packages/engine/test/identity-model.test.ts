import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { Engine, isEngineError } from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { assertInvariants, seededRandom } from '@aquifer/engine/testing'

const seed = Number(process.env.AQUIFER_SEED ?? Date.now() % 1_000_000)
const steps = Number(process.env.STEPS ?? 1_500)

interface User {
  id: string
  enabled: boolean
  policies: Set<string>
  groups: Set<string>
}

interface Key {
  user: string
  userId: string
  secret: string
  enabled: boolean
  isTemporary: boolean
  parent?: { accessKeyId: string; secret: string }
}

/** What an engine's identities ought to be, in maps. */
class Model {
  readonly users = new Map<string, User>()
  readonly groups = new Map<string, Set<string>>()
  readonly policies = new Map<string, string>()
  readonly keys = new Map<string, Key>()

  holds(policy: string): boolean {
    const holders = [...this.users.values()].map(({ policies }) => policies)
    return [...holders, ...this.groups.values()].some((policies) => policies.has(policy))
  }

  hasMembers(group: string): boolean {
    return [...this.users.values()].some(({ groups }) => groups.has(group))
  }

  /** The secret of a key that may be used. */
  usable(accessKeyId: string): string | undefined {
    const key = this.keys.get(accessKeyId)
    const user = key && this.users.get(key.user)
    if (key?.enabled !== true || user?.enabled !== true || user.id !== key.userId) return undefined
    const parent = key.parent && this.keys.get(key.parent.accessKeyId)
    if (key.parent && (parent?.enabled !== true || parent.secret !== key.parent.secret)) return undefined
    return key.secret
  }

  /** Policies name the bucket they allow. */
  may(accessKeyId: string, bucket: string): boolean {
    if (this.usable(accessKeyId) === undefined) return false
    const { policies, groups } = this.users.get(this.keys.get(accessKeyId)!.user)!
    const counted = [...policies, ...[...groups].flatMap((group) => [...this.groups.get(group)!])]
    return counted.some((policy) => this.policies.get(policy) === bucket)
  }
}

const allowing = (bucket: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*` },
  })

test(`identities are what a model of them is, through random changes and restarts (AQUIFER_SEED=${seed})`, async () => {
  const random = seededRandom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const pick = <T>(all: readonly T[]): T => all[below(all.length)]!
  const kv = MemoryKvStore.open()
  kv.close = async () => {}
  const blobs = await MemoryBlobStore.open()
  blobs.close = async () => {}
  let round = 0
  const sealingKeyOf = (n: number) => createHash('sha256').update(`${seed} ${n}`).digest()
  const open = () =>
    Engine.open({ stores: { kv, blobs }, background: false, sealingKey: sealingKeyOf(round) })
  let engine = await open()
  const model = new Model()
  const users = ['ann', 'bob', 'cy']
  const groups = ['g1', 'g2']
  const policies = ['p1', 'p2', 'p3']
  const buckets = ['here', 'there']
  /** Ids that are, were, or never will be a key's. */
  const ids = ['never']

  /** Does it, or is refused with this code: the model says which. */
  const expect = async (code: string | undefined, verb: () => Promise<unknown>, then: () => void) => {
    try {
      await verb()
    } catch (error) {
      if (!isEngineError(error)) throw error
      assert.equal(error.code, code)
      return
    }
    assert.equal(undefined, code)
    then()
  }
  const missing = (there: boolean) => (there ? undefined : 'NoSuchEntity')

  const actions: (() => Promise<void>)[] = [
    async () => {
      const name = pick(users)
      const policy = pick(policies)
      const code = !model.policies.has(policy)
        ? 'NoSuchEntity'
        : model.users.has(name)
          ? 'EntityAlreadyExists'
          : undefined
      let id = ''
      await expect(
        code,
        async () => {
          id = (await engine.identities.users.add(name, { policies: [policy] })).user.id
        },
        () => model.users.set(name, { id, enabled: true, policies: new Set([policy]), groups: new Set() }),
      )
    },
    async () => {
      const name = pick(users)
      if (below(3) > 0) return
      await expect(
        missing(model.users.has(name)),
        () => engine.identities.users.remove(name),
        () => model.users.delete(name),
      )
    },
    async () => {
      const name = pick(users)
      const enabled = below(3) > 0
      await expect(
        missing(model.users.has(name)),
        () => engine.identities.users.setEnabled(name, enabled),
        () => Object.assign(model.users.get(name)!, { enabled }),
      )
    },
    async () => {
      const user = pick(users)
      await expect(
        missing(model.users.has(user)),
        async () => {
          const { accessKeyId, secretAccessKey } = await engine.identities.keys.add(user)
          ids.push(accessKeyId)
          const userId = model.users.get(user)!.id
          model.keys.set(accessKeyId, {
            ...{ user, userId, secret: secretAccessKey, enabled: true, isTemporary: false },
          })
        },
        () => {},
      )
    },
    async () => {
      const accessKeyId = pick(ids)
      const parent = model.keys.get(accessKeyId)
      const user = parent?.user ?? pick(users)
      const owner = model.users.get(user)
      const code = (): string | undefined => {
        if (owner === undefined) return 'NoSuchEntity'
        if (!owner.enabled) return 'AccessDenied'
        if (parent === undefined || parent.userId !== owner.id) return 'NoSuchEntity'
        return parent.isTemporary || !parent.enabled ? 'AccessDenied' : undefined
      }
      await expect(
        code(),
        async () => {
          const session = await engine.identities.assumeRole({ user, accessKeyId })
          ids.push(session.accessKeyId)
          model.keys.set(session.accessKeyId, {
            ...{ user, userId: parent!.userId, secret: session.secretAccessKey, enabled: true },
            ...{ isTemporary: true, parent: { accessKeyId, secret: parent!.secret } },
          })
        },
        () => {},
      )
    },
    async () => {
      const accessKeyId = pick(ids)
      const key = model.keys.get(accessKeyId)
      let secret = ''
      await expect(
        key?.isTemporary ? 'InvalidRequest' : missing(key !== undefined),
        async () => {
          secret = (await engine.identities.keys.rotate(accessKeyId)).secretAccessKey
        },
        () => Object.assign(key!, { secret }),
      )
    },
    async () => {
      const accessKeyId = pick(ids)
      const enabled = below(3) > 0
      await expect(
        missing(model.keys.has(accessKeyId)),
        () => engine.identities.keys.setEnabled(accessKeyId, enabled),
        () => Object.assign(model.keys.get(accessKeyId)!, { enabled }),
      )
    },
    async () => {
      const accessKeyId = pick(ids)
      await expect(
        missing(model.keys.has(accessKeyId)),
        () => engine.identities.keys.remove(accessKeyId),
        () => model.keys.delete(accessKeyId),
      )
    },
    async () => {
      const name = pick(groups)
      await expect(
        model.groups.has(name) ? 'EntityAlreadyExists' : undefined,
        () => engine.identities.groups.add(name),
        () => model.groups.set(name, new Set()),
      )
    },
    async () => {
      const name = pick(groups)
      await expect(
        model.hasMembers(name) ? 'DeleteConflict' : missing(model.groups.has(name)),
        () => engine.identities.groups.remove(name),
        () => model.groups.delete(name),
      )
    },
    async () => {
      const group = pick(groups)
      const user = pick(users)
      const isToBe = below(3) > 0
      const verb = isToBe ? engine.identities.groups.addMember : engine.identities.groups.removeMember
      await expect(
        missing(model.groups.has(group) && model.users.has(user)),
        () => verb(group, user),
        () => model.users.get(user)!.groups[isToBe ? 'add' : 'delete'](group),
      )
    },
    async () => {
      const name = pick(policies)
      const bucket = pick(buckets)
      const isThere = model.policies.has(name)
      await expect(
        undefined,
        () => engine.identities.policies[isThere ? 'replace' : 'add'](name, allowing(bucket)),
        () => model.policies.set(name, bucket),
      )
    },
    async () => {
      const name = pick(policies)
      await expect(
        model.holds(name) ? 'DeleteConflict' : missing(model.policies.has(name)),
        () => engine.identities.policies.remove(name),
        () => model.policies.delete(name),
      )
    },
    async () => {
      const policy = pick(policies)
      const isToBe = below(2) === 0
      const verb = isToBe ? 'attach' : 'detach'
      const user = below(2) === 0 ? pick(users) : undefined
      const group = pick(groups)
      const held = user === undefined ? model.groups.get(group) : model.users.get(user)?.policies
      await expect(
        missing(model.policies.has(policy) && held !== undefined),
        () => engine.identities[verb](policy, user === undefined ? { group } : { user }),
        () => held![isToBe ? 'add' : 'delete'](policy),
      )
    },
    async () => {
      if (below(10) > 0) return
      await engine.identities.reseal(sealingKeyOf(round + 1))
      round++
    },
    async () => {
      if (below(10) > 0) return
      await engine.reclaim()
      for (const [id, { user, userId }] of model.keys)
        if (model.users.get(user)?.id !== userId) model.keys.delete(id)
    },
    async () => {
      if (below(10) > 0) return
      await engine.close()
      engine = await open()
    },
  ]

  for (let step = 0; step < steps; step++) {
    await pick(actions)()
    const accessKeyId = pick(ids)
    const found = await engine.identities.findAccessKey(accessKeyId)
    assert.equal(found?.secretAccessKey, model.usable(accessKeyId), `step ${step}`)
    const bucket = pick(buckets)
    const principal = found?.principal ?? {
      ...({ kind: 'user', id: '', name: 'ann', displayName: '', accessKeyId } as const),
    }
    const { allowed } = await engine.can(principal, 's3:GetObject', `arn:aws:s3:::${bucket}/k`)
    assert.equal(allowed, model.may(accessKeyId, bucket), `step ${step}`)
    if (step % 100 === 99) await assertInvariants({ kv, blobs, engine })
  }
  await engine.reclaim()
  await assertInvariants({ kv, blobs, engine, reclaimedAtMs: Date.now() })
  await engine.close()
})
