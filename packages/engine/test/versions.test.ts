import assert from 'node:assert/strict'
import test, { describe } from 'node:test'
import { type Bucket, Engine, isEngineError, type ListOptions, type VersionInfo } from '@aquifer/engine'
import { type KvStore, MemoryBlobStore, MemoryKvStore, type ScanOptions } from '@aquifer/engine/stores'
import { AsynchronousKvStore, assertInvariants, seededRandom } from '@aquifer/engine/testing'

const code = (expected: string) => (error: unknown) => isEngineError(error) && error.code === expected

/** A bucket over stores that must be in order at the end, with a clock that stands still unless it is moved. */
async function place(inlineMaxBytes: number) {
  const clock = { nowMs: Date.UTC(2026, 0, 1), now: () => clock.nowMs, monotonic: () => 0 }
  const stores = { kv: MemoryKvStore.open(), blobs: await MemoryBlobStore.open() }
  const engine = await Engine.open({ stores, clock, background: false, inlineMaxBytes })
  await engine.createBucket('box')
  return {
    engine,
    box: engine.bucket('box'),
    clock,
    async [Symbol.asyncDispose]() {
      await assertInvariants({ ...stores, reclaimedAtMs: -1 })
      await engine.reclaim()
      await assertInvariants({ ...stores, reclaimedAtMs: clock.nowMs })
      await engine.close()
    },
  }
}

async function textOf(bucket: Bucket, key: string, versionId?: string): Promise<string> {
  await using object = await bucket.get(key, versionId === undefined ? {} : { versionId })
  return Buffer.from(await object.bytes()).toString()
}

async function entriesOf(bucket: Bucket, options: ListOptions = {}): Promise<VersionInfo[]> {
  const found: VersionInfo[] = []
  for await (const entry of bucket.listVersions(options)) if (entry.type === 'version') found.push(entry.info)
  return found
}

/** `key:id`, with `!` for a delete marker and `*` for the latest; ids by the names they were given. */
async function shown(bucket: Bucket, names: Record<string, string | undefined> = {}): Promise<string> {
  const entries = await entriesOf(bucket)
  const nameOf = (id: string) => Object.keys(names).find((name) => names[name] === id) ?? id
  return entries
    .map((e) => `${e.key}:${nameOf(e.versionId)}${e.isDeleteMarker ? '!' : ''}${e.isLatest ? '*' : ''}`)
    .join(' ')
}

async function keysOf(bucket: Bucket): Promise<string[]> {
  const keys: string[] = []
  for await (const entry of bucket.list()) if (entry.type === 'object') keys.push(entry.info.key)
  return keys
}

const put = async (bucket: Bucket, key: string, text: string) =>
  (await bucket.put(key, Buffer.from(text))).versionId

