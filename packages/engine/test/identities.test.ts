import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import { Engine, EngineError, type EngineErrorCode, type Principal } from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { assertInvariants } from '@aquifer/engine/testing'

const sealingKey = randomBytes(32)
const allow = (Action: string, Resource: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] })
const deny = (Action: string, Resource: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action, Resource }] })

const open = (): Promise<Engine> => Engine.open({ sealingKey, background: false })

const rejectsWith = (code: EngineErrorCode) => (error: unknown) => {
  assert.equal((error as { code?: unknown }).code, code, String(error))
  return true
}

/** The principal of a key, as a front end gets it. */
async function principalOf(engine: Engine, accessKeyId: string): Promise<Principal> {
  const found = await engine.identities.findAccessKey(accessKeyId)
  assert.ok(found, `${accessKeyId} can be used`)
  return found.principal
}

async function may(engine: Engine, principal: Principal, action: string, resource: string): Promise<boolean> {
  return (await engine.can(principal, action, `arn:aws:s3:::${resource}`)).allowed
}

test('a user comes into being with its key and its policies, or not at all', async () => {
  await using engine = await open()
  const { users, keys } = engine.identities
  const accessKey = { accessKeyId: 'alice-key', secretAccessKey: 'alice-secret' }
  const added = await users.add('alice', { displayName: 'Alice A.', policies: ['readwrite'], accessKey })
  assert.equal(added.accessKey?.secretAccessKey, 'alice-secret')
  assert.match(added.user.id, /^[0-9a-f]{64}$/)
  assert.deepEqual(await users.get('alice'), added.user)
  const found = await engine.identities.findAccessKey('alice-key')
  assert.deepEqual(found, {
    secretAccessKey: 'alice-secret',
    principal: {
      kind: 'user',
      id: added.user.id,
      name: 'alice',
      displayName: 'Alice A.',
      accessKeyId: 'alice-key',
      keyKind: 'user',
    },
  })
  assert.equal(await may(engine, found.principal, 's3:GetObject', 'bucket/key'), true)

  await assert.rejects(users.add('bob', { accessKey }), rejectsWith('EntityAlreadyExists'))
  await assert.rejects(users.add('bob', { policies: ['none'] }), rejectsWith('NoSuchEntity'))
  await assert.rejects(users.get('bob'), rejectsWith('NoSuchEntity'))
  await assert.rejects(users.add('alice'), rejectsWith('EntityAlreadyExists'))
  assert.equal((await keys.get('alice-key')).user, 'alice')
})

test('nothing is allowed to a user that no policy allows it', async () => {
  await using engine = await open()
  const { accessKey } = await engine.identities.users.add('alice', { accessKey: {} })
  const alice = await principalOf(engine, accessKey!.accessKeyId)
  for (const action of ['s3:GetObject', 's3:ListAllMyBuckets', 'admin:ListUsers', 'sts:AssumeRole'])
    assert.deepEqual(await engine.can(alice, action, 'arn:aws:s3:::*'), {
      allowed: false,
      reason: 'implicit-deny',
    })
})

test('policies of groups count, and a deny among them wins', async () => {
  await using engine = await open()
  const { identities } = engine
  const { accessKey } = await identities.users.add('alice', { policies: ['readwrite'], accessKey: {} })
  const alice = await principalOf(engine, accessKey!.accessKeyId)
  await identities.policies.add('no-deletes', deny('s3:DeleteObject', 'arn:aws:s3:::*'))
  await identities.groups.add('careful')
  await identities.attach('no-deletes', { group: 'careful' })
  assert.equal(await may(engine, alice, 's3:DeleteObject', 'b/k'), true)
  await identities.groups.addMember('careful', 'alice')
  assert.deepEqual(await engine.can(alice, 's3:DeleteObject', 'arn:aws:s3:::b/k'), {
    allowed: false,
    reason: 'explicit-deny',
    by: { policy: 'no-deletes', statement: 0 },
  })
  await identities.groups.removeMember('careful', 'alice')
  assert.equal(await may(engine, alice, 's3:DeleteObject', 'b/k'), true)
})

