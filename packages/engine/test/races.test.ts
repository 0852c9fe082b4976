import assert from 'node:assert/strict'
import test from 'node:test'
import { type Bucket, Engine, isEngineError } from '@aquifer/engine'
import {
  type Change,
  type CommitOutcome,
  type KvStore,
  MemoryBlobStore,
  MemoryKvStore,
  type ScanOptions,
} from '@aquifer/engine/stores'
import { limits } from '../dist/limits.js'

/** What happens when two verbs, or a verb and the reclaimer, meet at the worst moment. */

// A list of three extents is a long one, and parts may be small. This process runs nothing else.
Object.assign(limits, { partMinBytes: 1, extentsInRecord: 2, extentsPerRow: 2 })

const DAY_MS = 24 * 60 * 60 * 1_000

/** Has something else happen just before a commit or a scan is carried out. */
function interrupted(store: KvStore, hooks: Hooks): KvStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'commit')
        return async (change: Change): Promise<CommitOutcome> => {
          await hooks.beforeCommit?.(change)
          return target.commit(change)
        }
      if (name === 'scan')
        return async (options: ScanOptions) => {
          const page = await target.scan(options)
          await hooks.afterScan?.(options)
          return page
        }
      const member = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

interface Hooks {
  beforeCommit?: ((change: Change) => Promise<void> | void) | undefined
  afterScan?: ((options: ScanOptions) => Promise<void> | void) | undefined
}

const family = (key: Uint8Array): string => String.fromCharCode(key[0]!)

async function place() {
  const hooks: Hooks = {}
  const clock = { nowMs: Date.UTC(2026, 0, 1), now: () => clock.nowMs, monotonic: () => 0 }
  const stores = { kv: interrupted(MemoryKvStore.open(), hooks), blobs: await MemoryBlobStore.open() }
  const engine = await Engine.open({ stores, clock, background: false, inlineMaxBytes: 0 })
  await engine.createBucket('photos')
  return { engine, photos: engine.bucket('photos'), hooks, clock, ...stores }
}

async function textOf(bucket: Bucket, key: string): Promise<string> {
  await using object = await bucket.get(key)
  return Buffer.from(await object.bytes()).toString()
}

/** Runs the hook once, at the first occasion it accepts. */
function once(hooks: Hooks, accepts: (change: Change) => boolean, act: () => Promise<unknown>): void {
  hooks.beforeCommit = async (change) => {
    if (!accepts(change)) return
    hooks.beforeCommit = undefined
    await act()
  }
}

test('a part replaced while a long completion begins is taken as it is then, and its bytes are there', async () => {
  const { engine, photos, hooks } = await place()
  const upload = await photos.createUpload('a')
  const parts = []
  for (const number of [1, 2, 3]) parts.push(await upload.putPart(number, Buffer.from(`part ${number}.`)))
  // The upload's row is put when it is marked: the parts have been looked at, and can still change.
  const isMark = ({ puts }: Change) => puts.some(({ key }) => family(key) === 'u')
  once(hooks, isMark, async () => {
    await upload.putPart(2, Buffer.from('part 2.')) // The same bytes in another blob; the former one goes.
    await engine.reclaim()
  })
  await upload.complete(parts)
  await engine.reclaim()
  assert.equal(await textOf(photos, 'a'), 'part 1.part 2.part 3.')
  await engine.close()
})

test('rows of a completion that are about to be named are not swept away by a jump of the clock', async () => {
  const { engine, photos, hooks, clock } = await place()
  const upload = await photos.createUpload('a')
  const parts = []
  for (const number of [1, 2, 3, 4, 5])
    parts.push(await upload.putPart(number, Buffer.from(`part ${number}.`)))
  let completing: Promise<unknown> | undefined
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let reached = () => {}
  const isReached = new Promise<void>((resolve) => {
    reached = resolve
  })
  // The completion stops just before its last commit, all of its extent rows written.
  once(
    hooks,
    ({ puts }) => puts.some(({ key }) => family(key) === 'o'),
    () => {
      reached()
      return held
    },
  )
  completing = upload.complete(parts)
  await isReached
  clock.nowMs += DAY_MS + 1
  // The sweep begins, and the completion ends in the midst of it.
  once(
    hooks,
    ({ deletes }) => deletes.some((key) => family(key) === 'e'),
    async () => {
      release()
      await completing?.catch(() => {})
    },
  )
  await engine.reclaim()
  release()
  await completing.catch((error) => assert.ok(isEngineError(error, 'OperationAborted')))
  const found = await textOf(photos, 'a').catch((error) => error)
  if (found instanceof Error) {
    assert.ok(isEngineError(found, 'NoSuchKey'), String(found))
    await upload.complete(parts) // It may be tried again.
  }
  assert.equal(await textOf(photos, 'a'), 'part 1.part 2.part 3.part 4.part 5.')
  await engine.close()
})

test('a bucket seen empty before others removed and made it anew is not removed with what came since', async () => {
  const { engine, photos, hooks } = await place()
  const isRemovalScan = ({ from }: ScanOptions) => family(from) === 'o'
  hooks.afterScan = async (options) => {
    if (!isRemovalScan(options)) return
    // The removal has seen an empty bucket. Another is faster, and the bucket is made anew and written to …
    hooks.afterScan = undefined
    await photos.remove()
    await engine.createBucket('photos')
    await photos.put('a', Buffer.from('here'))
    // … and a third removal dies when it has marked it.
    hooks.afterScan = () => {
      hooks.afterScan = undefined
      throw new Error('The disk is away.')
    }
    await assert.rejects(photos.remove(), /away/)
  }
  await assert.rejects(photos.remove(), (error) => isEngineError(error, 'BucketNotEmpty'))
  assert.equal(await textOf(photos, 'a'), 'here')
  await engine.close()
})

