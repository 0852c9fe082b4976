import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import { Engine, type EngineErrorCode, isEngineError, type Principal } from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { assertInvariants } from '@aquifer/engine/testing'

const code = (expected: EngineErrorCode) => (error: unknown) => isEngineError(error, expected)
const root: Principal = { kind: 'root', id: 'the owner', name: 'root', displayName: 'root', accessKeyId: 'R' }
const allow = (Action: string | string[], Resource: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource } })

/** An engine with the bucket `logs`, a clock to be set, and alice, who may do everything with objects and keys of it. */
async function opened() {
  const stores = { kv: MemoryKvStore.open(), blobs: await MemoryBlobStore.open() }
  let nowMs = Date.UTC(2026, 10, 27)
  const engine = await Engine.open({
    stores,
    sealingKey: randomBytes(32),
    background: false,
    clock: { now: () => nowMs, monotonic: () => nowMs },
  })
  await engine.createBucket('logs')
  await engine.createBucket('other')
  const { identities } = engine
  const { accessKey } = await identities.users.add('alice', { accessKey: {}, policies: ['readwrite'] })
  const alice = (await identities.findAccessKey(accessKey!.accessKeyId))!.principal
  const principalOf = async ({ accessKeyId }: { accessKeyId: string }) =>
    (await identities.findAccessKey(accessKeyId))?.principal
  const may = async (principal: Principal, action: string, resource: string) =>
    (await engine.can(principal, action, `arn:aws:s3:::${resource}`)).allowed
  return {
    engine,
    identities,
    alice,
    accessKeyId: accessKey!.accessKeyId,
    principalOf,
    may,
    wait: (ms: number) => {
      nowMs += ms
    },
    check: () => assertInvariants(stores),
    [Symbol.asyncDispose]: () => engine.close(),
  }
}

test('a session of a bucket does there what who asked for it may, by its mode, and nothing elsewhere', async () => {
  await using store = await opened()
  for (const of of [root, store.alice])
    for (const mode of ['read-only', 'read-write'] as const) {
      const session = await store.identities.createSession(of, { bucket: 'logs', mode })
      const principal = (await store.principalOf(session))!
      assert.deepEqual(
        [principal.kind, principal.id, principal.accessKeyId, principal.keyKind],
        [of.kind, of.id, session.accessKeyId, 'temporary'],
      )
      assert.equal(await store.may(principal, 's3:GetObject', 'logs/a'), true)
      assert.equal(await store.may(principal, 's3:PutObject', 'logs/a'), mode === 'read-write')
      assert.equal(await store.may(principal, 's3:GetObject', 'other/a'), false)
      assert.equal(await store.may(principal, 's3:DeleteBucket', 'logs'), mode === 'read-write')
      assert.equal(await store.may(principal, 's3:DeleteBucket', 'other'), false)
      assert.equal(await store.may(principal, 's3:ListAllMyBuckets', '*'), false)
      assert.equal(await store.may(principal, 'admin:CreateUser', '*'), false)
    }
  await store.check()
})