for (const [bodies, inlineMaxBytes] of [
  ['small bodies', 64 * 1024],
  ['bodies in blobs', 0],
] as const) {
  describe(bodies, () => {
    test('a bucket that never had versions shows no ids, and its objects as null versions', async () => {
      await using at = await place(inlineMaxBytes)
      assert.equal(await put(at.box, 'a', 'one'), undefined)
      assert.equal((await at.box.head('a')).versionId, undefined)
      assert.equal(await shown(at.box), 'a:null*')
      assert.equal(await textOf(at.box, 'a', 'null'), 'one')
      assert.deepEqual(await at.box.delete('nothing'), { key: 'nothing' })
      assert.deepEqual(await at.box.delete('a', { versionId: 'null' }), { key: 'a', versionId: 'null' })
      assert.equal(await shown(at.box), '')
    })

    test('every write makes a version, and what was there before stays the null one', async () => {
      await using at = await place(inlineMaxBytes)
      await put(at.box, 'a', 'before')
      await at.box.setConfiguration('versioning', 'enabled')
      assert.equal((await at.box.head('a')).versionId, 'null')
      const one = await put(at.box, 'a', 'one')
      const two = await put(at.box, 'a', 'two')
      assert.equal(await shown(at.box, { one, two }), 'a:two* a:one a:null')
      assert.equal(await textOf(at.box, 'a'), 'two')
      assert.equal(await textOf(at.box, 'a', one), 'one')
      assert.equal(await textOf(at.box, 'a', 'null'), 'before')
      assert.equal((await at.box.head('a')).versionId, two)
      assert.deepEqual(await keysOf(at.box), ['a'])
    })

    test('a delete marker hides the object; removing it brings the object back', async () => {
      await using at = await place(inlineMaxBytes)
      await at.box.setConfiguration('versioning', 'enabled')
      const one = await put(at.box, 'a', 'one')
      const { deleteMarker } = await at.box.delete('a')
      const marker = deleteMarker!.versionId
      assert.equal(await shown(at.box, { one, marker }), 'a:marker!* a:one')
      assert.deepEqual(await keysOf(at.box), [])
      await assert.rejects(at.box.head('a'), (error) => {
        assert.ok(isEngineError(error, 'NoSuchKey'))
        return error.details.deleteMarker === marker
      })
      await assert.rejects(at.box.get('a', { versionId: marker }), code('MethodNotAllowed'))
      assert.equal(await textOf(at.box, 'a', one), 'one')
      const removed = await at.box.delete('a', { versionId: marker })
      assert.deepEqual(removed, { key: 'a', versionId: marker, deleteMarker: { versionId: marker } })
      assert.equal(await textOf(at.box, 'a'), 'one')
      assert.equal(await shown(at.box, { one }), 'a:one*')
    })

    test('deleting what is not there makes a marker, and another on top of it', async () => {
      await using at = await place(inlineMaxBytes)
      await at.box.setConfiguration('versioning', 'enabled')
      const one = (await at.box.delete('a')).deleteMarker?.versionId
      const two = (await at.box.delete('a')).deleteMarker?.versionId
      assert.equal(await shown(at.box, { one, two }), 'a:two!* a:one!')
      await assert.rejects(at.box.remove(), code('BucketNotEmpty'))
      for (const versionId of [two!, one!]) await at.box.delete('a', { versionId })
      assert.equal(await shown(at.box), '')
      await at.box.remove()
    })

    test('when the newest version goes the next older is current, whatever it is', async () => {
      await using at = await place(inlineMaxBytes)
      await put(at.box, 'a', 'before')
      await at.box.setConfiguration('versioning', 'enabled')
      const marker = (await at.box.delete('a')).deleteMarker?.versionId
      const one = await put(at.box, 'a', 'one')
      const two = await put(at.box, 'a', 'two')
      await at.box.delete('a', { versionId: one! })
      assert.equal(await shown(at.box, { marker, two }), 'a:two* a:marker! a:null')
      await at.box.delete('a', { versionId: two! })
      assert.equal(await shown(at.box, { marker }), 'a:marker!* a:null')
      await assert.rejects(at.box.head('a'), code('NoSuchKey'))
      await at.box.delete('a', { versionId: marker! })
      assert.equal(await textOf(at.box, 'a'), 'before')
      await at.box.delete('a', { versionId: 'null' })
      assert.equal(await shown(at.box), '')
      await assert.rejects(at.box.head('a'), code('NoSuchKey'))
    })

    test('suspended, a write takes the place of the null version and of no other', async () => {
      await using at = await place(inlineMaxBytes)
      await at.box.setConfiguration('versioning', 'enabled')
      const one = await put(at.box, 'a', 'one')
      await at.box.setConfiguration('versioning', 'suspended')
      assert.equal(await put(at.box, 'a', 'null one'), 'null')
      assert.equal(await shown(at.box, { one }), 'a:null* a:one')
      await put(at.box, 'a', 'null two')
      assert.equal(await shown(at.box, { one }), 'a:null* a:one')
      await at.box.setConfiguration('versioning', 'enabled')
      const two = await put(at.box, 'a', 'two')
      assert.equal(await shown(at.box, { one, two }), 'a:two* a:null a:one')
      assert.equal(await textOf(at.box, 'a', 'null'), 'null two')
      await at.box.setConfiguration('versioning', 'suspended')
      await put(at.box, 'a', 'null three') // The null version moves to the top.
      assert.equal(await shown(at.box, { one, two }), 'a:null* a:two a:one')
      assert.equal(await textOf(at.box, 'a'), 'null three')
      assert.equal(await put(at.box, 'b', 'only'), 'null')
      assert.equal(await put(at.box, 'b', 'only again'), 'null')
      assert.equal(await shown(at.box, { one, two }), 'a:null* a:two a:one b:null*')
    })

    test('suspended, a delete makes a null marker in place of the null version', async () => {
      await using at = await place(inlineMaxBytes)
      await put(at.box, 'only', 'before')
      await at.box.setConfiguration('versioning', 'enabled')
      const one = await put(at.box, 'a', 'one')
      await at.box.setConfiguration('versioning', 'suspended')
      await put(at.box, 'a', 'null')
      for (const key of ['a', 'only', 'nothing'])
        assert.deepEqual(await at.box.delete(key), { key, deleteMarker: { versionId: 'null' } })
      assert.equal(await shown(at.box, { one }), 'a:null!* a:one nothing:null!* only:null!*')
      await at.box.delete('a') // Again: there is one null version at the most.
      await at.box.delete('only')
      assert.equal(await shown(at.box, { one }), 'a:null!* a:one nothing:null!* only:null!*')
      await assert.rejects(at.box.head('only', { versionId: 'null' }), code('MethodNotAllowed'))
      await put(at.box, 'only', 'after')
      await at.box.delete('a', { versionId: 'null' })
      await at.box.delete('nothing', { versionId: 'null' })
      assert.equal(await shown(at.box, { one }), 'a:one* only:null*')
      assert.equal(await textOf(at.box, 'a'), 'one')
      await at.box.setConfiguration('versioning', 'enabled')
      await at.box.delete('only', { versionId: 'null' })
      assert.equal(await shown(at.box, { one }), 'a:one*')
    })

    test('an id that is none is refused, one of no version finds nothing', async () => {
      await using at = await place(inlineMaxBytes)
      await at.box.setConfiguration('versioning', 'enabled')
      const one = (await put(at.box, 'a', 'one'))!
      for (const versionId of ['', 'x', 'NULL', one.toUpperCase(), `${one}0`, 'é'.repeat(32)]) {
        await assert.rejects(at.box.head('a', { versionId }), code('InvalidArgument'))
        await assert.rejects(at.box.delete('a', { versionId }), code('InvalidArgument'))
        const listing = at.box.listVersions({ startAfter: 'a', startAfterId: versionId })
        await assert.rejects(listing.page(), code('InvalidArgument'))
      }
      for (const versionId of ['0'.repeat(32), 'null']) {
        await assert.rejects(at.box.head('a', { versionId }), code('NoSuchVersion'))
        assert.deepEqual(await at.box.delete('a', { versionId }), { key: 'a', versionId })
        const ifMatch = '*'
        await assert.rejects(at.box.delete('a', { versionId, ifMatch }), code('NoSuchVersion'))
      }
      await assert.rejects(at.box.head('b', { versionId: one }), code('NoSuchVersion'))
      await at.box.setConfiguration('versioning', 'suspended')
      await put(at.box, 'a', 'null')
      const { info } = (await at.box.listVersions({ limit: 1 }).page()).entries[0] as { info: VersionInfo }
      assert.equal(info.versionId, 'null')
    })

    test('versions stay in the order they were made in, whatever the clock says', async () => {
      await using at = await place(inlineMaxBytes)
      await put(at.box, 'a', 'null')
      await at.box.setConfiguration('versioning', 'enabled')
      const names: Record<string, string | undefined> = {}
      for (const [n, ms] of [0, 0, -1_000, -86_400_000, 5].entries()) {
        at.clock.nowMs += ms
        names[`v${n}`] = await put(at.box, 'a', `v${n}`)
      }
      assert.equal(await shown(at.box, names), 'a:v4* a:v3 a:v2 a:v1 a:v0 a:null')
    })

    test('many writers at once make as many versions', async () => {
      await using at = await place(inlineMaxBytes)
      await at.box.setConfiguration('versioning', 'enabled')
      const made = await Promise.all(
        Array.from({ length: 50 }, (_, n) => (n % 5 === 4 ? at.box.delete('a') : put(at.box, 'a', `${n}`))),
      )
      const entries = await entriesOf(at.box)
      assert.equal(entries.length, 50)
      const ids = made.map((each) => (typeof each === 'object' ? each.deleteMarker!.versionId : each))
      assert.deepEqual(entries.map(({ versionId }) => versionId).sort(), ids.sort())
      assert.deepEqual(entries.map(({ isLatest }) => isLatest).lastIndexOf(true), 0)
    })

    test('of many writers that want nothing to be there one wins, over a delete marker too', async () => {
      await using at = await place(inlineMaxBytes)
      await at.box.setConfiguration('versioning', 'enabled')
      await put(at.box, 'a', 'old')
      await at.box.delete('a')
      const bytes = Buffer.from('new')
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, () => at.box.put('a', bytes, { ifNoneMatch: '*' })),
      )
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
      assert.equal((await entriesOf(at.box)).length, 3)
    })

    test('a condition on a write is about the current version', async () => {
      await using at = await place(inlineMaxBytes)
      await at.box.setConfiguration('versioning', 'enabled')
      const one = await at.box.put('a', Buffer.from('one'))
      const two = await at.box.put('a', Buffer.from('two'))
      const bytes = Buffer.from('three')
      await assert.rejects(at.box.put('a', bytes, { ifMatch: one.etag }), code('PreconditionFailed'))
      await at.box.delete('a')
      await assert.rejects(at.box.put('a', bytes, { ifMatch: two.etag }), code('NoSuchKey'))
      await assert.rejects(at.box.delete('a', { ifMatch: '*' }), code('NoSuchKey'))
      const versionId = one.versionId!
      await assert.rejects(at.box.delete('a', { versionId, ifMatch: two.etag }), code('PreconditionFailed'))
      await at.box.delete('a', { versionId, ifMatch: one.etag })
      assert.equal((await entriesOf(at.box)).length, 2)
    })

    test('an older version is copied onto its key, and so is current again', async () => {
      await using at = await place(inlineMaxBytes)
      await put(at.box, 'a', 'null')
      await at.box.setConfiguration('versioning', 'enabled')
      const one = await put(at.box, 'a', 'one')
      const marker = (await at.box.delete('a')).deleteMarker!.versionId
      await assert.rejects(at.box.copy({ key: 'a' }, 'b'), code('NoSuchKey'))
      await assert.rejects(at.box.copy({ key: 'a', versionId: marker }, 'b'), code('InvalidRequest'))
      const restored = (await at.box.copy({ key: 'a', versionId: one! }, 'a')).versionId
      assert.equal(await shown(at.box, { one, marker, restored }), 'a:restored* a:marker! a:one a:null')
      assert.equal(await textOf(at.box, 'a'), 'one')
      const again = (await at.box.copy({ key: 'a', versionId: 'null' }, 'a')).versionId
      assert.equal(await textOf(at.box, 'a'), 'null')
      await assert.rejects(at.box.copy({ key: 'a' }, 'a'), code('InvalidRequest'))
      const changed = await at.box.copy({ key: 'a' }, 'a', { replace: { contentType: 'text/plain' } })
      assert.notEqual(changed.versionId, again)
      await at.box.delete('a', { versionId: one! })
      await at.engine.reclaim()
      assert.equal(await textOf(at.box, 'a', restored), 'one')
      assert.equal(await textOf(at.box, 'a', 'null'), 'null')
    })

    test('an only version that is copied onto itself is kept beside its copy', async () => {
      await using at = await place(inlineMaxBytes)
      await put(at.box, 'a', 'null')
      await at.box.setConfiguration('versioning', 'enabled')
      const one = (await at.box.copy({ key: 'a' }, 'a', { replace: { contentType: 'x/y' } })).versionId
      assert.equal(await shown(at.box, { one }), 'a:one* a:null')
      await at.box.delete('a', { versionId: 'null' })
      await at.engine.reclaim()
      assert.equal(await textOf(at.box, 'a'), 'null')
    })

    test('suspended, the null version that is copied onto itself is made anew', async () => {
      await using at = await place(inlineMaxBytes)
      await put(at.box, 'a', 'null')
      await at.box.setConfiguration('versioning', 'enabled')
      const one = await put(at.box, 'a', 'one')
      await at.box.setConfiguration('versioning', 'suspended')
      await at.box.copy({ key: 'a', versionId: 'null' }, 'a')
      assert.equal(await shown(at.box, { one }), 'a:null* a:one')
      assert.equal(await textOf(at.box, 'a'), 'null')
      await at.box.copy({ key: 'a', versionId: one! }, 'a')
      assert.equal(await shown(at.box, { one }), 'a:null* a:one')
      assert.equal(await textOf(at.box, 'a'), 'one')
      await at.box.copy({ key: 'a' }, 'b')
      await at.box.copy({ key: 'b' }, 'b', { replace: { contentType: 'x/y' } })
      await at.box.delete('a', { versionId: 'null' })
      await at.engine.reclaim()
      assert.equal(await textOf(at.box, 'b'), 'one')
    })

    test('a completed upload is a version, and says which when it is asked again', async () => {
      await using at = await place(inlineMaxBytes)
      await put(at.box, 'a', 'null')
      await at.box.setConfiguration('versioning', 'enabled')
      const upload = await at.box.createUpload('a')
      const part = await upload.copyPart(1, { key: 'a', versionId: 'null' })
      const one = (await upload.complete([part])).versionId
      assert.equal((await upload.complete([part])).versionId, one)
      assert.equal(await shown(at.box, { one }), 'a:one* a:null')
      await at.box.delete('a')
      const parts = []
      for await (const each of at.box.parts('a', { versionId: one! })) parts.push(each.partNumber)
      assert.deepEqual(parts, [1])
      assert.equal(await textOf(at.box, 'a', one), 'null')
    })
  })
}

