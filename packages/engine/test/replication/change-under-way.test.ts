import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Change, CommitOutcome } from '@aquifer/engine/stores'
import { FakeTarget } from './fake-target.js'
import { keptStores, openReplicating, until } from './open-replicating.js'

test('whatever a target is changed to while versions are under way, what waits is counted as it is', async () => {
  const target = new FakeTarget()
  const stores = await keptStores()
  const commit = stores.kv.commit.bind(stores.kv)
  stores.kv.commit = async (change: Change): Promise<CommitOutcome> => {
    const outcome = await commit(change)
    await delay(3)
    return outcome
  }
  const { engine, logs, arn } = await openReplicating(target, { stores })
  await using _ = engine
  for (let at = 0; at < 20; at++) {
    const puts = Array.from({ length: 8 }, (_, n) => logs.put(`${at}-${n}`, Buffer.from('1')))
    await Promise.all(puts)
    await engine.replication.updateTarget(arn, { concurrency: 8 + (at % 2) })
  }
  const prefix = Buffer.from('qereplication:')
  const rows = () => stores.kv.scan({ from: prefix, to: Buffer.from('qereplication;'), limit: 1_000 })
  await until(async () => (await rows()).rows.length === 0)
  await delay(50)
  assert.equal((await engine.replication.status())[0]!.waiting, 0)
  assert.equal(target.holds.length, 160)
})