test('it may never do more than who asked for it may at that moment', async () => {
  await using store = await opened()
  const session = await store.identities.createSession(store.alice, { bucket: 'logs' })
  const principal = (await store.principalOf(session))!
  assert.equal(await store.may(principal, 's3:GetObject', 'logs/a'), true)
  await store.identities.detach('readwrite', { user: 'alice' })
  assert.equal(await store.may(principal, 's3:GetObject', 'logs/a'), false)
  await store.identities.attach('readonly', { user: 'alice' })
  assert.equal(await store.may(principal, 's3:GetObject', 'logs/a'), true)
  assert.equal(await store.may(principal, 's3:PutObject', 'logs/a'), false)
  const deny = {
    Statement: { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::logs/*' },
  }
  await store.engine.bucket('logs').setConfiguration('policy', JSON.stringify(deny))
  assert.equal(await store.may(principal, 's3:GetObject', 'logs/a'), false)
})

test('of a service key, of a session and of somebody from elsewhere it has their bounds too', async () => {
  await using store = await opened()
  const { identities } = store
  const narrow = allow('s3:*', 'arn:aws:s3:::logs/mine/*')
  const service = await identities.keys.add('alice', { policy: narrow })
  const assumed = await identities.assumeRole({
    user: 'alice',
    accessKeyId: store.accessKeyId,
    policy: narrow,
  })
  const webIdentity = { issuer: 'https://id.test', subject: 'bob', policies: ['readwrite'] }
  const federated = await identities.assumeRole({ webIdentity, policy: narrow })
  for (const parent of [service, assumed, federated]) {
    const session = await identities.createSession((await store.principalOf(parent))!, { bucket: 'logs' })
    const principal = (await store.principalOf(session))!
    assert.equal(await store.may(principal, 's3:PutObject', 'logs/mine/a'), true)
    assert.equal(await store.may(principal, 's3:PutObject', 'logs/theirs/a'), false)
    assert.equal(await store.may(principal, 's3:PutObject', 'other/mine/a'), false)
  }
  await store.check()
})

test('it ends after five minutes, or with the key that it was asked for with, and is removed then', async () => {
  await using store = await opened()
  const { identities } = store
  const session = await identities.createSession(root, { bucket: 'logs' })
  const found = await identities.findAccessKey(session.accessKeyId)
  assert.equal(found!.expiresAt!.getTime() - session.created.getTime(), 300_000)
  assert.equal(found!.sessionToken, session.sessionToken)
  const assumed = await identities.assumeRole({ user: 'alice', durationSeconds: 900 })
  store.wait(800_000)
  const late = await identities.createSession((await store.principalOf(assumed))!, { bucket: 'logs' })
  assert.equal(late.expiresAt.getTime(), assumed.expiresAt.getTime())
  assert.equal(await store.may((await store.principalOf(session))!, 's3:GetObject', 'logs/a'), false)
  await store.engine.reclaim()
  await assert.rejects(identities.keys.get(session.accessKeyId), code('NoSuchEntity'))

  const ofKey = await identities.createSession(store.alice, { bucket: 'logs' })
  await identities.keys.setEnabled(store.accessKeyId, false)
  assert.equal(await store.principalOf(ofKey), undefined)
  await identities.keys.setEnabled(store.accessKeyId, true)
  assert.notEqual(await store.principalOf(ofKey), undefined)
  await identities.keys.rotate(store.accessKeyId)
  assert.equal(await store.principalOf(ofKey), undefined)
  const another = await identities.createSession(store.alice, { bucket: 'logs' })
  await identities.users.remove('alice')
  assert.equal(await store.principalOf(another), undefined)
  store.wait(1_000_000)
  await store.engine.reclaim()
  await store.check()
})

test('nobody begins one who is anonymous, disabled, gone, or in such a session, nor of a bucket that is not there', async () => {
  await using store = await opened()
  const { identities } = store
  const begin = (of: Principal, bucket = 'logs') => identities.createSession(of, { bucket })
  await assert.rejects(begin(root, 'missing'), code('NoSuchBucket'))
  await identities.createSession(root, { bucket: 'missing', isToBeMade: true })
  const nobody: Principal = { kind: 'anonymous', id: '', name: '', displayName: '' }
  await assert.rejects(begin(nobody), code('AccessDenied'))
  for (const of of [root, store.alice]) {
    const session = await begin(of)
    await assert.rejects(begin((await store.principalOf(session))!), code('AccessDenied'))
  }
  await identities.keys.setEnabled(store.accessKeyId, false)
  await assert.rejects(begin(store.alice), code('AccessDenied'))
  await identities.keys.remove(store.accessKeyId)
  await assert.rejects(begin(store.alice), code('NoSuchEntity'))
})