test('tags are those of a version, and make no other', async () => {
  await using at = await place(64 * 1024)
  await put(at.box, 'a', 'null')
  await at.box.setConfiguration('versioning', 'enabled')
  const one = (await put(at.box, 'a', 'one'))!
  const tagged = await at.box.setTags('a', { of: 'one' })
  assert.equal(tagged.versionId, one)
  await at.box.setTags('a', { of: 'null' }, { versionId: 'null' })
  assert.deepEqual(await at.box.getTags('a'), { of: 'one' })
  assert.deepEqual(await at.box.getTags('a', { versionId: one }), { of: 'one' })
  assert.deepEqual(await at.box.getTags('a', { versionId: 'null' }), { of: 'null' })
  assert.equal(await shown(at.box, { one }), 'a:one* a:null')
  assert.equal(await textOf(at.box, 'a', 'null'), 'null')
  const [listed] = (await at.box.list().page()).entries
  assert.equal(listed?.type === 'object' && listed.info.tagCount, 1)
  await at.box.delete('a', { versionId: one })
  assert.deepEqual(await at.box.getTags('a'), { of: 'null' })
})

test('many deletes at once go by version', async () => {
  await using at = await place(0)
  await at.box.setConfiguration('versioning', 'enabled')
  const one = (await put(at.box, 'a', 'one'))!
  const two = (await put(at.box, 'a', 'two'))!
  const targets = [{ key: 'a', versionId: one }, { key: 'a' }, { key: 'a', versionId: 'x' }]
  const results = await at.box.deleteMany(targets)
  assert.deepEqual(results[0], { status: 'fulfilled', value: { key: 'a', versionId: one } })
  const marker = results[1]!.status === 'fulfilled' ? results[1]!.value.deleteMarker?.versionId : ''
  assert.equal(results[2]!.status, 'rejected')
  assert.equal(await shown(at.box, { two, marker }), 'a:marker!* a:two')
})

