import assert from 'node:assert/strict'
import test from 'node:test'
import { connectBucket, Engine, ReplicationError, type ReplicationTarget } from '@aquifer/engine'
import { everything, remote, sealingKey, settled, until } from './open-replicating.js'

const HOUR = 3_600_000
const inAnHour = () => new Date(Date.now() + HOUR)
const sides = ['http://one', 'http://other'] as const

/** Two engines that carry over to each other while the way is open. */
async function openBoth() {
  const way = { isOpen: true, isOpenBack: true, beforeRemoval: async () => {}, beforePut: async () => {} }
  const engines = new Map<string, Engine>()
  const connectReplicationTarget = ({ endpoint, bucket }: { endpoint: string; bucket: string }) =>
    new Proxy(connectBucket(engines.get(endpoint)!, bucket), {
      get: (target, name: keyof ReplicationTarget) => {
        if (!(endpoint === sides[1] ? way.isOpen : way.isOpenBack && way.isOpen))
          throw new ReplicationError('Unreachable', 'The way is closed.')
        if (name === 'put')
          return async (...asked: Parameters<ReplicationTarget['put']>) => {
            await way.beforePut()
            return target.put(...asked)
          }
        if (name !== 'remove') return target[name]?.bind(target)
        return async (...asked: Parameters<ReplicationTarget['remove']>) => {
          await way.beforeRemoval()
          return target.remove(...asked)
        }
      },
    })
  for (const side of sides) {
    const engine = await Engine.open({ sealingKey, connectReplicationTarget })
    engines.set(side, engine)
    await engine.createBucket('kept', { objectLock: true })
  }
  const [one, other] = sides.map((side) => engines.get(side)!) as [Engine, Engine]
  for (const [at, engine] of [one, other].entries()) {
    const { arn } = await engine.replication.addTarget('kept', {
      ...{ ...remote, endpoint: sides[1 - at]!, bucket: 'kept' },
    })
    await engine.bucket('kept').setConfiguration('replication', { rules: [everything(arn)] })
  }
  return {
    ...{ way, engines: [one, other], one: one.bucket('kept'), other: other.bucket('kept') },
    async [Symbol.asyncDispose]() {
      await Promise.all([one.close(), other.close()])
    },
  }
}

type Both = Awaited<ReturnType<typeof openBoth>>

async function atRest({ engines }: Both): Promise<void> {
  for (const engine of [...engines, ...engines]) await settled(engine)
}

const keysOf = async (bucket: Both['one']): Promise<string[]> => {
  const keys: string[] = []
  for await (const entry of bucket.listVersions()) if (entry.type === 'version') keys.push(entry.info.key)
  return keys
}

test('a version goes at the target too whose locks were taken away or bypassed before it was removed', async () => {
  await using both = await openBoth()
  const { way, one, other } = both
  const retention = { mode: 'governance', retainUntil: inAnHour() } as const
  const held = await one.put('held', Buffer.from('1'), { legalHold: true })
  const kept = await one.put('kept', Buffer.from('2'), { retention })
  const later = await one.put('later', Buffer.from('3'))
  await one.setRetention('later', retention, { versionId: later.versionId! })
  await atRest(both)
  assert.deepEqual(await keysOf(other), ['held', 'kept', 'later'])
  way.isOpen = false
  await one.setLegalHold('held', false)
  for (const { key, versionId } of [held, kept, later])
    await one.delete(key, { versionId: versionId!, bypassGovernance: true })
  way.isOpen = true
  await atRest(both)
  assert.deepEqual([await keysOf(one), await keysOf(other)], [[], []])
})

test('a version that was locked in one store and removed in the other stays in the one, and comes back', async () => {
  await using both = await openBoth()
  const { way, one, other } = both
  const locks = {
    hold: (versionId: string) => other.setLegalHold('hold', true, { versionId }),
    governance: (versionId: string) =>
      other.setRetention('governance', { mode: 'governance', retainUntil: inAnHour() }, { versionId }),
    compliance: (versionId: string) =>
      other.setRetention('compliance', { mode: 'compliance', retainUntil: inAnHour() }, { versionId }),
  }
  const versions = new Map<string, string>()
  for (const key of Object.keys(locks)) versions.set(key, (await one.put(key, Buffer.from(key))).versionId!)
  await atRest(both)
  way.isOpen = false
  for (const [key, versionId] of versions) {
    await locks[key as keyof typeof locks](versionId)
    await one.delete(key, { versionId, bypassGovernance: true })
  }
  assert.deepEqual(await keysOf(one), [])
  way.isOpen = true
  await until(async () => (await keysOf(one)).length === 3)
  await atRest(both)
  for (const bucket of [one, other]) {
    assert.deepEqual(await keysOf(bucket), ['compliance', 'governance', 'hold'])
    for (const [key, versionId] of versions)
      await assert.rejects(bucket.delete(key, { versionId }), { code: 'AccessDenied' })
  }
})

test('a version that came back while its removal was on the way is in both stores in the end', async () => {
  await using both = await openBoth()
  const { way, one, other } = both
  const { versionId } = (await one.put('a', Buffer.from('1'))) as { versionId: string }
  await atRest(both)
  way.beforeRemoval = async () => {
    way.beforeRemoval = async () => {}
    await other.setLegalHold('a', true, { versionId })
    await until(async () => (await keysOf(one)).length === 1)
    way.isOpenBack = false
    await other.setLegalHold('a', false, { versionId })
  }
  await one.delete('a', { versionId })
  await until(() => !way.isOpenBack)
  await settled(both.engines[0]!)
  way.isOpenBack = true
  await atRest(both)
  assert.deepEqual([await keysOf(one), await keysOf(other)], [['a'], ['a']])
})

test('a version that is sent back for its lock while that is taken away is in both stores in the end, unlocked', async () => {
  await using both = await openBoth()
  const { way, one, other } = both
  const { versionId } = (await one.put('a', Buffer.from('1'))) as { versionId: string }
  await atRest(both)
  let sends = (): void => {}
  const isSent = new Promise<void>((resolve) => {
    sends = resolve
  })
  way.beforeRemoval = async () => {
    way.beforeRemoval = async () => {}
    await other.setLegalHold('a', true, { versionId })
    await isSent
  }
  way.beforePut = async () => {
    way.beforePut = async () => {}
    sends()
    await other.setLegalHold('a', false, { versionId })
  }
  await one.delete('a', { versionId })
  await isSent
  await atRest(both)
  for (const bucket of [one, other]) assert.equal((await bucket.head('a')).legalHold, false)
})

test('a version that was removed after its lock had been taken away does not come back by what was sent before', async () => {
  await using both = await openBoth()
  const { way, one, other } = both
  const { versionId } = (await one.put('a', Buffer.from('1'), { legalHold: true })) as { versionId: string }
  await atRest(both)
  way.isOpenBack = false
  await other.setLegalHold('a', false, { versionId })
  await other.delete('a', { versionId })
  // As it is here still, and as a put that was under way has it.
  const { info, body } = await one.get('a', { versionId })
  const stale = { replica: { versionId, lastModified: info.lastModified }, legalHold: true }
  await assert.rejects(other.put('a', body, stale), { code: 'PreconditionFailed' })
  way.isOpenBack = true
  await atRest(both)
  assert.deepEqual([await keysOf(one), await keysOf(other)], [[], []])
})
