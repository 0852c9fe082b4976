import assert from 'node:assert/strict'
import test, { describe } from 'node:test'
import { type Bucket, Engine, type ReplicaFacts, type Retention, type VersionInfo } from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { assertInvariants } from '@aquifer/engine/testing'

const START = Date.UTC(2026, 0, 1)
const DAY = 86_400_000
const removed = { code: 'PreconditionFailed' }
const denied = { code: 'AccessDenied' }

/** A bucket that takes versions, over stores that must be in order at the end. */
async function place({ inlineMaxBytes = 64 * 1024, objectLock = false } = {}) {
  const clock = { nowMs: START, now: () => clock.nowMs, monotonic: () => clock.nowMs }
  const stores = { kv: MemoryKvStore.open(), blobs: await MemoryBlobStore.open() }
  const engine = await Engine.open({ stores, clock, background: false, inlineMaxBytes })
  await engine.createBucket('box', { objectLock })
  const box = engine.bucket('box')
  await box.setConfiguration('versioning', 'enabled')
  return {
    engine,
    box,
    clock,
    kv: stores.kv,
    check: () => assertInvariants({ ...stores, reclaimedAtMs: -1 }),
    blobCount: async () => {
      let count = 0
      for await (const _ of stores.blobs.list()) count++
      return count
    },
    async [Symbol.asyncDispose]() {
      await assertInvariants({ ...stores, reclaimedAtMs: -1 })
      await engine.reclaim()
      await assertInvariants({ ...stores, reclaimedAtMs: clock.nowMs })
      await engine.close()
    },
  }
}

/** The id of a version written so many milliseconds after the start, in some store. */
const idAt = (afterMs: number, store = 'aa'): string =>
  (2 ** 48 - 1 - START - afterMs).toString(16).padStart(12, '0') + store.repeat(10)

const written = (afterMs: number): Date => new Date(START + afterMs)
const replica = (afterMs: number, store?: string) => ({
  versionId: idAt(afterMs, store),
  lastModified: written(afterMs),
})

async function versionsOf(bucket: Bucket): Promise<VersionInfo[]> {
  const found: VersionInfo[] = []
  for await (const entry of bucket.listVersions()) if (entry.type === 'version') found.push(entry.info)
  return found
}

/** `key:id`, with `!` for a delete marker and `*` for the latest; ids by the names they were given. */
async function shown(bucket: Bucket, names: Record<string, string>): Promise<string> {
  const nameOf = (id: string) => Object.keys(names).find((name) => names[name] === id) ?? id
  return (await versionsOf(bucket))
    .map((e) => `${e.key}:${nameOf(e.versionId)}${e.isDeleteMarker ? '!' : ''}${e.isLatest ? '*' : ''}`)
    .join(' ')
}

async function textOf(bucket: Bucket, key: string, versionId?: string): Promise<string> {
  await using object = await bucket.get(key, versionId === undefined ? {} : { versionId })
  return Buffer.from(await object.bytes()).toString()
}

const [one, two, three] = [idAt(1), idAt(2), idAt(3)]
const names = { one, two, three }