test('a bucket whose removal was interrupted can be written to again after a pass of reclaim', async () => {
  const { engine, photos, hooks } = await place()
  await photos.put('a', Buffer.from('here'))
  hooks.afterScan = () => {
    hooks.afterScan = undefined
    throw new Error('The disk is away.')
  }
  await assert.rejects(photos.remove(), /away/)
  await engine.reclaim()
  await photos.put('b', Buffer.from('there'))
  await engine.close()
})

test('reclaim ends an interrupted removal, and with it the uploads of the bucket', async () => {
  const { engine, photos, hooks, blobs } = await place()
  await (await photos.createUpload('a')).putPart(1, Buffer.from('part'))
  hooks.afterScan = () => {
    hooks.afterScan = undefined
    throw new Error('The disk is away.')
  }
  await assert.rejects(photos.remove(), /away/)
  await engine.reclaim()
  await assert.rejects(photos.info(), (error) => isEngineError(error, 'NoSuchBucket'))
  for await (const id of blobs.list()) assert.fail(`blob ${id} was left behind`)
  await engine.close()
})

test('work that fails keeps no other work waiting', async () => {
  const { engine, photos, blobs } = await place()
  for (const key of ['a', 'b', 'c']) await photos.put(key, Buffer.from(key))
  const remove = blobs.remove.bind(blobs)
  let refused: readonly number[] | undefined
  blobs.remove = async (ids) => {
    refused ??= ids
    if (ids[0] === refused[0]) throw new Error('This one will not go.')
    return remove(ids)
  }
  for (const key of ['a', 'b', 'c']) await photos.delete(key)
  await assert.rejects(engine.reclaim(), /will not go/)
  const left: number[] = []
  for await (const id of blobs.list()) left.push(id)
  assert.deepEqual(left, refused)
  await engine.close()
})

test('a put is acknowledged although the rows of its run of blob ids cannot go', async () => {
  const { engine, photos, hooks } = await place()
  hooks.beforeCommit = ({ deletes }) => {
    if (deletes.some((key) => family(key) === 'n')) throw new Error('The disk is away.')
  }
  for (let number = 0; number < 256; number++) await photos.put(`${number}`, Buffer.from('x'))
  await engine.close()
})

test('a body that has lost a row of its extents is reported, not read without those bytes', async () => {
  const { engine, photos, kv } = await place()
  const upload = await photos.createUpload('a')
  const parts = []
  for (const number of [1, 2, 3, 4, 5])
    parts.push(await upload.putPart(number, Buffer.from(`part ${number}.`)))
  await upload.complete(parts)
  const { rows } = await kv.scan({ from: Buffer.from('e'), to: Buffer.from('f'), limit: 10 })
  assert.equal(rows.length, 3)
  for (const row of rows) {
    await kv.commit({ checks: [], puts: [], deletes: [row.key] })
    await assert.rejects(textOf(photos, 'a'), (error) => isEngineError(error, 'CorruptRecord'))
    await kv.commit({ checks: [], puts: [{ key: row.key, value: row.value }], deletes: [] })
  }
  assert.equal(await textOf(photos, 'a'), 'part 1.part 2.part 3.part 4.part 5.')
  await engine.close()
})

test('a version that goes as well, by another engine over the store, does not become the current one', async () => {
  const { photos, hooks, kv, blobs } = await place()
  const other = await Engine.open({ stores: { kv, blobs }, background: false })
  await photos.setConfiguration('versioning', 'enabled')
  const ids: string[] = []
  for (const text of ['one', 'two', 'three'])
    ids.push((await photos.put('cat.jpg', Buffer.from(text))).versionId!)
  // The next older was looked up, and is not checked yet.
  hooks.afterScan = async ({ from }) => {
    if (family(from) !== 'v') return
    hooks.afterScan = undefined
    await other.bucket('photos').delete('cat.jpg', { versionId: ids[1]! })
  }
  await photos.delete('cat.jpg', { versionId: ids[2]! })
  assert.equal(hooks.afterScan, undefined)
  assert.equal((await photos.head('cat.jpg')).versionId, ids[0])
  assert.equal(await textOf(photos, 'cat.jpg'), 'one')
})

test('a reader of the current version gets a whole one, though it is replaced and removed under it', async () => {
  const { photos, kv, blobs } = await place()
  const other = await Engine.open({ stores: { kv, blobs }, background: false })
  await photos.setConfiguration('versioning', 'enabled')
  const first = (await photos.put('cat.jpg', Buffer.from('first'))).versionId!
  await photos.put('cat.jpg', Buffer.from('second'))
  const second = (await photos.head('cat.jpg')).versionId!
  let looks = 0
  const get = kv.get.bind(kv)
  // Between the look at the key's own row and the one at the version's.
  kv.get = (key) => {
    if (family(key) !== 'v' || looks++ > 0) return get(key)
    return other
      .bucket('photos')
      .delete('cat.jpg', { versionId: second })
      .then(() => get(key))
  }
  assert.equal(await textOf(photos, 'cat.jpg'), 'first')
  assert.equal((await photos.head('cat.jpg')).versionId, first)
})
