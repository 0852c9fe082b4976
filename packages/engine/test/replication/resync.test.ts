import assert from 'node:assert/strict'
import test from 'node:test'
import { type Bucket, type Engine, isEngineError, type ResyncStatus } from '@aquifer/engine'
import { assertInvariants } from '@aquifer/engine/testing'
import { FakeTarget } from './fake-target.js'
import { everything, keptStores, open, openReplicating, remote, settled, until } from './open-replicating.js'

const code = (expected: string) => (error: unknown) => isEngineError(error) && error.code === expected

const text = (value: string) => Buffer.from(value)

/** A bucket that holds something before it has rules. */
async function openFilled(target: FakeTarget, keys: number, options = {}) {
  const engine = await open(target, options)
  await engine.createBucket('logs')
  const logs = engine.bucket('logs')
  await logs.put('first', text('null'))
  await logs.setConfiguration('versioning', 'enabled')
  await Promise.all(Array.from({ length: keys }, (_, n) => logs.put(`k${n % (keys / 2)}`, text(`${n}`))))
  await logs.put('gone', text('1'))
  await logs.delete('gone')
  const { arn } = await engine.replication.addTarget('logs', remote)
  return { engine, logs, arn }
}

const setRule = (logs: Bucket, arn: string, existingObjects: 'enabled' | 'disabled') =>
  logs.setConfiguration('replication', { rules: [{ ...everything(arn), existingObjects }] })

const lastResync = async (engine: Engine): Promise<ResyncStatus> =>
  (await engine.replication.resyncStatus('logs'))[0]!

const ended = (engine: Engine) => until(async () => (await lastResync(engine)).status !== 'ongoing')

test('what was there before the rules goes along where a rule says so, and only there', async () => {
  const target = new FakeTarget()
  const { engine, logs, arn } = await openFilled(target, 1_000)
  await using _ = engine
  await setRule(logs, arn, 'disabled')
  await logs.put('after', text('1'))
  await settled(engine)
  assert.deepEqual(target.holds, ['after=1'])
  await setRule(logs, arn, 'enabled')
  await until(() => target.versions.size === 1_004)
  await settled(engine)
  assert.equal(target.calls.filter((call) => call === 'put after').length, 1)
  assert.ok(target.holds.includes('first=null'))
  assert.equal((await logs.head('first')).replicationStatus, 'completed')
})

test('a target of another kind gets the old versions of each key oldest first', async () => {
  const target = new FakeTarget({ keepsVersionIds: false })
  const engine = await open(target)
  await using _ = engine
  await engine.createBucket('logs')
  const logs = engine.bucket('logs')
  await logs.setConfiguration('versioning', 'enabled')
  for (let n = 0; n < 300; n++) await logs.put(`k${n % 2}`, text(String(n).padStart(3, '0')))
  const { arn } = await engine.replication.addTarget('logs', remote)
  await setRule(logs, arn, 'enabled')
  await until(() => target.versions.size === 300)
  for (const wanted of ['k0', 'k1']) {
    const got = [...target.versions.values()].filter(({ key }) => key === wanted).map(({ bytes }) => bytes)
    assert.deepEqual(got, [...got].sort())
  }
})

test('a target of another kind ends with the newest version of a key, although older ones come after it', async () => {
  const target = new FakeTarget({ keepsVersionIds: false })
  const { engine, logs, arn } = await openFilled(target, 2)
  await using _ = engine
  await logs.put('first', text('second'))
  await setRule(logs, arn, 'disabled')
  await logs.put('first', text('third'), { tags: { kind: 'new' } })
  await logs.delete('k0')
  await settled(engine)
  // This one still waits when the older ones are put in line behind it.
  target.isDown = true
  await logs.put('k0', text('third'))
  await setRule(logs, arn, 'enabled')
  await until(async () => (await engine.replication.status())[0]!.waiting > 4)
  target.isDown = false
  await until(() => target.holds.includes('first=second'))
  await settled(engine)
  const of = (key: string) => [...target.versions.values()].filter((each) => each.key === key)
  assert.deepEqual(
    of('first').map(({ bytes, facts }) => bytes + facts),
    ['null', 'second', 'third kind:new'],
  )
  assert.equal(of('k0').at(-1)!.bytes, 'third')
})

test('a resync brings everything again, and tells how far it has come', async () => {
  const target = new FakeTarget()
  const stores = await keptStores()
  const { engine, logs, arn } = await openFilled(target, 500, { stores })
  await setRule(logs, arn, 'enabled')
  await until(() => target.versions.size === 503)
  await settled(engine)
  target.versions.clear()
  const begun = await engine.replication.resync(arn, { resyncId: 'again' })
  assert.deepEqual([begun.status, begun.resyncId, begun.arn], ['ongoing', 'again', arn])
  await assert.rejects(engine.replication.resync(arn), code('InvalidRequest'))
  await ended(engine)
  assert.equal(target.versions.size, 503)
  const { status, completed, failed, ended: endedAt } = await lastResync(engine)
  assert.deepEqual([status, completed.versions, failed.versions], ['completed', 503, 0])
  assert.ok(endedAt! >= begun.started)
  await engine.close()
  await assertInvariants(stores)
})

test('a resync needs a rule with existing objects, and takes only what is old enough', async () => {
  const target = new FakeTarget()
  const clock = { ms: Date.now(), now: () => clock.ms, monotonic: () => performance.now() }
  const { engine, logs, arn } = await openReplicating(target, { clock })
  await using _ = engine
  await assert.rejects(engine.replication.resync(arn), code('InvalidRequest'))
  await assert.rejects(engine.replication.resync(`${arn}x`), code('NoSuchReplicationTarget'))
  await assert.rejects(engine.replication.cancelResync(arn), code('InvalidRequest'))
  await setRule(logs, arn, 'enabled')
  await logs.put('old', text('1'))
  clock.ms += 60_000
  await logs.put('new', text('1'))
  await settled(engine)
  target.versions.clear()
  await engine.replication.resync(arn, { olderThanMs: 30_000 })
  await ended(engine)
  assert.deepEqual(target.holds, ['old=1'])
})

test('a resync goes on after a restart, and one that was canceled does not', async () => {
  const target = new FakeTarget()
  const stores = await keptStores()
  {
    const { engine, logs, arn } = await openFilled(target, 900, { stores })
    await setRule(logs, arn, 'enabled')
    await until(() => target.versions.size === 903)
    await settled(engine)
    target.versions.clear()
    target.isDown = true
    await engine.replication.resync(arn)
    await until(async () => (await engine.replication.status())[0]!.waiting > 100)
    await engine.close()
  }
  await assertInvariants(stores)
  target.isDown = false
  {
    await using engine = await open(target, { stores })
    await ended(engine)
    assert.equal(target.versions.size, 903)
    assert.equal((await lastResync(engine)).completed.versions, 903)
    target.isDown = true
    const [{ arn }] = (await engine.replication.status()) as unknown as [{ arn: string }]
    await engine.replication.resync(arn)
    assert.equal((await engine.replication.cancelResync(arn)).status, 'canceled')
    target.isDown = false
    await settled(engine)
  }
  await assertInvariants(stores)
  await using engine = await open(target, { stores })
  assert.equal((await lastResync(engine)).status, 'canceled')
})