for (const [bodies, inlineMaxBytes] of [
  ['small bodies', 64 * 1024],
  ['bodies in blobs', 0],
] as const) {
  describe(bodies, () => {
    test('a version of another store keeps its id, its time, its ETag and what was said of it', async () => {
      await using at = await place({ inlineMaxBytes })
      const info = await at.box.put('k', Buffer.from('bytes'), {
        replica: { ...replica(-DAY), etag: 'abc-3' },
        ifNoneMatch: '*',
        tags: { a: '1' },
        metadata: { m: 'n' },
        contentType: 'text/plain',
      })
      assert.equal(info.versionId, idAt(-DAY))
      assert.deepEqual(info.lastModified, written(-DAY))
      assert.equal(info.etag, 'abc-3')
      assert.deepEqual(await at.box.head('k'), info)
      assert.deepEqual(await at.box.getTags('k'), { a: '1' })
      assert.equal(await textOf(at.box, 'k', idAt(-DAY)), 'bytes')
    })

    test('the newest is current, whatever the order in which they come', async () => {
      for (const order of [
        [1, 2, 3],
        [3, 2, 1],
        [2, 3, 1],
        [2, 1, 3],
      ]) {
        await using at = await place({ inlineMaxBytes })
        for (const which of order)
          if (which === 3)
            await at.box.delete('k', {
              versionId: three,
              replica: { deleteMarker: { lastModified: written(3) } },
            })
          else await at.box.put('k', Buffer.from(`bytes ${which}`), { replica: replica(which) })
        assert.equal(await shown(at.box, names), 'k:three!* k:two k:one')
        await assert.rejects(at.box.head('k'), { code: 'NoSuchKey' })
        assert.equal(await textOf(at.box, 'k', two), 'bytes 2')
        await at.box.delete('k', { versionId: three, replica: {} })
        assert.equal(await shown(at.box, names), 'k:two* k:one')
        assert.equal(await textOf(at.box, 'k'), 'bytes 2')
      }
    })

    test('what is written here comes after what came from elsewhere', async () => {
      await using at = await place({ inlineMaxBytes })
      await at.box.put('k', Buffer.from('theirs'), { replica: replica(DAY) })
      const { versionId } = await at.box.put('k', Buffer.from('ours'))
      assert.equal(await shown(at.box, { theirs: idAt(DAY), ours: versionId! }), 'k:ours* k:theirs')
    })

    test('versions of one moment in two stores stand in the same order wherever they meet', async () => {
      for (const stores of [
        ['aa', 'bb'],
        ['bb', 'aa'],
      ]) {
        await using at = await place({ inlineMaxBytes })
        for (const store of stores) await at.box.put('k', Buffer.from(store), { replica: replica(1, store) })
        assert.equal(await shown(at.box, { aa: idAt(1, 'aa'), bb: idAt(1, 'bb') }), 'k:aa* k:bb')
        assert.equal(await textOf(at.box, 'k'), 'aa')
      }
    })

    test('beside the only version of a key, older or newer, both are there', async () => {
      for (const [afterMs, expected] of [
        [-1, 'k:null* k:theirs'],
        [1, 'k:theirs* k:null'],
      ] as const) {
        await using at = await place({ inlineMaxBytes })
        const { engine } = at
        await engine.createBucket('plain')
        const plain = engine.bucket('plain')
        await plain.put('k', Buffer.from('only'))
        await plain.setConfiguration('versioning', 'enabled')
        await plain.put('k', Buffer.from('theirs'), { replica: replica(afterMs) })
        assert.equal(await shown(plain, { theirs: idAt(afterMs) }), expected)
        assert.equal(await textOf(plain, 'k', 'null'), 'only')
        assert.equal(await textOf(plain, 'k', idAt(afterMs)), 'theirs')
      }
    })

    test('a version that is there already stays, and its bytes are let go that came again', async () => {
      await using at = await place({ inlineMaxBytes })
      const first = await at.box.put('k', Buffer.from('bytes'), { replica: replica(1) })
      const blobs = await at.blobCount()
      const again = await at.box.put('k', Buffer.from('bytes'), { replica: replica(1) })
      assert.deepEqual(again, first)
      const changed = await at.box.put('k', Buffer.from('bytes'), {
        replica: { ...replica(1), changed: { tags: written(5) } },
        tags: { a: '1' },
      })
      assert.equal(changed.tagCount, 1)
      await at.engine.reclaim()
      assert.equal(await at.blobCount(), blobs)
      assert.equal(await textOf(at.box, 'k'), 'bytes')
      assert.equal(await shown(at.box, names), 'k:one*')
    })

    test('an upload in parts makes the version at its place, and completing it twice answers the same', async () => {
      await using at = await place({ inlineMaxBytes })
      await at.box.put('k', Buffer.from('newer'), { replica: replica(2) })
      const upload = await at.box.createUpload('k', {
        replica: { ...replica(1), etag: 'abc-2', changed: { tags: written(9) } },
        tags: { a: '1' },
      })
      const part = await upload.putPart(1, Buffer.from('in parts'))
      const made = await upload.complete([part])
      assert.equal(made.versionId, one)
      assert.equal(made.etag, 'abc-2')
      assert.deepEqual(made.lastModified, written(1))
      assert.equal(made.partCount, 1)
      const again = await upload.complete([part])
      assert.deepEqual(
        [again.versionId, again.etag, again.lastModified],
        [made.versionId, made.etag, made.lastModified],
      )
      assert.equal(await shown(at.box, names), 'k:two* k:one')
      assert.equal(await textOf(at.box, 'k', one), 'in parts')
      await at.box.mergeReplica('k', { versionId: one, tags: {}, changed: { tags: written(8) } })
      assert.deepEqual(await at.box.getTags('k', { versionId: one }), { a: '1' })
    })

    test('an upload of a version that came otherwise is merged into it, and its parts go', async () => {
      await using at = await place({ inlineMaxBytes })
      const changed = { tags: written(2) }
      const upload = await at.box.createUpload('k', {
        replica: { ...replica(1), changed },
        tags: { a: '1' },
      })
      const part = await upload.putPart(1, Buffer.from('in parts'))
      const first = await at.box.put('k', Buffer.from('in parts'), { replica: replica(1) })
      const made = await upload.complete([part])
      assert.equal(made.tagCount, 1)
      assert.equal(made.etag, first.etag)
      await at.engine.reclaim()
      assert.equal(await at.blobCount(), inlineMaxBytes === 0 ? 1 : 0)
      assert.equal(await textOf(at.box, 'k'), 'in parts')
    })

    test('what was removed for good does not come again, in no way', async () => {
      await using at = await place({ inlineMaxBytes })
      const upload = await at.box.createUpload('k', { replica: replica(1) })
      const part = await upload.putPart(1, Buffer.from('bytes'))
      await at.box.put('k', Buffer.from('bytes'), { replica: replica(1) })
      assert.deepEqual(await at.box.delete('k', { versionId: one, replica: {} }), {
        key: 'k',
        versionId: one,
      })
      await at.box.delete('k', { versionId: one, replica: {} })
      await assert.rejects(at.box.put('k', Buffer.from('bytes'), { replica: replica(1) }), removed)
      await assert.rejects(at.box.createUpload('k', { replica: replica(1) }), removed)
      await assert.rejects(upload.complete([part]), removed)
      await assert.rejects(upload.info(), { code: 'NoSuchUpload' })
      const marker = { deleteMarker: { lastModified: written(1) } }
      await assert.rejects(at.box.delete('k', { versionId: one, replica: marker }), removed)
      await assert.rejects(at.box.mergeReplica('k', { versionId: one, changed: {} }), {
        code: 'NoSuchVersion',
      })
      assert.equal(await shown(at.box, names), '')
      await at.engine.reclaim()
      assert.equal(await at.blobCount(), 0)
    })
  })
}

