import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { BlobStore } from '../blobs/blobs.js'
import { MemoryBlobStore } from '../blobs/memory/memory-blob-store.js'
import {
  blobRunKey,
  bucketKey,
  deferredKey,
  eventKey,
  settledBlobKey,
  versionNameOf,
} from '../catalog/keys.js'
import { decodeBucket, encodeBucket } from '../catalog/records/bucket-record.js'
import { decodeDeferred, encodeDeferred } from '../catalog/records/deferred-record.js'
import { encodeEvent } from '../catalog/records/event-record.js'
import type { Extent } from '../catalog/records/extent.js'
import { decodeExtents, encodeExtents } from '../catalog/records/extent-row.js'
import { decodeObject, encodeObject, type ObjectRecord } from '../catalog/records/object-record.js'
import { rowsUnder } from '../catalog/scan.js'
import { Engine } from '../engine.js'
import { engineClosed } from '../errors.js'
import type { Change, KvStore, Row } from '../kv/kv.js'
import { MemoryKvStore } from '../kv/memory/memory-kv-store.js'
import { limits } from '../limits.js'
import { History } from './history/history.js'
import { RecordedEngine } from './history/recorded-engine.js'
import { assertInvariants, findViolations } from './invariants.js'

// Parts may be small, and a list of three extents is a long one. This process runs nothing else.
const usual = { ...limits }
before(() => Object.assign(limits, { partMinBytes: 1, extentsInRecord: 2, extentsPerRow: 2 }))
after(() => Object.assign(limits, usual))

const text = (words: string) => Buffer.from(words.repeat(20))

interface Place {
  kv: KvStore
  blobs: BlobStore
  engine: Engine
  history: History
}

/** A store that holds one of everything, some of it already given up and not yet reclaimed. */
async function place(): Promise<Place> {
  const kv = MemoryKvStore.open()
  const blobs = await MemoryBlobStore.open()
  const engine = await Engine.open({ stores: { kv, blobs }, background: false, inlineMaxBytes: 10 })
  const history = new History()
  const recorded = new RecordedEngine(engine, history)
  await recorded.createBucket('box')
  const bucket = recorded.bucket('box')
  await bucket.put('small', Buffer.from('tiny'))
  await bucket.put('large', text('large '))
  await bucket.put('log', Buffer.from('tiny'))
  await bucket.append('log', Buffer.from('line'))
  await engine.bucket('box').rename({ key: 'log' }, 'log', { requestId: 'a request' })
  await bucket.put('source', text('source '))
  await bucket.copy('source', 'copy')
  await bucket.put('lender', text('lender '))
  const long = await bucket.createUpload('long')
  const parts = []
  for (const number of [1, 2, 3, 4, 5]) parts.push(await long.putPart(number, text(`part ${number} `)))
  await long.complete(parts)
  await engine.reclaim()
  const mixed = await bucket.createUpload('mixed')
  const lent = text('lender ')
  const etag = (await engine.bucket('box').head('lender')).etag
  const borrowed = [await mixed.copyPart(1, { key: 'lender' }, { etag, bytes: lent })]
  await mixed.complete(borrowed)
  await bucket.delete('lender') // Kept: it is borrowed from.
  const open = await bucket.createUpload('open')
  await open.putPart(1, text('waiting '))
  await engine.reclaim()
  await bucket.put('gone', text('gone '))
  await bucket.delete('gone') // Condemned, and still there.
  await recorded.createBucket('versions')
  const versions = recorded.bucket('versions')
  await versions.put('kept', text('null '))
  await versions.setVersioning('enabled')
  await versions.put('kept', text('one '))
  await versions.put('kept', text('two '))
  await versions.put('deleted', text('one '))
  await versions.delete('deleted')
  return { kv, blobs, engine, history }
}

const rowsOf = async (kv: KvStore, family: string): Promise<Row[]> => {
  const rows: Row[] = []
  for await (const row of rowsUnder(kv, Buffer.from(family))) rows.push(row)
  assert.ok(rows.length > 0, `there are no rows of family ${family}`)
  return rows
}

const commit = (kv: KvStore, change: Partial<Change>) =>
  kv.commit({ checks: [], puts: [], deletes: [], ...change })

