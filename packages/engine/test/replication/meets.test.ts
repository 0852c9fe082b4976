import assert from 'node:assert/strict'
import test from 'node:test'
import { type Bucket, Engine, isEngineError } from '@aquifer/engine'
import { type Change, type KvStore, MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { AsynchronousKvStore, assertInvariants, seededRandom } from '@aquifer/engine/testing'

/** What happens when versions of another store come while others write the same keys. */

const START = Date.UTC(2026, 0, 1)
const idOf = (order: number, number: number): string =>
  (2 ** 48 - 1 - order).toString(16).padStart(12, '0') + number.toString(16).padStart(20, '0')

/** Tells of each commit, and has something else happen just before one is carried out. */
function watched(store: KvStore, before: { commit?: (change: Change) => Promise<void> | void }): KvStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'commit')
        return async (change: Change) => {
          await before.commit?.(change)
          return target.commit(change)
        }
      const member = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

async function place(inlineMaxBytes = 64 * 1024) {
  const before: { commit?: (change: Change) => Promise<void> | void } = {}
  const clock = { nowMs: START, now: () => clock.nowMs, monotonic: () => 0 }
  const kv = MemoryKvStore.open()
  const blobs = await MemoryBlobStore.open()
  const stores = { kv: watched(kv, before), blobs }
  const engine = await Engine.open({ stores, clock, background: false, inlineMaxBytes })
  await engine.createBucket('box')
  const box = engine.bucket('box')
  await box.setConfiguration('versioning', 'enabled')
  // Another engine over the same rows knows nothing of the turns of this one.
  const other = await Engine.open({ stores: { kv, blobs }, clock, background: false, inlineMaxBytes })
  return {
    ...{ engine, box, other: other.bucket('box'), before },
    async [Symbol.asyncDispose]() {
      await assertInvariants({ kv, blobs, reclaimedAtMs: -1 })
      await other.close()
      await engine.close()
    },
  }
}

async function shown(bucket: Bucket): Promise<string[]> {
  const found: string[] = []
  for await (const entry of bucket.listVersions())
    if (entry.type === 'version')
      found.push(
        entry.info.versionId + (entry.info.isDeleteMarker ? '!' : '') + (entry.info.isLatest ? '*' : ''),
      )
  return found
}

/** Runs it once, before the next commit. */
function once(
  before: { commit?: (change: Change) => Promise<void> | void },
  act: () => Promise<unknown>,
): void {
  before.commit = async () => {
    delete before.commit
    await act()
  }
}

test('each is one commit', async () => {
  await using at = await place()
  let commits = 0
  at.before.commit = () => {
    commits++
  }
  const versionId = idOf(START, 1)
  const replica = { versionId, lastModified: new Date(START) }
  const steps: (() => Promise<unknown>)[] = [
    () => at.box.put('k', Buffer.from('bytes'), { replica }),
    () =>
      at.box.put('k', Buffer.from('bytes'), {
        replica: { ...replica, changed: { tags: new Date(START + 1) } },
      }),
    () => at.box.mergeReplica('k', { versionId, tags: { a: '1' }, changed: { tags: new Date(START + 2) } }),
    () => at.box.delete('k', { versionId, replica: {} }),
    () =>
      at.box.delete('k', {
        versionId: idOf(START, 2),
        replica: { deleteMarker: { lastModified: new Date(START) } },
      }),
  ]
  for (const [which, step] of steps.entries()) {
    commits = 0
    await step()
    assert.equal(commits, 1, `step ${which}`)
  }
})

test('a version that comes behind the current one while that is removed becomes current', async () => {
  await using at = await place()
  const [oldest, between, newest] = [idOf(START - 3, 1), idOf(START - 2, 2), idOf(START - 1, 3)]
  const bring = (bucket: Bucket, versionId: string) =>
    bucket.put('k', Buffer.from('b'), { replica: { versionId, lastModified: new Date(START) } })
  await bring(at.box, oldest)
  await bring(at.box, newest)
  once(at.before, () => bring(at.other, between))
  await at.box.delete('k', { versionId: newest })
  assert.deepEqual(await shown(at.box), [`${between}*`, oldest])
})