test('pages of versions give every one of them once, in order, wherever they begin', async () => {
  await using at = await place(0)
  for (const key of ['a', 'b/1', 'b/2', 'c']) await put(at.box, key, 'null')
  await at.box.setConfiguration('versioning', 'enabled')
  for (const key of ['a', 'a', 'b/2', 'c', 'd', 'a!']) await put(at.box, key, 'new')
  await at.box.delete('c')
  await at.box.setConfiguration('versioning', 'suspended')
  await put(at.box, 'e', 'null')
  await at.box.delete('f')
  const all = await entriesOf(at.box)
  const keys = 'a a a a! b/1 b/2 b/2 c c c d e f'
  assert.equal(all.map(({ key }) => key).join(' '), keys)
  assert.equal(all.filter(({ isLatest }) => isLatest).length, new Set(keys.split(' ')).size)
  for (const limit of [1, 2, 3, 5]) {
    const paged: VersionInfo[] = []
    for (let from: ListOptions | undefined = {}; from !== undefined; ) {
      const { entries, next } = await at.box.listVersions({ ...from, limit }).page()
      for (const entry of entries) if (entry.type === 'version') paged.push(entry.info)
      from = next
    }
    assert.deepEqual(paged, all, `by ${limit}`)
  }
  const rolled: string[] = []
  for await (const entry of at.box.listVersions({ delimiter: '/', startAfter: 'a' }))
    rolled.push(entry.type === 'version' ? entry.info.key : `(${entry.prefix})`)
  assert.equal(rolled.join(' '), 'a! (b/) c c c d e f')
  const under = await entriesOf(at.box, { prefix: 'b/' })
  assert.deepEqual(under, all.slice(4, 7))
})