async function objectRow(kv: KvStore, key: string): Promise<{ row: Row; record: ObjectRecord }> {
  const row = (await rowsOf(kv, 'o')).find((each) => Buffer.from(each.key).toString().endsWith(key))!
  return { row, record: decodeObject(row.value) }
}

/** Of a key's versions, the newest first. */
const versionRows = async (kv: KvStore, key: string): Promise<Row[]> =>
  (await rowsOf(kv, 'v')).filter((row) => versionNameOf(row.key).key === key)

/** Writes an object's record anew, changed. */
async function rewrite(
  kv: KvStore,
  key: string,
  change: (record: ObjectRecord) => ObjectRecord,
): Promise<void> {
  const { row, record } = await objectRow(kv, key)
  await commit(kv, { puts: [{ key: row.key, value: encodeObject(change(record)) }] })
}

async function blobOf(kv: KvStore, key: string): Promise<number> {
  const { body } = (await objectRow(kv, key)).record
  assert.ok(body.kind === 'extents')
  return body.extents[0]!.blobId
}

const extentsOf = ({ body }: ObjectRecord): readonly Extent[] => (body.kind === 'extents' ? body.extents : [])
const withExtents = (record: ObjectRecord, change: (extent: Extent) => Extent): ObjectRecord => {
  const { body } = record
  assert.ok(body.kind === 'extents')
  return { ...record, body: { ...body, extents: extentsOf(record).map(change) } }
}

/** Of an object whose extents have rows of their own. */
async function extentRowsOf(kv: KvStore, key: string): Promise<Row[]> {
  const { body } = (await objectRow(kv, key)).record
  assert.ok(body.kind === 'long')
  return (await rowsOf(kv, 'e')).filter((row) => Buffer.compare(row.key.subarray(1, 17), body.bodyId) === 0)
}

/** The deferred rows of one kind. */
const deferredOf = async (kv: KvStore, kind: string): Promise<Row[]> => {
  const rows = (await rowsOf(kv, 'g')).filter(({ value }) => decodeDeferred(value).kind === kind)
  assert.ok(rows.length > 0, `there is no work of kind ${kind}`)
  return rows
}

/** The store as a process sees it that dies before one of its commits. */
const stoppedWhen = (kv: KvStore, isStopped: () => boolean): KvStore => ({
  limits: kv.limits,
  get: (key) => kv.get(key),
  getMany: (keys) => kv.getMany(keys),
  readPayload: (key, revision) => kv.readPayload(key, revision),
  scan: (options) => kv.scan(options),
  close: async () => {},
  commit: async (change) => {
    if (isStopped()) throw engineClosed()
    return kv.commit(change)
  },
})