test('a version that comes while a newer one is written stays behind it', async () => {
  await using at = await place()
  const theirs = idOf(START, 1)
  once(at.before, () => at.other.put('k', Buffer.from('ours')))
  await at.box.put('k', Buffer.from('theirs'), {
    replica: { versionId: theirs, lastModified: new Date(START) },
  })
  const found = await shown(at.box)
  assert.equal(found.length, 2)
  assert.equal(found.filter((id) => id.endsWith('*')).length, 1)
  once(at.before, () =>
    at.other.put('k', Buffer.from('theirs'), {
      replica: { versionId: idOf(START + 5, 2), lastModified: new Date(START) },
    }),
  )
  const { versionId } = await at.box.put('k', Buffer.from('ours'))
  assert.equal((await shown(at.box))[0], `${versionId}*`)
})

test('a version that is removed while it comes is not there, and its bytes are let go', async () => {
  await using at = await place(0)
  const versionId = idOf(START, 1)
  const replica = { versionId, lastModified: new Date(START) }
  at.before.commit = async ({ puts }) => {
    if (!puts.some(({ key }) => key[0] === 'v'.charCodeAt(0))) return
    delete at.before.commit
    await at.other.delete('k', { versionId, replica: {} })
  }
  await assert.rejects(at.box.put('k', Buffer.from('bytes'), { replica }), { code: 'PreconditionFailed' })
  assert.deepEqual(await shown(at.box), [])
})

for (const inlineMaxBytes of [64 * 1024, 0])
  test(`whatever is written here and comes from elsewhere at once, all of it is there (bodies in line up to ${inlineMaxBytes})`, async (t) => {
    const seed = Number(process.env['AQUIFER_SEED'] ?? Date.now() % 1_000_000)
    t.diagnostic(`seed ${seed}`)
    const random = seededRandom(seed)
    const below = (count: number) => Math.floor(random() * count)
    for (let run = 0; run < 15; run++) {
      const clock = { nowMs: START, now: () => clock.nowMs++, monotonic: () => 0 }
      const [kv, blobs] = [MemoryKvStore.open(), await MemoryBlobStore.open()]
      const stores = { kv: new AsynchronousKvStore(kv, { seed: seed + run }), blobs }
      const engine = await Engine.open({ stores, clock, background: false, inlineMaxBytes })
      await engine.createBucket('box')
      const box = engine.bucket('box')
      // What was there before versioning is the null version.
      if (below(2) === 0) await box.put('k', Buffer.from('null'))
      await box.setConfiguration('versioning', 'enabled')
      const expected = new Set((await shown(box)).map((id) => id.replace('*', '')))
      const theirs = Array.from({ length: 6 }, (_, number) => idOf(START - 10 + below(40), number))
      await Promise.all(
        Array.from({ length: 12 }, async (_, number) => {
          const versionId = theirs[below(theirs.length)]!
          const lastModified = new Date(START)
          try {
            switch (below(6)) {
              case 0: {
                expected.add((await box.put('k', Buffer.from(`ours ${number}`))).versionId!)
                return
              }
              case 1: {
                expected.add(`${(await box.delete('k')).deleteMarker!.versionId}!`)
                return
              }
              case 2: {
                await box.mergeReplica('k', {
                  versionId,
                  tags: { n: `${number}` },
                  changed: { tags: lastModified },
                })
                return
              }
              default:
                await box.put('k', Buffer.from(versionId), { replica: { versionId, lastModified } })
                expected.add(versionId)
            }
          } catch (error) {
            if (!isEngineError(error, 'NoSuchVersion')) throw error
          }
        }),
      )
      const found = await shown(box)
      assert.deepEqual(new Set(found.map((id) => id.replace('*', ''))), expected, `seed ${seed}, run ${run}`)
      assert.ok(found[0]!.endsWith('*'))
      await engine.reclaim()
      await assertInvariants({ kv, blobs, reclaimedAtMs: clock.nowMs })
      await engine.close()
    }
  })