test('one version in two buckets of a store is two, whose bytes are let go each by itself', async () => {
  await using at = await place({ inlineMaxBytes: 0 })
  await at.engine.createBucket('other')
  const boxes = [at.box, at.engine.bucket('other')]
  await boxes[1]!.setConfiguration('versioning', 'enabled')
  for (const box of boxes) {
    await box.put('k', Buffer.from('bytes'), { replica: replica(1) })
    await box.copy({ key: 'k' }, 'copy') // The two share the bytes now.
    await box.delete('copy', { versionId: (await box.head('copy')).versionId! })
  }
  await at.engine.reclaim()
  assert.equal(await at.blobCount(), 2)
  for (const box of boxes) await box.delete('k', { versionId: one, replica: {} })
  await at.engine.reclaim()
  assert.equal(await at.blobCount(), 0)
})

test('a removal that comes before its version keeps it away, for thirty days', async () => {
  await using at = await place()
  await at.box.delete('k', { versionId: one, replica: {} })
  at.clock.nowMs += 30 * DAY - 1
  await at.engine.reclaim()
  await assert.rejects(at.box.put('k', Buffer.from('bytes'), { replica: replica(1) }), removed)
  at.clock.nowMs += 1
  await at.engine.reclaim()
  await at.box.put('k', Buffer.from('bytes'), { replica: replica(1) })
  assert.equal(await shown(at.box, names), 'k:one*')
})