/** What is done to the store, and the rule that must speak up. */
const damages: Record<string, [rule: string, damage: (at: Place) => Promise<unknown>]> = {
  'a row that cannot be read': [
    'unreadable-row',
    ({ kv }) => commit(kv, { puts: [{ key: bucketKey('c'), value: Uint8Array.of(1, 2, 3) }] }),
  ],
  'a row of no family': [
    'unreadable-row',
    ({ kv }) => commit(kv, { puts: [{ key: Buffer.from('z'), value: new Uint8Array(0) }] }),
  ],
  'a bucket that says it has rules for notifications, and has none': [
    'wrong-notification',
    async ({ kv }) => {
      const row = (await kv.get(bucketKey('box')))!
      const record = { ...decodeBucket(row.value), notification: new Uint8Array(16) }
      await commit(kv, { puts: [{ key: row.key, value: encodeBucket(record) }] })
    },
  ],
  'events of a key in another order than that of their commits': [
    'events-out-of-order',
    async ({ kv }) => {
      const value = encodeEvent({
        ...{ name: 's3:ObjectCreated:Put', timeMs: 0, bucket: 'box', key: 'small', origin: {} },
      })
      await commit(kv, { puts: [{ key: eventKey('waiting', 'who', 2), value }] })
      await commit(kv, { puts: [{ key: eventKey('waiting', 'who', 1), value }] })
    },
  ],
  'a bucket gone from under its objects': [
    'without-bucket',
    ({ kv }) => commit(kv, { deletes: [bucketKey('box')] }),
  ],
  'a summary that is gone': [
    'wrong-summary',
    async ({ kv }) => commit(kv, { deletes: [(await objectRow(kv, 'kept')).row.key] }),
  ],
  'a summary that says other things than its version': [
    'wrong-summary',
    ({ kv }) => rewrite(kv, 'kept', (record) => ({ ...record, lastModifiedMs: record.lastModifiedMs + 1 })),
  ],
  'a summary that does not know where the null version is': [
    'wrong-summary',
    ({ kv }) => rewrite(kv, 'kept', (record) => ({ ...record, summary: {} })),
  ],
  'a deleted key among the objects': [
    'misplaced-key',
    async ({ kv }) => {
      const [row] = await rowsOf(kv, 'd')
      const key = Buffer.concat([Buffer.from('o'), row!.key.subarray(1)])
      await commit(kv, { puts: [{ key, value: row!.value }], deletes: [row!.key] })
    },
  ],
  "a version in another's place": [
    'unordered-versions',
    async ({ kv }) => {
      const [newest, older] = await versionRows(kv, 'kept')
      await commit(kv, { puts: [{ key: older!.key, value: newest!.value }] })
    },
  ],
  'two null versions of a key': [
    'unordered-versions',
    async ({ kv }) => {
      const { key, value } = (await versionRows(kv, 'kept'))[1]!
      const isNull = { ...decodeObject(value), isNullVersion: true }
      await commit(kv, { puts: [{ key, value: encodeObject(isNull) }] })
    },
  ],
  'versions in a bucket that never had any': [
    'versions-never-made',
    async ({ kv }) => {
      const key = bucketKey('versions')
      const { versioning: _, ...record } = decodeBucket((await kv.get(key))!.value)
      await commit(kv, { puts: [{ key, value: encodeBucket(record) }] })
    },
  ],
  'an older version that is gone': [
    'lost',
    async ({ engine }) => {
      const versions = engine.bucket('versions')
      for await (const entry of versions.listVersions({ prefix: 'kept' }))
        if (entry.type === 'version' && !entry.info.isLatest)
          await versions.delete('kept', { versionId: entry.info.versionId })
    },
  ],
  'an upload gone from over its parts': [
    'forgotten-part',
    async ({ kv }) => commit(kv, { deletes: (await rowsOf(kv, 'u')).map(({ key }) => key) }),
  ],
  'a completed upload that nothing will forget': [
    'forgotten-completion',
    async ({ kv }) =>
      commit(kv, { deletes: (await deferredOf(kv, 'completed-upload')).map(({ key }) => key) }),
  ],
  'a payload that is gone': [
    'wrong-size',
    async ({ kv }) => {
      const { row } = await objectRow(kv, 'small')
      return commit(kv, { puts: [{ key: row.key, value: row.value }] })
    },
  ],
  'a request that nothing will forget': [
    'forgotten-request',
    async ({ kv }) => commit(kv, { deletes: (await deferredOf(kv, 'request')).map(({ key }) => key) }),
  ],
  'an appended piece that is gone': [
    'missing-payload',
    async ({ kv }) => {
      const { key, value } = (await extentRowsOf(kv, 'log'))[1]!
      return commit(kv, { puts: [{ key, value }] })
    },
  ],
  'other bytes in an appended piece': [
    'wrong-bytes',
    async ({ kv }) => {
      const { key, value } = (await extentRowsOf(kv, 'log'))[1]!
      return commit(kv, { puts: [{ key, value, payload: Buffer.from('lime') }] })
    },
  ],
  'a record of another size than its extents': [
    'wrong-size',
    ({ kv }) => rewrite(kv, 'large', (record) => withExtents(record, (extent) => ({ ...extent, length: 7 }))),
  ],
  'a row of extents that is gone': [
    'forgotten-extents',
    async ({ kv }) => commit(kv, { deletes: [(await extentRowsOf(kv, 'long'))[1]!.key] }),
  ],
  'extents of no body': [
    'forgotten-extents',
    async ({ kv }) => {
      const { row } = await objectRow(kv, 'long')
      return commit(kv, { deletes: [row.key] })
    },
  ],
  'a blob that is gone': ['missing-blob', async ({ kv, blobs }) => blobs.remove([await blobOf(kv, 'large')])],
  'a blob that nothing knows of': [
    'forgotten-blob',
    async ({ kv }) => {
      const { row } = await objectRow(kv, 'large')
      return commit(kv, { deletes: [row.key] })
    },
  ],
  'work to remove a blob that is in use': [
    'live-blob-in-danger',
    async ({ kv }) => {
      const owned = {
        bodyId: new Uint8Array(16),
        blobs: [await blobOf(kv, 'large')],
        owners: [],
        long: false,
      }
      const value = encodeDeferred({ kind: 'body', owned })
      return commit(kv, { puts: [{ key: deferredKey(0, owned.bodyId), value }] })
    },
  ],
  'a blob in use whose id is not settled': [
    'live-blob-in-danger',
    async ({ kv }) => {
      const id = await blobOf(kv, 'large')
      return commit(kv, { deletes: [settledBlobKey(Math.floor(id / 256), id % 256)] })
    },
  ],
  'a blob in use whose id was never reserved': [
    'live-blob-in-danger',
    ({ kv }) => {
      const first = new Uint8Array(8)
      first[7] = 1
      return commit(kv, { puts: [{ key: blobRunKey(0), value: first }] })
    },
  ],
  'work to remove the extents of an object': [
    'live-extents-in-danger',
    async ({ kv }) => {
      const { body } = (await objectRow(kv, 'long')).record
      assert.ok(body.kind === 'long')
      const value = encodeDeferred({ kind: 'extent-rows', bodyId: body.bodyId })
      return commit(kv, { puts: [{ key: deferredKey(0, body.bodyId), value }] })
    },
  ],
  'a blob of two owners': [
    'blob-owned-twice',
    async ({ kv }) => {
      const blobId = await blobOf(kv, 'large')
      return rewrite(kv, 'source', (record) => withExtents(record, (extent) => ({ ...extent, blobId })))
    },
  ],
  'a lender that is gone': [
    'owner-gone',
    async ({ kv }) => commit(kv, { deletes: (await rowsOf(kv, 'k')).map(({ key }) => key) }),
  ],
  'a blob borrowed from who does not own it': [
    'owner-gone',
    async ({ kv }) => {
      const blobId = await blobOf(kv, 'large')
      return rewrite(kv, 'mixed', (record) => withExtents(record, (extent) => ({ ...extent, blobId })))
    },
  ],
  'a copy that is not marked as shared': [
    'missing-reference',
    ({ kv }) => rewrite(kv, 'copy', (record) => ({ ...record, shared: false })),
  ],
  'references that are gone': [
    'missing-reference',
    async ({ kv }) => commit(kv, { deletes: (await rowsOf(kv, 'r')).map(({ key }) => key) }),
  ],
  'a reference that nobody uses': [
    'forgotten-reference',
    async ({ kv }) => {
      const { row } = await objectRow(kv, 'copy')
      return commit(kv, { deletes: [row.key] })
    },
  ],
  'a kept body that nothing will free': [
    'forgotten-body',
    async ({ kv }) => commit(kv, { deletes: (await rowsOf(kv, 'r')).map(({ key }) => key) }),
  ],
  'settled ids of no run': [
    'blob-id-runs',
    ({ kv }) => commit(kv, { puts: [{ key: settledBlobKey(9, 1), value: new Uint8Array(0) }] }),
  ],
  'a run that was never reserved': [
    'blob-id-runs',
    ({ kv }) => commit(kv, { puts: [{ key: blobRunKey(9), value: new Uint8Array(0) }] }),
  ],
  'other bytes in a payload': [
    'wrong-bytes',
    async ({ kv }) => {
      const { row } = await objectRow(kv, 'small')
      return commit(kv, { puts: [{ key: row.key, value: row.value, payload: Buffer.from('tinz') }] })
    },
  ],
  'other bytes in a blob': [
    'wrong-bytes',
    async ({ kv, blobs }) => {
      const { record } = await objectRow(kv, 'large')
      const id = await blobOf(kv, 'large')
      await blobs.remove([id])
      const writer = await blobs.create(id)
      await writer.write(new Uint8Array(record.sizeBytes))
      await writer.finish()
    },
  ],
  'extents in another order': [
    'wrong-bytes',
    async ({ kv }) => {
      const row = (await extentRowsOf(kv, 'long'))[0]!
      return commit(kv, {
        puts: [{ key: row.key, value: encodeExtents(decodeExtents(row.value).reverse()) }],
      })
    },
  ],
  'work that was due': ['work-left', async () => {}],
  'an object that is gone': [
    'lost',
    async ({ kv }) => commit(kv, { deletes: [(await objectRow(kv, 'small')).row.key] }),
  ],
  'an object that nobody wrote': ['nobody-wrote', ({ engine }) => engine.bucket('box').put('new', text('x'))],
  'a deleted object that is back': [
    'resurrected',
    ({ engine }) => engine.bucket('box').put('gone', text('gone ')),
  ],
  'an upload that is gone': [
    'lost',
    async ({ engine }) => {
      for await (const entry of engine.bucket('box').listUploads())
        if (entry.type === 'upload') await engine.bucket('box').upload('open', entry.info.uploadId).abort()
    },
  ],
}