test('what has changed holds for the next request', async () => {
  await using engine = await open()
  const { identities } = engine
  const { accessKey } = await identities.users.add('alice', { accessKey: {} })
  const { accessKeyId } = accessKey!
  const alice = await principalOf(engine, accessKeyId)
  const ask = () => may(engine, alice, 's3:GetObject', 'b/k')
  assert.equal(await ask(), false)
  await identities.policies.add('mine', allow('s3:GetObject', 'arn:aws:s3:::b/*'))
  await identities.attach('mine', { user: 'alice' })
  assert.equal(await ask(), true)
  await identities.policies.replace('mine', allow('s3:GetObject', 'arn:aws:s3:::c/*'))
  assert.equal(await ask(), false)
  await identities.policies.replace('mine', allow('s3:GetObject', 'arn:aws:s3:::b/*'))
  assert.equal(await ask(), true)
  await identities.keys.setEnabled(accessKeyId, false)
  assert.equal(await ask(), false)
  assert.equal(await identities.findAccessKey(accessKeyId), undefined)
  await identities.keys.setEnabled(accessKeyId, true)
  assert.equal(await ask(), true)
  const { secretAccessKey } = await identities.keys.rotate(accessKeyId)
  assert.notEqual(secretAccessKey, accessKey!.secretAccessKey)
  assert.equal((await identities.findAccessKey(accessKeyId))?.secretAccessKey, secretAccessKey)
  await identities.users.setEnabled('alice', false)
  assert.equal(await ask(), false)
  assert.equal(await identities.findAccessKey(accessKeyId), undefined)
  await identities.users.setEnabled('alice', true)
  await identities.detach('mine', { user: 'alice' })
  assert.equal(await ask(), false)
})

test('a removed user takes its keys and sessions along; one of the same name gets none of them', async () => {
  await using engine = await open()
  const { identities } = engine
  const { accessKey, user } = await identities.users.add('alice', { accessKey: {}, policies: ['admin'] })
  await identities.groups.add('staff')
  await identities.groups.addMember('staff', 'alice')
  const session = await identities.assumeRole({ user: 'alice' })
  const alice = await principalOf(engine, accessKey!.accessKeyId)
  await identities.users.remove('alice')
  assert.equal(await identities.findAccessKey(accessKey!.accessKeyId), undefined)
  assert.equal(await identities.findAccessKey(session.accessKeyId), undefined)
  assert.equal(await may(engine, alice, 's3:GetObject', 'b/k'), false)
  const again = await identities.users.add('alice', { policies: ['readonly'] })
  assert.notEqual(again.user.id, user.id)
  assert.equal(await identities.findAccessKey(accessKey!.accessKeyId), undefined)
  assert.equal((await identities.groups.get('staff')).memberCount, 0)
  await engine.reclaim()
  await assert.rejects(identities.keys.get(accessKey!.accessKeyId), rejectsWith('NoSuchEntity'))
  await assert.rejects(identities.keys.get(session.accessKeyId), rejectsWith('NoSuchEntity'))
})

test('a service key may do what its user and its own policy both allow', async () => {
  await using engine = await open()
  const { identities } = engine
  await identities.users.add('alice', { policies: ['readonly'] })
  const policy = allow('s3:*', 'arn:aws:s3:::b/*')
  const { accessKeyId, kind } = await identities.keys.add('alice', { policy })
  assert.equal(kind, 'service')
  const key = await principalOf(engine, accessKeyId)
  assert.equal(await may(engine, key, 's3:GetObject', 'b/k'), true)
  assert.equal(await may(engine, key, 's3:GetObject', 'c/k'), false, 'its own policy does not allow it')
  assert.equal(await may(engine, key, 's3:PutObject', 'b/k'), false, 'its user may not')
  await identities.detach('readonly', { user: 'alice' })
  assert.equal(await may(engine, key, 's3:GetObject', 'b/k'), false)
  assert.equal((await identities.keys.get(accessKeyId)).policy, policy)
})

test('a session may do what its user may at each moment, and no more than its policy', async () => {
  await using engine = await open()
  const { identities } = engine
  await identities.users.add('alice', { policies: ['readwrite'] })
  const policy = allow('s3:GetObject', 'arn:aws:s3:::b/*')
  const session = await identities.assumeRole({ user: 'alice', policy, durationSeconds: 900 })
  const found = await identities.findAccessKey(session.accessKeyId)
  assert.equal(found?.sessionToken, session.sessionToken)
  assert.deepEqual(found?.expiresAt, session.expiresAt)
  assert.equal(await may(engine, found!.principal, 's3:GetObject', 'b/k'), true)
  assert.equal(await may(engine, found!.principal, 's3:PutObject', 'b/k'), false)
  await identities.detach('readwrite', { user: 'alice' })
  assert.equal(await may(engine, found!.principal, 's3:GetObject', 'b/k'), false)
})

