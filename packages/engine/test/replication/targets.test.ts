import assert from 'node:assert/strict'
import test from 'node:test'
import { Engine, isEngineError, ReplicationError } from '@aquifer/engine'
import { FakeTarget } from './fake-target.js'
import {
  everything,
  keptStores,
  open,
  openNear,
  openReplicating,
  remote,
  sealingKey,
  until,
} from './open-replicating.js'

const code = (expected: string) => (error: unknown) => isEngineError(error) && error.code === expected
const refused = (reason: string) => (error: unknown) =>
  isEngineError(error, 'ReplicationTargetRefused') && error.details.reason === reason

test('a target is called before it is one, and has to be there and to have versions, and object lock where the source has it', async () => {
  const target = new FakeTarget()
  await using engine = await open(target)
  const add = () => engine.replication.addTarget('logs', remote)
  await assert.rejects(add(), code('NoSuchBucket'))
  await engine.createBucket('logs')
  await assert.rejects(add(), code('InvalidBucketState'))
  await engine.bucket('logs').setConfiguration('versioning', 'enabled')
  await engine.bucket('logs').setConfiguration('objectLock', {})
  target.versioning = 'suspended'
  await assert.rejects(add(), refused('NotVersioned'))
  target.versioning = undefined
  await assert.rejects(add(), refused('NotVersioned'))
  target.versioning = 'enabled'
  target.objectLock = false
  await assert.rejects(add(), refused('NoObjectLock'))
  target.objectLock = true
  for (const wrong of ['AccessDenied', 'NoSuchBucket', 'Unreachable', 'Refused'] as const) {
    target.before = () => {
      throw new ReplicationError(wrong, `It said ${wrong}.`)
    }
    await assert.rejects(add(), refused(wrong))
  }
  assert.deepEqual(await engine.replication.status(), [])
  target.before = () => {}
  const { arn, ...info } = await add()
  assert.match(arn, /^arn:minio:replication:us-east-1:[0-9a-f-]{36}:copies$/)
  assert.deepEqual(info, {
    sourceBucket: 'logs',
    endpoint: remote.endpoint,
    bucket: 'copies',
    region: 'us-east-1',
    accessKeyId: remote.accessKeyId,
    addressing: 'path',
    keepsVersionIds: true,
    concurrency: 64,
  })
})

test('a target that keeps no ids has fewer versions under way, unless it is said how many', async () => {
  await using engine = await open(new FakeTarget({ keepsVersionIds: false }))
  await engine.createBucket('logs')
  await engine.bucket('logs').setConfiguration('versioning', 'enabled')
  assert.equal((await engine.replication.addTarget('logs', remote)).concurrency, 16)
  assert.equal((await engine.replication.addTarget('logs', { ...remote, concurrency: 40 })).concurrency, 40)
})

test('a bucket that is made anew while its target is called is not the one that was asked about', async () => {
  const target = new FakeTarget()
  await using engine = await open(target)
  const create = async () => {
    await engine.createBucket('logs')
    await engine.bucket('logs').setConfiguration('versioning', 'enabled')
  }
  await create()
  target.before = async () => {
    await engine.bucket('logs').remove()
    await create()
  }
  await assert.rejects(engine.replication.addTarget('logs', remote), code('NoSuchBucket'))
  assert.deepEqual(await engine.replication.status(), [])
  assert.equal(target.closed, 1)
})

test('what can be no target is refused without a call', async () => {
  const target = new FakeTarget()
  await using engine = await open(target)
  await engine.createBucket('logs')
  await engine.bucket('logs').setConfiguration('versioning', 'enabled')
  const wrong = [
    { endpoint: 'ftp://far' },
    { endpoint: 'http://far/path' },
    { endpoint: 'http://user@far' },
    { endpoint: 'far:9000' },
    { bucket: 'a:b' },
    { region: 'a b' },
    { accessKeyId: '' },
    { secretAccessKey: 'a\nb' },
    { bandwidthLimit: -1 },
    { concurrency: 1_000 },
  ]
  for (const change of wrong)
    await assert.rejects(
      engine.replication.addTarget('logs', { ...remote, ...change }),
      code('InvalidArgument'),
      JSON.stringify(change),
    )
  assert.deepEqual(target.calls, [])
})

test('without what reaches targets, or a key to seal secrets by, there are none', async () => {
  for (const options of [{ sealingKey }, { connectReplicationTarget: () => new FakeTarget() }]) {
    await using engine = await Engine.open(options)
    await engine.createBucket('logs')
    await engine.bucket('logs').setConfiguration('versioning', 'enabled')
    await assert.rejects(engine.replication.addTarget('logs', remote), code('InvalidRequest'))
  }
})