test('the null version is found by its place', async () => {
  await using at = await place()
  await at.engine.createBucket('plain')
  const plain = at.engine.bucket('plain')
  await plain.put('only', Buffer.from('bytes'))
  await plain.put('other', Buffer.from('bytes'))
  await plain.setConfiguration('versioning', 'enabled')
  await plain.put('other', Buffer.from('newer'))
  const { engine, kv } = at
  await engine.createBucket('copy')
  const places: Record<string, string> = {}
  // Nothing but replication tells the place of a null version: here it is read where it is kept.
  const { rows } = await kv.scan({ from: Buffer.from('v'), to: Buffer.from('w'), limit: 10 })
  places['other'] = Buffer.from(rows.at(-1)!.key).subarray(-16).toString('hex')
  await plain.put('only', Buffer.from('newer'))
  const moved = await kv.scan({ from: Buffer.from('v'), to: Buffer.from('w'), limit: 10 })
  for (const { key } of moved.rows)
    if (Buffer.from(key).includes('only')) places['only'] = Buffer.from(key).subarray(-16).toString('hex')
  for (const key of ['only', 'other']) {
    const info = await plain.mergeReplica(key, {
      versionId: places[key]!,
      tags: { a: '1' },
      changed: { tags: written(9) },
    })
    assert.equal(info.versionId, 'null')
    assert.deepEqual(await plain.getTags(key, { versionId: 'null' }), { a: '1' })
    await plain.delete(key, { versionId: places[key]!, replica: {} })
    await assert.rejects(plain.head(key, { versionId: 'null' }), { code: 'NoSuchVersion' })
    assert.equal(await textOf(plain, key), 'newer')
  }
})

test('of what two stores say of a version the last said holds, whichever comes first', async () => {
  const said: Omit<ReplicaFacts, 'versionId'>[] = [
    { tags: { a: '1' }, changed: { tags: written(5) } },
    { tags: { b: '2' }, changed: { tags: written(7) } },
    { tags: {}, changed: { tags: written(6) } },
  ]
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2, 1, 0],
  ]) {
    await using at = await place()
    await at.box.put('k', Buffer.from('bytes'), { replica: replica(1), tags: { z: '0' } })
    for (const which of order) await at.box.mergeReplica('k', { versionId: one, ...said[which]! })
    assert.deepEqual(await at.box.getTags('k'), { b: '2' })
    assert.equal((await at.box.head('k')).tagCount, 1)
  }
})

test('a version that comes again without a word of tags leaves those that are there', async () => {
  await using at = await place()
  await at.box.put('k', Buffer.from('bytes'), { replica: replica(1), tags: { a: '1' } })
  await at.box.put('k', Buffer.from('bytes'), { replica: replica(1) })
  assert.deepEqual(await at.box.getTags('k'), { a: '1' })
  const changed = { tags: written(2) }
  await at.box.put('k', Buffer.from('bytes'), { replica: { ...replica(1), changed } })
  assert.deepEqual(await at.box.getTags('k'), {})
})

test('a merge that changes nothing writes nothing', async () => {
  await using at = await place()
  await at.box.put('k', Buffer.from('bytes'), { replica: replica(1), tags: { a: '1' } })
  await at.box.mergeReplica('k', { versionId: one, tags: { b: '1' }, changed: { tags: written(2) } })
  const revisions = async () =>
    (await at.kv.scan({ from: Uint8Array.of(0), to: Uint8Array.of(255), limit: 100 })).rows.map(
      ({ revision }) => revision,
    )
  const before = await revisions()
  await at.box.mergeReplica('k', { versionId: one, tags: { b: '1' }, changed: { tags: written(2) } })
  await at.box.mergeReplica('k', { versionId: one, tags: { c: '1' }, changed: {} })
  await at.box.mergeReplica('k', { versionId: one, changed: {} })
  await at.box.delete('other', { versionId: two, replica: {} })
  const after = await revisions()
  assert.deepEqual(
    after.filter((revision) => before.includes(revision)),
    before,
  )
  await at.box.delete('other', { versionId: two, replica: {} })
  assert.deepEqual(await revisions(), after)
})