test('a session ends with the key it was asked for with', async () => {
  await using engine = await open()
  const { identities } = engine
  const { accessKey } = await identities.users.add('alice', { accessKey: {}, policies: ['readwrite'] })
  const { accessKeyId } = accessKey!
  const begin = () => identities.assumeRole({ user: 'alice', accessKeyId })
  const isThere = async ({ accessKeyId }: { accessKeyId: string }) =>
    (await identities.findAccessKey(accessKeyId)) !== undefined
  const first = await begin()
  await identities.keys.setEnabled(accessKeyId, false)
  assert.equal(await isThere(first), false)
  await assert.rejects(begin(), rejectsWith('AccessDenied'))
  await identities.keys.setEnabled(accessKeyId, true)
  assert.equal(await isThere(first), true)
  await identities.keys.rotate(accessKeyId)
  assert.equal(await isThere(first), false)
  const second = await begin()
  assert.equal(await isThere(second), true)
  await identities.keys.remove(accessKeyId)
  assert.equal(await isThere(second), false)
})

test('neither a service key nor a session begins a session, nor does a key of somebody else', async () => {
  await using engine = await open()
  const { identities } = engine
  await identities.users.add('alice', { policies: ['readwrite'] })
  const { accessKey: bobs } = await identities.users.add('bob', { accessKey: {} })
  const service = await identities.keys.add('alice', { policy: allow('s3:*', '*') })
  const session = await identities.assumeRole({ user: 'alice' })
  for (const { accessKeyId } of [service, session])
    await assert.rejects(identities.assumeRole({ user: 'alice', accessKeyId }), rejectsWith('AccessDenied'))
  await assert.rejects(
    identities.assumeRole({ user: 'alice', accessKeyId: bobs!.accessKeyId }),
    rejectsWith('NoSuchEntity'),
  )
  await identities.users.setEnabled('alice', false)
  await assert.rejects(identities.assumeRole({ user: 'alice' }), rejectsWith('AccessDenied'))
})

test('an ended session is refused at once, told apart from none for as long again, and then its row goes', async () => {
  const clock = { now: () => now, monotonic: () => 0 }
  let now = Date.parse('2026-06-15T12:00:00.000Z')
  await using engine = await Engine.open({ sealingKey, clock, background: false })
  const { identities } = engine
  await identities.users.add('alice', { policies: ['readwrite'] })
  const session = await identities.assumeRole({ user: 'alice', durationSeconds: 900 })
  const principal = await principalOf(engine, session.accessKeyId)
  now += 900_000 - 1
  await engine.reclaim()
  assert.equal(await may(engine, principal, 's3:GetObject', 'b/k'), true)
  now += 1
  assert.equal(await may(engine, principal, 's3:GetObject', 'b/k'), false)
  now += 900_000 - 1
  await engine.reclaim()
  assert.deepEqual((await identities.findAccessKey(session.accessKeyId))?.expiresAt, session.expiresAt)
  now += 1
  await engine.reclaim()
  await assert.rejects(identities.keys.get(session.accessKeyId), rejectsWith('NoSuchEntity'))
})

test('whom another provider vouches for may do what the policies named allow, and is no user of the name', async () => {
  await using engine = await open()
  const { identities } = engine
  const { user } = await identities.users.add('alice', { policies: ['readwrite'] })
  const webIdentity = { issuer: 'https://idp.example', subject: 'alice', policies: ['readonly'] }
  const session = await identities.assumeRole({ webIdentity })
  const principal = await principalOf(engine, session.accessKeyId)
  assert.equal(principal.kind, 'federated')
  assert.notEqual(principal.id, user.id)
  assert.equal(await may(engine, principal, 's3:GetObject', 'b/k'), true)
  assert.equal(await may(engine, principal, 's3:PutObject', 'b/k'), false)
  await engine.createBucket('shared')
  await engine.bucket('shared').setConfiguration(
    'policy',
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: ['alice', 'arn:aws:iam:::user/alice'] },
          Action: 's3:*',
          Resource: 'arn:aws:s3:::shared/*',
        },
        {
          Effect: 'Allow',
          Principal: '*',
          Action: 's3:*',
          Resource: 'arn:aws:s3:::shared/*',
          Condition: { StringEquals: { 'aws:username': 'alice' } },
        },
      ],
    }),
  )
  assert.equal(
    await may(engine, principal, 's3:PutObject', 'shared/k'),
    false,
    'nor does a bucket take it for her',
  )
  const again = await identities.assumeRole({ webIdentity })
  assert.equal((await principalOf(engine, again.accessKeyId)).id, principal.id, 'the same one each time')
})