test('a target is there again after a restart, with its secret, which no row shows', async () => {
  const stores = await keptStores()
  const secrets: string[] = []
  const target = new FakeTarget()
  const connectReplicationTarget = ({ secretAccessKey }: { secretAccessKey: string }) => {
    secrets.push(secretAccessKey)
    return target
  }
  {
    await using engine = await Engine.open({ stores, sealingKey, connectReplicationTarget })
    await engine.createBucket('logs')
    await engine.bucket('logs').setConfiguration('versioning', 'enabled')
    await engine.replication.addTarget('logs', remote)
  }
  assert.equal(target.closed, 1)
  const { rows } = await stores.kv.scan({ from: Uint8Array.of(0), to: Uint8Array.of(255), limit: 1_000 })
  for (const { value } of rows) assert.ok(!Buffer.from(value).includes(remote.secretAccessKey))
  const another = new Uint8Array(32).fill(9)
  {
    await using engine = await Engine.open({ stores, sealingKey, connectReplicationTarget })
    await engine.identities.reseal(another)
  }
  await using engine = await Engine.open({ stores, sealingKey: another, connectReplicationTarget })
  assert.equal((await engine.replication.status()).length, 1)
  assert.deepEqual(secrets, Array(3).fill(remote.secretAccessKey))
})

test('a target whose secret is lost says so until it gets another', async () => {
  const stores = await keptStores()
  const target = new FakeTarget()
  {
    await using _ = (await openReplicating(target, { stores })).engine
  }
  {
    await using engine = await Engine.open({ stores })
    await engine.identities.discardKeys()
    const [status] = await engine.replication.status()
    assert.equal(status!.isOnline, false)
    assert.match(status!.lastError!.message, /without connectReplicationTarget/)
  }
  await using engine = await open(target, { stores })
  const { arn, lastError } = (await engine.replication.status())[0]!
  assert.match(lastError!.message, /cannot be used/)
  assert.match((await engine.replication.check('logs'))[0]!.error!, /cannot be used/)
  await engine.identities.reseal(new Uint8Array(32).fill(9))
  await engine.replication.updateTarget(arn, { secretAccessKey: 'another' })
  assert.deepEqual(await engine.replication.check('logs'), [{ arn }])
  assert.equal((await engine.replication.status())[0]!.lastError, undefined)
})

test('a change of a target is tried first, and closes what it was reached by', async () => {
  const targets = [new FakeTarget(), new FakeTarget(), new FakeTarget()]
  let connected = 0
  const connectReplicationTarget = () => targets[connected++]!
  await using engine = await Engine.open({ sealingKey, connectReplicationTarget })
  await engine.createBucket('logs')
  await engine.bucket('logs').setConfiguration('versioning', 'enabled')
  const { arn } = await engine.replication.addTarget('logs', remote)
  targets[1]!.before = () => {
    throw new ReplicationError('AccessDenied', 'The key is wrong.')
  }
  await assert.rejects(
    engine.replication.updateTarget(arn, { accessKeyId: 'AKOTHER' }),
    refused('AccessDenied'),
  )
  assert.deepEqual([targets[0]!.closed, targets[1]!.closed], [0, 1])
  const changed = await engine.replication.updateTarget(arn, {
    accessKeyId: 'AKOTHER',
    bandwidthLimit: 1_000_000,
  })
  assert.deepEqual([changed.accessKeyId, changed.bandwidthLimit], ['AKOTHER', 1_000_000])
  assert.deepEqual([targets[0]!.closed, targets[2]!.closed], [1, 0])
  await assert.rejects(engine.replication.updateTarget(`${arn}x`, {}), code('NoSuchReplicationTarget'))
})

test('of two changes of a target at a time neither takes back the other', async () => {
  const keys: string[] = []
  const connectReplicationTarget = ({ accessKeyId, secretAccessKey }: Record<string, string>) => {
    keys.push(`${accessKeyId} ${secretAccessKey}`)
    return new FakeTarget()
  }
  await using engine = await Engine.open({
    sealingKey,
    connectReplicationTarget: connectReplicationTarget as never,
  })
  await engine.createBucket('logs')
  await engine.bucket('logs').setConfiguration('versioning', 'enabled')
  const { arn } = await engine.replication.addTarget('logs', remote)
  await Promise.all([
    engine.replication.updateTarget(arn, { accessKeyId: 'AKOTHER', secretAccessKey: 'another' }),
    engine.replication.updateTarget(arn, { concurrency: 3 }),
  ])
  const [status] = await engine.replication.status()
  assert.deepEqual([status!.accessKeyId, status!.concurrency], ['AKOTHER', 3])
  assert.equal(keys.at(-1), 'AKOTHER another')
})