test('what is known of a version goes with it, whether it was made here or elsewhere', async () => {
  await using at = await place()
  const families = async () =>
    (await at.kv.scan({ from: Uint8Array.of(0), to: Uint8Array.of(255), limit: 100 })).rows.map(({ key }) =>
      String.fromCharCode(key[0]!),
    )
  const ours = await at.box.put('ours', Buffer.from('b'))
  await at.box.put('theirs', Buffer.from('b'), { replica: replica(1) })
  for (const [key, versionId] of [
    ['ours', ours.versionId!],
    ['theirs', one],
  ] as const) {
    await at.box.mergeReplica(key, { versionId, tags: { a: '1' }, changed: { tags: written(DAY) } })
    assert.ok((await families()).includes('w'))
    await at.box.delete(key, { versionId })
    assert.ok(!(await families()).includes('w'))
  }
})

test('what is changed here of a version of another store is later than what was said there', async () => {
  await using at = await place()
  await at.box.put('k', Buffer.from('b'), {
    replica: { ...replica(1), changed: { tags: written(DAY) } },
    tags: { theirs: '1' },
  })
  // The clock here is a day behind.
  await at.box.setTags('k', { ours: '1' })
  const earlier = { versionId: one, tags: { theirs: '2' }, changed: { tags: written(DAY) } }
  await at.box.mergeReplica('k', earlier)
  assert.deepEqual(await at.box.getTags('k'), { ours: '1' })
  const later = { versionId: one, tags: { theirs: '3' }, changed: { tags: written(DAY + 2) } }
  await at.box.mergeReplica('k', later)
  assert.deepEqual(await at.box.getTags('k'), { theirs: '3' })
})