test('names that are reserved are given to nobody', async () => {
  await using engine = await open()
  const { identities } = engine
  identities.reserve('ROOTKEY')
  await identities.users.add('alice')
  await assert.rejects(identities.users.add('ROOTKEY'), rejectsWith('EntityAlreadyExists'))
  await assert.rejects(
    identities.keys.add('alice', { accessKeyId: 'ROOTKEY' }),
    rejectsWith('EntityAlreadyExists'),
  )
  await assert.rejects(
    identities.users.add('bob', { accessKey: { accessKeyId: 'ROOTKEY' } }),
    rejectsWith('EntityAlreadyExists'),
  )
})

test('what is in use is not removed', async () => {
  await using engine = await open()
  const { identities } = engine
  await identities.users.add('alice')
  await identities.groups.add('staff')
  await identities.groups.addMember('staff', 'alice')
  await identities.policies.add('mine', allow('s3:*', '*'))
  await identities.attach('mine', { group: 'staff' })
  await identities.attach('mine', { group: 'staff' })
  await assert.rejects(identities.policies.remove('mine'), rejectsWith('DeleteConflict'))
  await assert.rejects(identities.groups.remove('staff'), rejectsWith('DeleteConflict'))
  await identities.groups.removeMember('staff', 'alice')
  await identities.groups.remove('staff')
  await identities.policies.remove('mine')
  for (const name of ['readonly', 'readwrite', 'writeonly', 'admin']) {
    await assert.rejects(identities.policies.remove(name), rejectsWith('DeleteConflict'))
    await assert.rejects(identities.policies.replace(name, allow('s3:*', '*')), rejectsWith('DeleteConflict'))
    await assert.rejects(
      identities.policies.add(name, allow('s3:*', '*')),
      rejectsWith('EntityAlreadyExists'),
    )
  }
})

test('of changes that race none is lost', async () => {
  await using engine = await open()
  const { identities } = engine
  await identities.users.add('alice')
  await Promise.all([1, 2, 3, 4, 5].map((n) => identities.policies.add(`p${n}`, allow('s3:*', '*'))))
  await Promise.all([1, 2, 3, 4, 5].map((n) => identities.attach(`p${n}`, { user: 'alice' })))
  assert.deepEqual((await identities.users.get('alice')).policies, ['p1', 'p2', 'p3', 'p4', 'p5'])
  const added = await Promise.allSettled(
    Array.from({ length: 110 }, () => identities.keys.add('alice', { accessKeyId: undefined! })),
  )
  assert.equal(added.filter(({ status }) => status === 'fulfilled').length, 100, 'as many as there may be')
})

test('lists are in order, and go on where a page ended', async () => {
  await using engine = await open()
  const { identities } = engine
  for (const name of ['b', 'a', 'zed', 'm']) await identities.policies.add(name, allow('s3:*', '*'))
  const names: string[] = []
  for (let startAfter = ''; ; ) {
    const page = await identities.policies.list({ limit: 2, startAfter }).page()
    names.push(...page.entries.flatMap((entry) => (entry.type === 'policy' ? [entry.info.name] : [])))
    if (page.next === undefined) break
    startAfter = page.next.startAfter
  }
  assert.deepEqual(names, ['a', 'admin', 'b', 'm', 'readonly', 'readwrite', 'writeonly', 'zed'])

  for (const user of ['u2', 'u1']) {
    await identities.users.add(user)
    for (const n of [3, 1, 2]) await identities.keys.add(user, { accessKeyId: `${user}-key-${n}` })
  }
  const keysOf = async (options: { user?: string }) => {
    const ids: string[] = []
    for await (const entry of identities.keys.list(options))
      if (entry.type === 'access-key') ids.push(entry.info.accessKeyId)
    return ids
  }
  assert.deepEqual(await keysOf({ user: 'u2' }), ['u2-key-1', 'u2-key-2', 'u2-key-3'])
  assert.equal((await keysOf({})).length, 6)
  await identities.groups.add('g')
  for (const user of ['u2', 'u1']) await identities.groups.addMember('g', user)
  const members = await identities.groups.members('g').page()
  assert.deepEqual(
    members.entries.map((entry) => entry.type === 'user' && entry.info),
    ['u1', 'u2'],
  )
  await assert.rejects(identities.groups.members('none').page(), rejectsWith('NoSuchEntity'))
})