test('a marker whose version has gone is where the others go on', async () => {
  await using at = await place(0)
  await at.box.setConfiguration('versioning', 'enabled')
  const ids: string[] = []
  for (let n = 0; n < 4; n++) ids.unshift((await put(at.box, 'a', `${n}`))!)
  await at.box.delete('a', { versionId: ids[1]! })
  const after = (startAfterId: string) => entriesOf(at.box, { startAfter: 'a', startAfterId })
  assert.deepEqual(
    (await after(ids[1]!)).map(({ versionId, isLatest }) => [versionId, isLatest]),
    [
      [ids[2], false],
      [ids[3], false],
    ],
  )
  await at.box.delete('a', { versionId: ids[0]! })
  assert.deepEqual(
    (await after(ids[0]!)).map(({ isLatest }) => isLatest),
    [true, false],
  )
  // Of a null version that is no more nobody knows the place: better once more than never.
  assert.equal((await after('null')).length, 2)
})

test('of many writers that want the version they know, one wins', async () => {
  await using at = await place(0)
  await at.box.setConfiguration('versioning', 'enabled')
  const { etag } = await at.box.put('a', Buffer.from('known'))
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) => at.box.put('a', Buffer.from(`${n}`), { ifMatch: etag })),
  )
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.equal((await entriesOf(at.box)).length, 2)
})