test('a target that a rule names stays; another goes with all that waits for it', async () => {
  const target = new FakeTarget()
  target.isDown = true
  const { engine, logs, arn } = await openReplicating(target)
  await using _ = engine
  await logs.put('a', Buffer.from('1'))
  await assert.rejects(engine.replication.removeTarget(arn), code('InvalidRequest'))
  await logs.setConfiguration('replication', { rules: [{ ...everything(arn), status: 'disabled' }] })
  await assert.rejects(engine.replication.removeTarget(arn), code('InvalidRequest'))
  await logs.put('b', Buffer.from('1'))
  await logs.setConfiguration('replication', undefined)
  assert.equal((await engine.replication.status())[0]!.waiting, 1)
  await engine.replication.removeTarget(arn)
  assert.deepEqual(await engine.replication.status(), [])
  assert.equal(target.closed, 1)
  assert.deepEqual(await engine.events.status(), [])
  await assert.rejects(engine.replication.removeTarget(arn), code('NoSuchReplicationTarget'))
  await assert.rejects(
    logs.setConfiguration('replication', { rules: [everything(arn)] }),
    code('NoSuchReplicationTarget'),
  )
})

test('what waits for a target whose removal a crash has cut short goes at the next open', async () => {
  const target = new FakeTarget()
  target.isDown = true
  const stores = await keptStores()
  {
    const { engine, logs } = await openReplicating(target, { stores })
    await logs.put('a', Buffer.from('1'))
    await logs.setConfiguration('replication', undefined)
    await engine.close()
  }
  const rowsOf = async (first: string) =>
    (await stores.kv.scan({ from: Buffer.from(first), to: Buffer.from(`${first}~`), limit: 10 })).rows
  const [row] = await rowsOf('y')
  await stores.kv.commit({ checks: [], puts: [], deletes: [row!.key] })
  assert.equal((await rowsOf('qereplication')).length, 1)
  await (await open(target, { stores })).close()
  assert.equal((await rowsOf('qereplication')).length, 0)
})

test('targets are added, asked for and removed from another thread as in the engine', async () => {
  const target = new FakeTarget()
  await using engine = await open(target)
  await using connected = await openNear(engine)
  const { near } = connected
  await near.createBucket('logs')
  await near.bucket('logs').setConfiguration('versioning', 'enabled')
  const { arn } = await near.replication.addTarget('logs', remote)
  await near.bucket('logs').setConfiguration('replication', { rules: [everything(arn)] })
  await near.bucket('logs').put('a', Buffer.from('1'))
  await until(() => target.versions.size === 1)
  const [status] = await near.replication.status()
  assert.deepEqual([status!.arn, status!.isOnline, status!.failures], [arn, true, 0])
  assert.deepEqual(await near.replication.check('logs'), [{ arn }])
  for await (const _ of near.replication.failures({ arn })) assert.fail('nothing has failed')
  await assert.rejects(near.replication.removeTarget(arn), code('InvalidRequest'))
  await assert.rejects(
    near.replication.resync(`${arn}x`),
    (error) => isEngineError(error, 'NoSuchReplicationTarget') && error.details.arn === `${arn}x`,
  )
})

test('a version is told to be where all targets that there still are have it', async () => {
  const [target, other] = [new FakeTarget(), new FakeTarget()]
  target.isDown = true
  const connectReplicationTarget = ({ bucket }: { bucket: string }) => (bucket === 'others' ? other : target)
  const { engine, logs, arn } = await openReplicating(target, { connectReplicationTarget })
  await using _ = engine
  const { arn: otherArn } = await engine.replication.addTarget('logs', { ...remote, bucket: 'others' })
  const rules = [everything(otherArn), { ...everything(arn), priority: 2 }]
  await logs.setConfiguration('replication', { rules })
  await logs.put('a', Buffer.from('1'))
  await until(() => other.versions.size === 1)
  assert.equal((await logs.head('a')).replicationStatus, 'pending')
  await logs.setConfiguration('replication', { rules: rules.slice(0, 1) })
  await engine.replication.removeTarget(arn)
  await until(async () => (await logs.head('a')).replicationStatus === 'completed')
})