test('what a name, a secret, a time or a policy may not be is refused', async () => {
  await using engine = await open()
  const { identities } = engine
  await identities.users.add('alice')
  const invalid = rejectsWith('InvalidArgument')
  for (const name of ['', 'a/b', 'a b', '*', 'a\0', 'x'.repeat(65), 'ä', 'a\n'])
    await assert.rejects(identities.users.add(name), invalid, JSON.stringify(name))
  const keys: object[] = [
    { accessKeyId: 'ab' },
    { accessKeyId: 'a/b/c' },
    { secretAccessKey: 'short' },
    { secretAccessKey: 'with a space' },
    { expiresAt: new Date(0) },
    { expiresAt: new Date(Number.NaN) },
    { description: '' },
    { description: 'two\nlines' },
  ]
  for (const options of keys)
    await assert.rejects(identities.keys.add('alice', options), invalid, JSON.stringify(options))
  await assert.rejects(identities.keys.add('alice', { policy: '{}' }), rejectsWith('MalformedPolicy'))
  for (const durationSeconds of [899, 31_536_001, 1000.5, Number.NaN])
    await assert.rejects(identities.assumeRole({ user: 'alice', durationSeconds }), invalid)
  await assert.rejects(identities.policies.add('p', 'no JSON'), rejectsWith('MalformedPolicy'))
})

test('without a sealing key there are no access keys, and all else is there', async () => {
  await using engine = await Engine.open({ background: false })
  const { identities } = engine
  await identities.users.add('alice')
  await assert.rejects(identities.keys.add('alice'), rejectsWith('SealingKeyMissing'))
  await assert.rejects(identities.users.add('bob', { accessKey: {} }), rejectsWith('SealingKeyMissing'))
  assert.equal(await identities.findAccessKey('nobody'), undefined)
  const root: Principal = { kind: 'root', id: 'r', name: 'root', displayName: 'root' }
  assert.equal(await may(engine, root, 's3:GetObject', 'b/k'), true)
  const anonymous: Principal = { kind: 'anonymous', id: 'a', name: '', displayName: '' }
  assert.equal(await may(engine, anonymous, 's3:GetObject', 'b/k'), false)
})

/** One store, opened again and again. */
function reopened() {
  const kv = MemoryKvStore.open()
  kv.close = async () => {}
  return async (key?: Uint8Array | (() => Promise<Uint8Array>)) =>
    Engine.open({
      stores: { kv, blobs: await MemoryBlobStore.open() },
      background: false,
      ...(key && { sealingKey: key }),
    })
}

test('with another sealing key the store does not open; without one, secrets stay shut', async () => {
  const openWith = reopened()
  {
    await using engine = await openWith(sealingKey)
    await engine.identities.users.add('alice', { accessKey: { accessKeyId: 'key' } })
  }
  await assert.rejects(openWith(randomBytes(32)), rejectsWith('SealingKeyMismatch'))
  await assert.rejects(openWith(randomBytes(31)), TypeError)
  {
    await using engine = await openWith()
    await assert.rejects(engine.identities.findAccessKey('key'), rejectsWith('SealingKeyMissing'))
    assert.equal((await engine.identities.keys.get('key')).user, 'alice')
  }
  await using engine = await openWith(async () => sealingKey)
  assert.ok(await engine.identities.findAccessKey('key'))
})

test('secrets that are sealed under another key open with that one alone', async () => {
  const openWith = reopened()
  const another = randomBytes(32)
  const secrets = new Map<string, string>()
  const check = async (engine: Engine) => {
    for (const [id, secret] of secrets)
      assert.equal((await engine.identities.findAccessKey(id))?.secretAccessKey, secret)
  }
  {
    await using engine = await openWith(sealingKey)
    for (let n = 0; n < 5; n++) {
      const { accessKey } = await engine.identities.users.add(`u${n}`, { accessKey: {} })
      secrets.set(accessKey!.accessKeyId, accessKey!.secretAccessKey)
    }
    const adding = engine.identities.users.add('meanwhile', { accessKey: {} })
    await engine.identities.reseal(another)
    const { accessKey } = await adding
    secrets.set(accessKey!.accessKeyId, accessKey!.secretAccessKey)
    await check(engine)
    await engine.identities.users.add('after', { accessKey: {} })
  }
  await assert.rejects(openWith(sealingKey), rejectsWith('SealingKeyMismatch'))
  await using engine = await openWith(another)
  await check(engine)
})

