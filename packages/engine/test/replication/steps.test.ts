import assert from 'node:assert/strict'
import test from 'node:test'
import { type Bucket, EngineError, isEngineError } from '@aquifer/engine'
import type { Change, CommitOutcome, KvStore } from '@aquifer/engine/stores'
import { assertInvariants } from '@aquifer/engine/testing'
import { FakeTarget } from './fake-target.js'
import { isSettled, keptStores, open, openReplicating, settled, until } from './open-replicating.js'

/** A process that dies at one of its steps: from then on it writes nothing, and asks nothing of anybody. */
class Life {
  #stepsLeft: number
  isOver = false

  constructor(steps: number) {
    this.#stepsLeft = steps
  }

  step(): void {
    if (!this.isOver && --this.#stepsLeft < 0) this.isOver = true
    if (this.isOver) throw new EngineError('StorageUnavailable', 'It is dead.', { outcome: 'unknown' })
  }

  /** A commit is two steps: it dies before it, or after it and before anybody knows. */
  kv(kv: KvStore): KvStore {
    const commit = async (change: Change): Promise<CommitOutcome> => {
      this.step()
      const outcome = await kv.commit(change)
      this.step()
      return outcome
    }
    return new Proxy(kv, {
      get: (_, name) => {
        const value = name === 'commit' ? commit : kv[name as keyof KvStore]
        return typeof value === 'function' && name !== 'commit' ? value.bind(kv) : value
      },
    })
  }
}

const big = 'x'.repeat(300_000)

async function work(logs: Bucket): Promise<void> {
  const { versionId: first } = await logs.put('a', Buffer.from('one'))
  await logs.put('a', Buffer.from('two'), { tags: { kind: 'new' } })
  await logs.put('big', Buffer.from(big))
  await logs.setTags('a', { kind: 'old' }, { versionId: first! })
  const { deleteMarker } = await logs.delete('a')
  await logs.delete('a', { versionId: deleteMarker!.versionId })
  const { versionId } = await logs.put('gone', Buffer.from('1'))
  await logs.delete('gone', { versionId: versionId! })
}

/** All that a bucket has, in the words of the fake target. */
async function holds(logs: Bucket): Promise<string[]> {
  const all: string[] = []
  for await (const entry of logs.listVersions()) {
    if (entry.type !== 'version') continue
    const { key, versionId, isDeleteMarker } = entry.info
    if (isDeleteMarker) {
      all.push(`${key}=deleted`)
      continue
    }
    await using object = await logs.get(key, { versionId })
    const tags = Object.entries(await logs.getTags(key, { versionId }))
    const told = tags.map(([name, value]) => ` ${name}:${value}`).join('')
    all.push(`${key}=${Buffer.from(await object.bytes())}${told}`)
  }
  return all.sort()
}

for (const keepsVersionIds of [true, false])
  test(`a process that dies at any step leaves the target with all that the source has ${keepsVersionIds ? '' : '(ids not kept)'}`, async () => {
    let deaths = 0
    for (let steps = 0; ; steps += keepsVersionIds ? 1 : 3) {
      const target = new FakeTarget({ keepsVersionIds })
      const stores = await keptStores()
      {
        const { engine } = await openReplicating(target, { stores })
        await engine.close()
      }
      const life = new Life(steps)
      target.before = () => life.step()
      target.after = () => life.step()
      const engine = await open(target, { stores: { ...stores, kv: life.kv(stores.kv) } })
      try {
        await work(engine.bucket('logs'))
      } catch (error) {
        if (!isEngineError(error, 'StorageUnavailable')) throw error
      }
      await until(async () => life.isOver || (await isSettled(engine)))
      await engine.close().catch(() => {})
      if (!life.isOver) {
        assert.deepEqual(target.holds, ['a=one kind:old', 'a=two kind:new', `big=${big}`])
        break
      }
      deaths++
      target.before = () => {}
      target.after = () => {}
      await using again = await open(target, { stores })
      await settled(again)
      // What was sent and not written down stands twice where ids are not kept, and a version that went then stays.
      const [there, here] = [new Set(target.holds), new Set(await holds(again.bucket('logs')))]
      if (keepsVersionIds) assert.deepEqual([...there], [...here], `after ${steps} steps`)
      else for (const each of here) assert.ok(there.has(each), `${each} after ${steps} steps`)
      await again.close()
      await assertInvariants(stores)
    }
    assert.ok(deaths > 15, `${deaths}`)
  })
