import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import type { Engine } from '@aquifer/engine'
import type { KvStore } from '@aquifer/engine/stores'
import { FakeTarget } from './fake-target.js'
import { keptStores, open, openReplicating, remote, settled, until } from './open-replicating.js'

const rowsUnder = async (kv: KvStore, first: string) =>
  (await kv.scan({ from: Buffer.from(first), to: Buffer.from(`${first}~`), limit: 1_000 })).rows

/** A store with a version, and the removal of another, that wait for a target, whose row is damaged. */
async function damaged() {
  const target = new FakeTarget()
  target.isDown = true
  const stores = await keptStores()
  const { engine, logs } = await openReplicating(target, { stores })
  await logs.put('a', Buffer.from('1'))
  const { versionId } = await logs.put('gone', Buffer.from('1'))
  await logs.delete('gone', { versionId: versionId! })
  await engine.close()
  const row = (await rowsUnder(stores.kv, 'y'))[0]!
  const put = (value: Uint8Array) =>
    stores.kv.commit({ checks: [], puts: [{ key: row.key, value }], deletes: [] })
  await put(row.value.subarray(0, 40))
  return {
    target,
    stores,
    waiting: async () => (await rowsUnder(stores.kv, 'qereplication')).length,
    /** As from a backup. */
    mend: async () => {
      target.isDown = false
      await put(row.value)
    },
  }
}

test('a target whose row is damaged keeps no store from opening, and what waits for it waits on', async () => {
  const { target, stores, mend } = await damaged()
  {
    await using engine = await open(target, { stores })
    assert.deepEqual(await engine.replication.status(), [])
    assert.equal(Buffer.from(await (await engine.bucket('logs').get('a')).bytes()).toString(), '1')
    const findings = []
    for await (const finding of engine.verify()) findings.push(finding)
    assert.notEqual(findings.length, 0)
  }
  await mend()
  await using engine = await open(target, { stores })
  await until(() => target.versions.size === 1)
  assert.equal((await engine.replication.status()).length, 1)
})

test('a bucket goes whole beside a target whose row is damaged, with the targets that are known to be its own', async () => {
  const { target, stores, waiting } = await damaged()
  const before = await waiting()
  await using engine = await open(target, { stores })
  const logs = engine.bucket('logs')
  await engine.replication.addTarget('logs', remote)
  await logs.setConfiguration('cors', [{ allowedMethods: ['GET'], allowedOrigins: ['*'] }])
  await logs.setConfiguration('replication', undefined)
  await logs.remove({ force: true })
  await engine.reclaim()
  for (const family of ['o', 'v', 'c', 'w']) assert.deepEqual(await rowsUnder(stores.kv, family), [], family)
  assert.equal((await rowsUnder(stores.kv, 'y')).length, 1)
  assert.equal(await waiting(), before)
})

test('while anything waits for a target whose row is damaged no removed version is forgotten', async () => {
  const { target, stores, mend } = await damaged()
  let now = Date.now()
  const clock = { now: () => now, monotonic: () => now }
  const passDays = (engine: Engine, days: number) => {
    now += days * 86_400_000
    return engine.reclaim()
  }
  const options = { stores, clock, background: false }
  {
    await using engine = await open(target, options)
    await passDays(engine, 40)
    assert.equal((await rowsUnder(stores.kv, 'z')).length, 1)
  }
  await mend()
  {
    await using engine = await open(target, { stores })
    await settled(engine)
  }
  await using engine = await open(target, options)
  await passDays(engine, 40)
  assert.equal((await rowsUnder(stores.kv, 'z')).length, 0)
})

test('resealing tells of a target whose row is damaged, seals all else, and loses no secret', async () => {
  const { target, stores, mend } = await damaged()
  const others = [randomBytes(32), randomBytes(32)]
  let secretAccessKey = ''
  {
    await using engine = await open(target, { stores })
    const { accessKey } = await engine.identities.users.add('ann', { accessKey: { accessKeyId: 'ANN' } })
    secretAccessKey = accessKey!.secretAccessKey
    const { arn } = await engine.replication.addTarget('logs', { ...remote, bucket: 'others' })
    assert.match(arn, /:others$/)
    const told = await engine.identities.reseal(others[0]!)
    assert.deepEqual(
      told.map(({ what, code }) => [what, code]),
      [['store', 'CorruptRecord']],
    )
    assert.match(told[0]!.detail, /replication target [0-9a-f]{32}/)
  }
  await assert.rejects(open(target, { stores }), { code: 'SealingKeyMismatch' })
  {
    await using engine = await open(target, { stores, sealingKey: others[0]! })
    assert.equal((await engine.replication.status())[0]!.lastError, undefined)
    assert.equal((await engine.identities.findAccessKey('ANN'))!.secretAccessKey, secretAccessKey)
  }
  await mend()
  const connected: string[] = []
  const connectReplicationTarget = (given: { bucket: string; secretAccessKey: string }) => {
    connected.push(`${given.bucket} ${given.secretAccessKey}`)
    return target
  }
  {
    await using engine = await open(target, { stores, sealingKey: others[0]!, connectReplicationTarget })
    await until(() => target.versions.size === 1)
    assert.deepEqual(connected.sort(), [
      `copies ${remote.secretAccessKey}`,
      `others ${remote.secretAccessKey}`,
    ])
    assert.deepEqual(await engine.identities.reseal(others[1]!), [])
  }
  const sealing = Buffer.from((await rowsUnder(stores.kv, 'as'))[0]!.value)
  assert.equal(sealing[2], 1, 'and in the end one key is left')
})