describe('the invariants', () => {
  test('hold of a store that holds one of everything, before reclaim and after', async () => {
    const at = await place()
    await assertInvariants(at)
    await at.engine.reclaim()
    await assertInvariants({ ...at, reclaimedAtMs: Date.now() })
  })

  test('hold wherever reclaim is cut off, and it ends its work the next time', async () => {
    for (let commits = 0; ; commits++) {
      const at = await place()
      const bucket = at.engine.bucket('box')
      // A body that borrows, and is kept when its own record goes: nothing refers to it once the copy has gone.
      await bucket.copy({ key: 'mixed' }, 'mixed-copy')
      for (const key of ['mixed', 'mixed-copy', 'source', 'copy', 'long']) await bucket.delete(key)
      const { kv, blobs } = at
      let left = Infinity
      const engine = await Engine.open({
        stores: { kv: stoppedWhen(kv, () => left-- === 0), blobs },
        background: false,
      })
      left = commits
      const isDone = await engine.reclaim().then(
        () => true,
        () => false,
      )
      await assertInvariants({ kv, blobs })
      await at.engine.reclaim()
      await assertInvariants({ kv, blobs, reclaimedAtMs: Date.now() })
      if (isDone) return
    }
  })

  for (const [name, [rule, damage]] of Object.entries(damages)) {
    test(`find ${name}`, async () => {
      const at = await place()
      await damage(at)
      const found = await findViolations({ ...at, reclaimedAtMs: rule === 'work-left' ? Date.now() : 0 })
      assert.ok(
        found.some((violation) => violation.rule === rule),
        `found only ${JSON.stringify(found)}`,
      )
    })
  }

  test('find a retention that was shortened, and a kept version that is gone', async () => {
    const { kv, blobs, engine } = await place()
    await engine.createBucket('locked', { objectLock: true })
    const retainUntil = new Date(Date.now() + 86_400_000)
    const lock = { retention: { mode: 'compliance', retainUntil } } as const
    const versionId = (await engine.bucket('locked').put('k', text('kept '), lock)).versionId!
    const retained = [{ bucket: 'locked', key: 'k', versionId, retainUntil }]
    const rulesFound = async () =>
      (await findViolations({ kv, blobs, engine, retained })).map(({ rule }) => rule)
    assert.deepEqual(await rulesFound(), [])
    const [version] = await versionRows(kv, 'k')
    const record = decodeObject(version!.value)
    const shorter = {
      ...record,
      retention: { ...record.retention!, retainUntilMs: retainUntil.getTime() - 1 },
    }
    await commit(kv, { puts: [{ key: version!.key, value: encodeObject(shorter) }] })
    assert.ok((await rulesFound()).includes('retention-shortened'))
    await commit(kv, { deletes: [version!.key] })
    assert.ok((await rulesFound()).includes('retention-shortened'))
  })
})