describe('object lock', () => {
  const until = (mode: Retention['mode'], days: number): Retention => ({
    mode,
    retainUntil: new Date(START + days * DAY),
  })

  test('a version is locked as it was elsewhere, whatever the default is here, also where that has ended', async () => {
    await using at = await place({ objectLock: true })
    await at.box.setConfiguration('objectLock', { defaultRetention: { mode: 'governance', days: 1 } })
    const plain = await at.box.put('plain', Buffer.from('b'), { replica: replica(1) })
    assert.equal(plain.retention, undefined)
    const ended = await at.box.put('ended', Buffer.from('b'), {
      replica: replica(1),
      retention: until('compliance', -1),
      legalHold: false,
    })
    assert.deepEqual(ended.retention, until('compliance', -1))
    assert.equal(ended.legalHold, false)
    const upload = await at.box.createUpload('parts', { replica: replica(1) })
    const part = await upload.putPart(1, Buffer.from('b'))
    assert.equal((await upload.complete([part])).retention, undefined)
  })

  test('a locked version is not removed, but by who bypasses governance', async () => {
    await using at = await place({ objectLock: true })
    const put = (key: string, lock: { retention?: Retention; legalHold?: boolean }) =>
      at.box.put(key, Buffer.from('b'), { replica: replica(1), ...lock })
    await put('governance', { retention: until('governance', 1) })
    await put('compliance', { retention: until('compliance', 1) })
    await put('held', { legalHold: true })
    const remove = (key: string, bypassGovernance: boolean) =>
      at.box.delete(key, { versionId: one, replica: {}, bypassGovernance })
    for (const key of ['governance', 'compliance', 'held']) await assert.rejects(remove(key, false), denied)
    for (const key of ['compliance', 'held']) await assert.rejects(remove(key, true), denied)
    await remove('governance', true)
    assert.equal(await shown(at.box, names), 'compliance:one* held:one*')
  })

  test('what was removed comes again where it is locked, and can be removed again later', async () => {
    await using at = await place({ objectLock: true })
    const bytes = Buffer.from('b')
    await at.box.delete('k', { versionId: one, replica: {} })
    await assert.rejects(at.box.put('k', bytes, { replica: replica(1) }), removed)
    await assert.rejects(
      at.box.put('k', bytes, { replica: replica(1), retention: until('governance', -1) }),
      removed,
    )
    const locked = { ...replica(1), changed: { retention: written(1) } }
    await at.box.put('k', bytes, { replica: locked, retention: until('governance', 1) })
    await at.check()
    at.clock.nowMs += 2 * DAY
    await at.box.delete('k', { versionId: one, replica: {} })
    // The removal before is forgotten after its thirty days; the one that counts is not.
    at.clock.nowMs += 29 * DAY
    await at.engine.reclaim()
    await assert.rejects(at.box.put('k', bytes, { replica: replica(1) }), removed)
  })

  test('what was removed when compliance had ended elsewhere is to come again when it has ended here, and is gone then', async () => {
    await using at = await place({ objectLock: true })
    const retention = until('compliance', 1)
    const bring = () => at.box.put('k', Buffer.from('b'), { replica: replica(1), retention })
    const remove = { replica: { changed: { retention: retention.retainUntil, legalHold: written(1) } } }
    await at.box.delete('k', { versionId: one, ...remove, bypassGovernance: true })
    await assert.rejects(bring(), denied)
    assert.equal(await shown(at.box, {}), '')
    at.clock.nowMs = retention.retainUntil.getTime() + 1
    await assert.rejects(bring(), removed)
  })

  test('a merge weakens a retention of governance only for who bypasses it, and one of compliance never', async () => {
    await using at = await place({ objectLock: true })
    const merge = (retention: Retention | 'none', afterMs: number, bypassGovernance = false) =>
      at.box.mergeReplica(
        'k',
        { versionId: one, retention, changed: { retention: written(afterMs) } },
        { bypassGovernance },
      )
    await at.box.put('k', Buffer.from('b'), { replica: replica(1), retention: until('governance', 5) })
    await assert.rejects(merge('none', 2), denied)
    await assert.rejects(merge(until('governance', 4), 2), denied)
    assert.deepEqual((await merge(until('governance', 6), 3)).retention, until('governance', 6))
    assert.equal((await merge('none', 4, true)).retention, undefined)
    assert.deepEqual((await merge(until('compliance', 6), 5)).retention, until('compliance', 6))
    for (const [weaker, afterMs] of [
      ['none', 6],
      [until('governance', 9), 7],
      [until('compliance', 5), 8],
    ] as const)
      assert.deepEqual((await merge(weaker, afterMs, true)).retention, until('compliance', 6))
    assert.deepEqual((await merge(until('compliance', 7), 2)).retention, until('compliance', 7))
    assert.deepEqual((await at.box.head('k')).retention, until('compliance', 7))
  })

  test('of legal hold the last said holds', async () => {
    await using at = await place({ objectLock: true })
    await at.box.put('k', Buffer.from('b'), { replica: replica(1) })
    const merge = (legalHold: boolean, afterMs: number) =>
      at.box.mergeReplica('k', { versionId: one, legalHold, changed: { legalHold: written(afterMs) } })
    assert.equal((await merge(true, 3)).legalHold, true)
    assert.equal((await merge(false, 2)).legalHold, true)
    assert.equal((await merge(false, 4)).legalHold, false)
  })

  test('a lock is refused where the bucket has no object lock; that there is none need not be', async () => {
    await using at = await place()
    const refused = { code: 'InvalidRequest' }
    const bytes = Buffer.from('b')
    await assert.rejects(at.box.put('k', bytes, { replica: replica(1), legalHold: true }), refused)
    const retention = until('governance', 1)
    await assert.rejects(at.box.put('k', bytes, { replica: replica(1), retention }), refused)
    await at.box.put('k', bytes, { replica: replica(1), legalHold: false })
    const info = await at.box.mergeReplica('k', {
      versionId: one,
      retention: 'none',
      legalHold: false,
      changed: {},
    })
    assert.equal(info.legalHold, undefined)
    await assert.rejects(at.box.mergeReplica('k', { versionId: one, retention, changed: {} }), refused)
  })
})