test('a change of the sealing key that is cut at any commit leaves a store that one of the two keys opens', async () => {
  const another = randomBytes(32)
  for (let cutAt = 1; ; cutAt++) {
    const kv = MemoryKvStore.open()
    kv.close = async () => {}
    const openWith = async (key: Uint8Array) =>
      Engine.open({
        stores: { kv, blobs: await MemoryBlobStore.open() },
        background: false,
        sealingKey: key,
      })
    const secrets = new Map<string, string>()
    let commits = 0
    let wasCut = false
    {
      await using engine = await openWith(sealingKey)
      for (const name of ['ann', 'bob']) {
        const { accessKey } = await engine.identities.users.add(name, { accessKey: {} })
        secrets.set(accessKey!.accessKeyId, accessKey!.secretAccessKey)
      }
      const carryOut = kv.commit.bind(kv)
      kv.commit = async (change) => {
        if (++commits < cutAt) return carryOut(change)
        throw new EngineError('StorageUnavailable', 'Cut.', { outcome: 'unknown' })
      }
      wasCut = await engine.identities.reseal(another).then(
        () => false,
        () => true,
      )
      kv.commit = carryOut
    }
    const opened = await Promise.allSettled([openWith(sealingKey), openWith(another)])
    const engines = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    assert.equal(engines.length, 1, `cut at commit ${cutAt}`)
    assert.equal(opened[cutAt === 1 ? 0 : 1]!.status, 'fulfilled')
    for (const [id, secret] of secrets)
      assert.equal((await engines[0]!.identities.findAccessKey(id))?.secretAccessKey, secret)
    await assertInvariants({ kv, blobs: await MemoryBlobStore.open() })
    await engines[0]!.close()
    if (!wasCut) return
  }
})

test("a bucket's policy lets in whom it names, and refuses whom it denies", async () => {
  await using engine = await open()
  const { identities } = engine
  await engine.createBucket('photos')
  const { accessKey } = await identities.users.add('alice', { accessKey: {} })
  const alice = await principalOf(engine, accessKey!.accessKeyId)
  const ask = () => may(engine, alice, 's3:GetObject', 'photos/k')
  const policy = (Effect: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect, Principal: { AWS: 'alice' }, Action: 's3:GetObject', Resource: 'arn:aws:s3:::photos/*' },
      ],
    })
  assert.equal(await ask(), false)
  await engine.bucket('photos').setConfiguration('policy', policy('Allow'))
  assert.equal(await ask(), true)
  await identities.attach('readwrite', { user: 'alice' })
  await engine.bucket('photos').setConfiguration('policy', policy('Deny'))
  assert.equal(await ask(), false)
  await engine.bucket('photos').setConfiguration('policy', undefined)
  assert.equal(await ask(), true)
})

test('where the sealing key is lost, the keys can be discarded, and a new one begins anew', async () => {
  const kv = MemoryKvStore.open()
  kv.close = async () => {}
  const blobs = await MemoryBlobStore.open()
  blobs.close = async () => {}
  const openWith = (key?: Uint8Array) =>
    Engine.open({ stores: { kv, blobs }, background: false, ...(key && { sealingKey: key }) })
  {
    await using engine = await openWith(sealingKey)
    for (const name of ['ann', 'bob']) {
      await engine.identities.users.add(name, { policies: ['readonly'], accessKey: {} })
      await engine.identities.keys.add(name, { policy: allow('s3:*', '*') })
      await engine.identities.assumeRole({ user: name })
    }
    await assert.rejects(engine.identities.discardKeys(), rejectsWith('InvalidRequest'))
  }
  {
    await using engine = await openWith()
    assert.equal(await engine.identities.discardKeys(), 6)
    await assertInvariants({ kv, blobs })
  }
  await using engine = await openWith(randomBytes(32))
  assert.deepEqual((await engine.identities.users.get('ann')).policies, ['readonly'])
  assert.deepEqual((await engine.identities.keys.list().page()).entries, [])
  await engine.identities.keys.add('ann')
  await assertInvariants({ kv, blobs })
})