test('a list of objects reads none of the keys that were deleted', async () => {
  const kv = MemoryKvStore.open()
  let rows = 0
  const counting = new Proxy<KvStore>(kv, {
    get(target, name) {
      const member = Reflect.get(target, name, target)
      if (name !== 'scan') return typeof member === 'function' ? member.bind(target) : member
      return async (options: ScanOptions) => {
        const page = await target.scan(options)
        rows += page.rows.length
        return page
      }
    },
  })
  const stores = { kv: counting, blobs: await MemoryBlobStore.open() }
  await using engine = await Engine.open({ stores, background: false })
  await engine.createBucket('box')
  const box = engine.bucket('box')
  await box.setConfiguration('versioning', 'enabled')
  const keys = Array.from({ length: 500 }, (_, n) => `k${String(n).padStart(3, '0')}`)
  for (const key of keys) await put(box, key, 'x')
  await box.deleteMany(keys.slice(1, -1).map((key) => ({ key })))
  rows = 0
  assert.deepEqual(await keysOf(box), ['k000', 'k499'])
  assert.ok(rows <= 2, `${rows} rows were read`)
})

/** Nothing but the commit's checks keeps two engines over one store from each other's way. */
test('two engines over one store, changing the same keys, leave versions in order', async () => {
  const seed = Number(process.env.AQUIFER_SEED ?? Math.floor(Math.random() * 2 ** 31))
  const random = seededRandom(seed)
  const memory = MemoryKvStore.open()
  const blobs = await MemoryBlobStore.open()
  const over = (n: number) =>
    Engine.open({
      stores: { kv: new AsynchronousKvStore(memory, { seed: seed + n, conflictRate: 0.02 }), blobs },
      background: false,
    })
  const engines = [await over(1), await over(2)]
  await engines[0]!.createBucket('box')
  const boxes = engines.map((engine) => engine.bucket('box'))
  const key = () => (random() < 0.5 ? 'a' : 'b')
  const step = async (box: Bucket): Promise<unknown> => {
    const chance = random()
    if (chance < 0.4) return box.put(key(), Buffer.from(`${chance}`))
    if (chance < 0.5) return box.delete(key())
    if (chance < 0.6) return box.copy({ key: 'a' }, 'b')
    if (chance < 0.65) return box.setConfiguration('versioning', chance < 0.63 ? 'enabled' : 'suspended')
    const { entries } = await box.listVersions({ startAfter: random() < 0.5 ? '' : 'a', limit: 3 }).page()
    const entry = entries[Math.floor(random() * entries.length)]
    if (entry?.type !== 'version') return undefined
    return box.delete(entry.info.key, { versionId: entry.info.versionId })
  }
  const tolerated = ['NoSuchKey', 'NoSuchVersion', 'OperationAborted']
  const work = async (box: Bucket) => {
    for (let n = 0; n < 60; n++)
      await step(box).catch((error) => {
        if (!isEngineError(error) || !tolerated.includes(error.code)) throw error
      })
  }
  await Promise.all(boxes.flatMap((box) => [work(box), work(box), work(box)]))
  await assertInvariants({ kv: memory, blobs }).catch((error) => {
    throw new Error(`AQUIFER_SEED=${seed}: ${error.message}`)
  })
})