test('only a bucket whose versioning is enabled takes versions of another store', async () => {
  await using at = await place()
  await at.engine.createBucket('plain')
  const plain = at.engine.bucket('plain')
  const refused = { code: 'InvalidRequest' }
  const refusesAll = async () => {
    await assert.rejects(plain.put('k', Buffer.from('b'), { replica: replica(1) }), refused)
    await assert.rejects(plain.createUpload('k', { replica: replica(1) }), refused)
    await assert.rejects(plain.delete('k', { versionId: one, replica: {} }), refused)
    await assert.rejects(plain.mergeReplica('k', { versionId: one, changed: {} }), refused)
  }
  await refusesAll()
  await plain.setConfiguration('versioning', 'enabled')
  await plain.setConfiguration('versioning', 'suspended')
  await refusesAll()
})

test('an id or a time that cannot be is refused', async () => {
  await using at = await place()
  const refused = { code: 'InvalidArgument' }
  const bytes = Buffer.from('b')
  for (const versionId of ['', 'null', 'x', '0'.repeat(32), one.toUpperCase(), `${one}0`])
    await assert.rejects(at.box.put('k', bytes, { replica: { ...replica(1), versionId } }), refused)
  await assert.rejects(at.box.delete('k', { replica: {} }), refused)
  for (const time of [new Date(Number.NaN), new Date(-1), new Date(2 ** 48 - 1)]) {
    await assert.rejects(at.box.put('k', bytes, { replica: { ...replica(1), lastModified: time } }), refused)
    const changed = { tags: time }
    await assert.rejects(at.box.put('k', bytes, { replica: { ...replica(1), changed } }), refused)
    await assert.rejects(at.box.mergeReplica('k', { versionId: one, changed }), refused)
    const deleteMarker = { lastModified: time }
    await assert.rejects(at.box.delete('k', { versionId: one, replica: { deleteMarker } }), refused)
  }
  for (const etag of ['', '"a"', 'a'.repeat(3_000)])
    await assert.rejects(at.box.put('k', bytes, { replica: { ...replica(1), etag } }), refused)
})

test('an object and a delete marker never have one id', async () => {
  await using at = await place()
  const deleteMarker = { lastModified: written(1) }
  await at.box.put('object', Buffer.from('b'), { replica: replica(1) })
  await at.box.delete('marker', { versionId: one, replica: { deleteMarker } })
  await at.box.delete('marker', { versionId: one, replica: { deleteMarker } })
  const refused = { code: 'InvalidRequest' }
  await assert.rejects(at.box.delete('object', { versionId: one, replica: { deleteMarker } }), refused)
  await assert.rejects(at.box.put('marker', Buffer.from('b'), { replica: replica(1) }), refused)
  await assert.rejects(at.box.mergeReplica('marker', { versionId: one, changed: {} }), {
    code: 'MethodNotAllowed',
  })
})

test('nobody is told of what came from another store', async () => {
  await using at = await place({ objectLock: true })
  const names = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] as const
  const listening = await at.engine.events.listen({ names: [...names] })
  await at.box.put('k', Buffer.from('b'), { replica: replica(1) })
  await at.box.mergeReplica('k', { versionId: one, legalHold: true, changed: { legalHold: written(2) } })
  await at.box.mergeReplica('k', { versionId: one, legalHold: false, changed: { legalHold: written(3) } })
  await at.box.delete('k', { versionId: one, replica: {} })
  await at.box.put('ours', Buffer.from('b'))
  // The first that comes is of the last that was done.
  for await (const event of listening) {
    assert.equal(event.key, 'ours')
    break
  }
})
