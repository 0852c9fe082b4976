import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { type Bucket, Engine, type ReplicaFacts, type ReplicationRule } from '@aquifer/engine'
import { FakeTarget } from './fake-target.js'
import { everything, remote, sealingKey, settled } from './open-replicating.js'

// The engine's own timers keep no process alive.
const alive = setInterval(() => {}, 1_000)
after(() => clearInterval(alive))

const START = Date.UTC(2026, 0, 1)
const versionId = (2 ** 48 - 1 - START).toString(16).padStart(12, '0') + 'ab'.repeat(10)
const afterStart = (ms: number): Date => new Date(START + ms)
const bytes = Buffer.from('b')

/** A bucket that takes versions of other stores, and carries over to one. */
async function place(rule: Partial<ReplicationRule> = {}) {
  const target = new FakeTarget()
  const clock = { nowMs: START, now: () => clock.nowMs, monotonic: () => clock.nowMs }
  const engine = await Engine.open({ sealingKey, clock, connectReplicationTarget: () => target })
  await engine.createBucket('box', { objectLock: true })
  const box = engine.bucket('box')
  const { arn } = await engine.replication.addTarget('box', remote)
  const rules = [{ ...everything(arn), ...rule }]
  await box.setConfiguration('replication', { rules })
  target.calls.length = 0
  const [taggedAt, heldAt] = [afterStart(20), afterStart(30)]
  await box.put('k', bytes, {
    ...{ tags: { at: 'newer' }, legalHold: true },
    replica: { versionId, lastModified: afterStart(0), changed: { tags: taggedAt, legalHold: heldAt } },
  })
  return {
    ...{ box, clock, target },
    merge: (facts: Omit<ReplicaFacts, 'versionId'>) => box.mergeReplica('k', { versionId, ...facts }),
    settled: () => settled(engine),
    [Symbol.asyncDispose]: () => engine.close(),
  }
}

const tagged = (at: string, ms: number) => ({ tags: { at }, changed: { tags: afterStart(ms) } })
const asHeld = { legalHold: true, changed: { legalHold: afterStart(30) } }
const bringAgain = (box: Bucket) =>
  box.put('k', bytes, { replica: { versionId, lastModified: afterStart(0) } })

test('what comes from another store goes no further', async () => {
  await using at = await place()
  const { changed } = tagged('newer', 20)
  await at.merge({ ...tagged('newer', 20), ...asHeld, changed: { ...changed, ...asHeld.changed } })
  await at.merge({ ...tagged('newest', 40), ...asHeld, changed: { tags: afterStart(40), ...asHeld.changed } })
  await at.settled()
  assert.deepEqual(at.target.calls, [])
})

test('what is older than what is known here has that said back, once', async () => {
  await using at = await place()
  await at.merge({ ...tagged('older', 10), ...asHeld, changed: { tags: afterStart(10), ...asHeld.changed } })
  await at.settled()
  assert.deepEqual(at.target.holds, ['k=b at:newer held'])
  assert.deepEqual(at.target.calls, ['merge k', 'put k'])
})

test('what says nothing of what is known here has that said back', async () => {
  await using at = await place()
  await at.merge(tagged('newer', 20))
  await at.settled()
  assert.deepEqual(at.target.holds, ['k=b at:newer held'])
})

test('a version that is brought again as it was has said back what is known of it since', async () => {
  await using at = await place()
  await bringAgain(at.box)
  await at.settled()
  assert.deepEqual(at.target.holds, ['k=b at:newer held'])
})

test('what is newer in one and older in another is taken, and said back', async () => {
  await using at = await place()
  await at.merge({ ...tagged('newest', 40), legalHold: false })
  await at.settled()
  assert.deepEqual(at.target.holds, ['k=b at:newest held'])
})

test('nothing is said back where a rule wants nothing said of versions of other stores', async () => {
  await using at = await place({ replicaModifications: 'disabled' })
  await bringAgain(at.box)
  await at.settled()
  assert.deepEqual(at.target.calls, [])
})

test('of a version that was made here it is said back all the same', async () => {
  await using at = await place({ replicaModifications: 'disabled' })
  const { versionId } = await at.box.put('own', bytes)
  at.clock.nowMs = START + 100
  await at.box.setTags('own', { at: 'newer' })
  await at.settled()
  at.target.calls.length = 0
  await at.box.mergeReplica('own', { versionId: versionId!, ...tagged('older', 50) })
  await at.settled()
  assert.deepEqual(at.target.calls, ['merge own'])
})

test('what is said here of locks keeps a version that was removed elsewhere, unless nobody is told of it', async () => {
  const rules: [rule: Partial<ReplicationRule>, isKept: boolean][] = [
    [{}, true],
    [{ replicaModifications: 'disabled' }, false],
    [{ filter: { prefix: 'another/' } }, false],
  ]
  for (const [rule, isKept] of rules) {
    await using at = await place(rule)
    at.clock.nowMs = START + 100
    await at.box.setLegalHold('k', false, { versionId })
    const remove = () =>
      at.box.delete('k', { versionId, replica: { changed: { legalHold: afterStart(30) } } })
    if (isKept) await assert.rejects(remove(), { code: 'AccessDenied' })
    else await remove()
  }
})

test('a version that is back is brought again to whoever was told that it was removed', async () => {
  await using at = await place()
  at.clock.nowMs = START + 100
  await at.box.setLegalHold('k', false, { versionId })
  await at.box.delete('k', { versionId })
  await at.settled()
  at.target.calls.length = 0
  const changed = { legalHold: afterStart(200) }
  await at.box.put('k', bytes, { replica: { versionId, lastModified: afterStart(0), changed } })
  await at.settled()
  assert.deepEqual(at.target.calls, ['merge k', 'put k'])
})

test('a version that went from a store that tells nobody comes back there by what a third has said of its locks', async () => {
  await using at = await place({ filter: { prefix: 'another/' } })
  const lift = { legalHold: afterStart(50) }
  await at.merge({ legalHold: false, changed: lift })
  await at.box.delete('k', { versionId, replica: { changed: { legalHold: afterStart(30) } } })
  await assert.rejects(bringAgain(at.box), { code: 'PreconditionFailed' })
  await at.box.put('k', bytes, { replica: { versionId, lastModified: afterStart(0), changed: lift } })
  assert.equal((await at.box.head('k', { versionId })).legalHold, undefined)
})

test('what was said where a retention of compliance had ended waits until it has ended here', async () => {
  await using at = await place()
  const kept = { mode: 'compliance', retainUntil: afterStart(1_000) } as const
  await at.merge({ retention: kept, changed: { retention: afterStart(50) } })
  const takeAway = () => at.merge({ retention: 'none', changed: { retention: afterStart(1_100) } })
  at.clock.nowMs = START + 1_000
  await assert.rejects(takeAway(), { code: 'AccessDenied' })
  assert.deepEqual((await at.box.head('k', { versionId })).retention, kept)
  at.clock.nowMs++
  assert.equal((await takeAway()).retention, undefined)
  // The other way about: by this clock it has not ended, and was said before what is known here.
  at.clock.nowMs = START + 900
  await assert.rejects(at.merge({ retention: kept, changed: { retention: afterStart(50) } }), {
    code: 'AccessDenied',
  })
})
