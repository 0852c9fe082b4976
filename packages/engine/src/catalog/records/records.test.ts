import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { ChecksumAlgorithm } from '../../contract/integrity.js'
import { isEngineError } from '../../errors.js'
import { kvLimits } from '../../kv/kv.js'
import { checksumBytes } from '../../rules/digest-text.js'
import { type AccessKeyRecord, decodeAccessKey, encodeAccessKey, type Sealed } from './access-key-record.js'
import type { Body } from './body.js'
import { type BucketRecord, decodeBucket, encodeBucket } from './bucket-record.js'
import { type CompletedUpload, decodeCompletedUpload, encodeCompletedUpload } from './completed-upload.js'
import { decodeDocument, encodeDocument } from './document.js'
import {
  decodeEvent,
  decodeEventGap,
  type EventGapRecord,
  type EventRecord,
  encodeEvent,
  encodeEventGap,
} from './event-record.js'
import type { Extent } from './extent.js'
import { decodeExtents, encodeExtents, packExtents } from './extent-row.js'
import { tag } from './fields.js'
import { decodeGroup, encodeGroup, type GroupRecord } from './group-record.js'
import { decodeIndexing, encodeIndexing, type IndexingRecord, indexedFamilies } from './indexing-record.js'
import { decodeLockTime, encodeLockTime } from './lock-time-record.js'
import { decodeObject, encodeObject, type ObjectRecord, ObjectView } from './object-record.js'
import { decodePart, encodePart, type PartRecord } from './part-record.js'
import { decodePolicy, encodePolicy, type PolicyRecord } from './policy-record.js'
import { decodeRememberedRename, encodeRememberedRename, type RememberedRename } from './remembered-rename.js'
import {
  decodeRemovedVersion,
  encodeRemovedVersion,
  type RemovedVersionRecord,
} from './removed-version-record.js'
import {
  decodeReplicationState,
  encodeReplicationState,
  type ReplicationStateRecord,
} from './replication-state-record.js'
import {
  decodeReplicationTarget,
  encodeReplicationTarget,
  type ReplicationTargetRecord,
} from './replication-target-record.js'
import { decodeResync, encodeResync, type ResyncRecord, resyncedFamilies } from './resync-record.js'
import { decodeSealing, encodeSealing } from './sealing-record.js'
import { decodeSubscription, encodeSubscription, type SubscriptionRecord } from './subscription-record.js'
import { decodeUpload, encodeUpload, type UploadRecord } from './upload-record.js'
import { decodeUser, encodeUser, type UserRecord } from './user-record.js'

const plain = { noNullPrototype: true } // Decoders make plain objects, and deepEqual looks at prototypes.
const text = fc.string({ unit: 'binary', maxLength: 40 })
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const id = exactly(16)
const size = fc.oneof(fc.nat(1_000), fc.integer({ min: 0, max: 50e12 }), fc.constant(50e12))
const time = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const count = fc.oneof(fc.nat(300), fc.maxSafeNat())
const texts = fc.dictionary(text, text, { maxKeys: 6, ...plain })
const checksumType = fc.constantFrom('composite' as const, 'full-object' as const)
const hex = (bytes: number) => exactly(bytes).map((value) => Buffer.from(value).toString('hex'))

const etag = fc.oneof(
  hex(16),
  fc.tuple(hex(16), fc.integer({ min: 1, max: 10_000 })).map(([md5, parts]) => `${md5}-${parts}`),
  text,
  hex(16).map((md5) => md5.toUpperCase()),
  hex(16).map((md5) => `${md5}-0`),
  hex(16).map((md5) => `${md5}-65536`),
  hex(16).map((md5) => `${md5}-01`),
)

const checksum = (bytes: number) =>
  fc
    .tuple(exactly(bytes), fc.option(fc.integer({ min: 1, max: 10_000 })))
    .map(([digest, parts]) => Buffer.from(digest).toString('base64') + (parts === null ? '' : `-${parts}`))
const checksums = fc.record(
  Object.fromEntries(Object.entries(checksumBytes).map(([name, bytes]) => [name, checksum(bytes)])),
  { noNullPrototype: true, requiredKeys: [] },
)

const extent: fc.Arbitrary<Extent> = fc.record(
  {
    blobId: count,
    offset: size,
    length: size,
    // Few owners, so that the table inside the row is put to use.
    owner: fc.constantFrom(1, 2, 3).map((fill) => new Uint8Array(16).fill(fill)),
    part: fc.record(
      {
        number: fc.integer({ min: 1, max: 10_000 }),
        sizeBytes: size,
        checksum: fc.uint8Array({ maxLength: 64 }),
      },
      { noNullPrototype: true, requiredKeys: ['number', 'sizeBytes'] },
    ),
  },
  { noNullPrototype: true, requiredKeys: ['blobId', 'offset', 'length'] },
)
const body: fc.Arbitrary<Body> = fc.oneof(
  fc.record({ kind: fc.constant('inline' as const), sizeBytes: size }, plain),
  fc.record(
    {
      kind: fc.constant('extents' as const),
      bodyId: id,
      sizeBytes: size,
      extents: fc.array(extent, { maxLength: 64 }),
    },
    plain,
  ),
  fc.record({ kind: fc.constant('long' as const), bodyId: id, sizeBytes: size, extentCount: count }, plain),
)

const headers = fc.record(
  {
    contentType: text,
    contentEncoding: text,
    contentDisposition: text,
    contentLanguage: text,
    cacheControl: text,
    expires: text,
    storageClass: text,
    websiteRedirect: text,
  },
  { noNullPrototype: true, requiredKeys: [] },
)
const retention = fc.record(
  {
    mode: fc.constantFrom('governance' as const, 'compliance' as const),
    retainUntilMs: time,
  },
  plain,
)
/** What a version to come may write: a field whose tag is greater than all of ours. */
const unknownFields = fc
  .tuple(fc.integer({ min: Math.max(...Object.values(tag)) + 1, max: 255 }), fc.uint8Array({ maxLength: 50 }))
  .map(([tag, content]) => new Uint8Array([tag, content.length, ...content]))

const object: fc.Arbitrary<ObjectRecord> = fc
  .record(
    {
      recordId: id,
      isDeleteMarker: fc.boolean(),
      shared: fc.boolean(),
      etag,
      sizeBytes: size,
      lastModifiedMs: time,
      headers,
      metadata: texts,
      tags: texts,
      ownerId: text,
      partCount: count,
      countedParts: count,
      checksums,
      checksumType,
      versionOrder: count,
      isNullVersion: fc.constant(true),
      summary: fc.oneof(fc.constant({}), fc.record({ nullVersion: id }, plain)),
      retention,
      legalHold: fc.boolean(),
      isReplica: fc.constant(true as const),
      body,
      unknownFields,
    },
    {
      noNullPrototype: true,
      requiredKeys: [
        'recordId',
        'isDeleteMarker',
        'shared',
        'etag',
        'sizeBytes',
        'lastModifiedMs',
        'headers',
        'metadata',
        'tags',
        'checksums',
        'body',
      ],
    },
  )
  .chain((record) =>
    // Most objects ride on their row; a summary does not say where the body is.
    fc
      .boolean()
      .map((inline) =>
        inline || record.summary !== undefined
          ? { ...record, body: { kind: 'inline' as const, sizeBytes: record.sizeBytes } }
          : record,
      ),
  )
const bucket: fc.Arbitrary<BucketRecord> = fc.record(
  {
    bucketId: id,
    createdMs: time,
    ownerId: text,
    state: fc.constantFrom('live' as const, 'deleting' as const),
    versioning: fc.constantFrom('enabled' as const, 'suspended' as const),
    objectLock: fc.boolean(),
    defaultRetention: fc.oneof(
      fc.record({ mode: retention.map(({ mode }) => mode), days: count }, plain),
      fc.record({ mode: retention.map(({ mode }) => mode), years: count }, plain),
    ),
    lifecycleId: id,
    replicationId: id,
    hasReplicationStates: fc.constant(true as const),
    unknownFields,
  },
  { noNullPrototype: true, requiredKeys: ['bucketId', 'createdMs', 'state'] },
)
const upload: fc.Arbitrary<UploadRecord> = fc.record(
  {
    initiatedMs: time,
    headers,
    metadata: texts,
    tags: texts,
    ownerId: text,
    checksumAlgorithm: fc.constantFrom(...(Object.keys(checksumBytes) as ChecksumAlgorithm[])),
    checksumType,
    state: fc.constantFrom('open' as const, 'completing' as const),
    retention,
    legalHold: fc.boolean(),
    replicaOf: fc.record(
      {
        place: id,
        lastModifiedMs: time,
        etag,
        tagsMs: time,
        retentionMs: time,
        legalHoldMs: time,
        bypassGovernance: fc.constant(true as const),
      },
      { noNullPrototype: true, requiredKeys: ['place', 'lastModifiedMs'] },
    ),
    unknownFields,
  },
  { noNullPrototype: true, requiredKeys: ['initiatedMs', 'headers', 'metadata', 'tags', 'state'] },
)
const part: fc.Arbitrary<PartRecord> = fc.record(
  { recordId: id, etag, sizeBytes: size, lastModifiedMs: time, checksums, body, unknownFields },
  {
    noNullPrototype: true,
    requiredKeys: ['recordId', 'etag', 'sizeBytes', 'lastModifiedMs', 'checksums', 'body'],
  },
)
const completedUpload: fc.Arbitrary<CompletedUpload> = fc.record(
  {
    result: fc.record(
      { etag, sizeBytes: size, lastModifiedMs: time, checksums, checksumType, versionId: text },
      { noNullPrototype: true, requiredKeys: ['etag', 'sizeBytes', 'lastModifiedMs', 'checksums'] },
    ),
    partsDigest: fc.uint8Array({ maxLength: 64 }),
    unknownFields,
  },
  { noNullPrototype: true, requiredKeys: ['result', 'partsDigest'] },
)
const extents = fc.array(extent, { maxLength: 512 })

const names = fc.array(text, { maxLength: 4 })
const user: fc.Arbitrary<UserRecord> = fc.record(
  {
    userId: hex(32),
    createdMs: time,
    enabled: fc.boolean(),
    keyCount: count,
    displayName: text,
    policies: names,
    groups: names,
    unknownFields,
  },
  {
    noNullPrototype: true,
    requiredKeys: ['userId', 'createdMs', 'enabled', 'keyCount', 'policies', 'groups'],
  },
)
const group: fc.Arbitrary<GroupRecord> = fc.record(
  { createdMs: time, memberCount: count, policies: names, unknownFields },
  { noNullPrototype: true, requiredKeys: ['createdMs', 'memberCount', 'policies'] },
)
const policy: fc.Arbitrary<PolicyRecord> = fc.record(
  { createdMs: time, updatedMs: time, attachmentCount: count, unknownFields },
  { noNullPrototype: true, requiredKeys: ['createdMs', 'updatedMs', 'attachmentCount'] },
)
const sealed: fc.Arbitrary<Sealed> = fc.record(
  { generation: count, bytes: fc.uint8Array({ maxLength: 90 }) },
  plain,
)
const anyKey: fc.Arbitrary<AccessKeyRecord> = fc.record(
  {
    kind: fc.constantFrom('user' as const, 'service' as const, 'temporary' as const),
    enabled: fc.boolean(),
    userId: hex(32),
    user: text,
    createdMs: time,
    secretSetMs: time,
    sealedSecret: sealed,
    expiresMs: time,
    description: text,
    parentKey: fc.record({ accessKeyId: text, secretSetMs: time }, plain),
    federation: fc.record({ issuer: text, subject: text }, plain),
    policies: names,
    ownPolicy: text,
    unknownFields,
  },
  {
    noNullPrototype: true,
    requiredKeys: [
      'kind',
      'enabled',
      'userId',
      'user',
      'createdMs',
      'secretSetMs',
      'sealedSecret',
      'policies',
    ],
  },
)
/** Who a session acts for says no more than who it is of. */
const accessKey: fc.Arbitrary<AccessKeyRecord> = fc
  .tuple(anyKey, fc.constantFrom(undefined, 'parent-key' as const, 'root' as const))
  .map(([key, actsFor]) => {
    const canAct = key.kind === 'temporary' && (actsFor === 'root' || key.parentKey !== undefined)
    return actsFor !== undefined && canAct ? { ...key, actsFor } : key
  })
const eventRecord: fc.Arbitrary<EventRecord> = fc.record(
  {
    timeMs: time,
    name: fc.constantFrom('s3:ObjectCreated:Put' as const, 's3:ObjectRemoved:NoOP' as const),
    bucket: text,
    key: text,
    bucketOwnerId: text,
    versionId: text,
    contentType: text,
    metadata: texts.filter((pairs) => Object.keys(pairs).length > 0),
    object: fc.record({ sizeBytes: size, etag: text }, plain),
    origin: texts,
    attempts: fc.record({ count, firstMs: time, revision: count, error: text }, plain),
    unknownFields,
  },
  { noNullPrototype: true, requiredKeys: ['timeMs', 'name', 'bucket', 'key', 'origin'] },
)
const gap: fc.Arbitrary<EventGapRecord> = fc.record({ fromMs: time, toMs: time, count }, plain)
const subscription: fc.Arbitrary<SubscriptionRecord> = fc.record(
  {
    filter: fc.record(
      { names, prefix: text, suffix: text },
      { noNullPrototype: true, requiredKeys: ['names'] },
    ),
    bucket: text,
    backlogMax: count,
    whenFull: fc.constantFrom('block' as const, 'drop' as const),
  },
  { noNullPrototype: true, requiredKeys: ['filter', 'backlogMax', 'whenFull'] },
)
const replicationState: fc.Arbitrary<ReplicationStateRecord> = fc.record(
  {
    tagsMs: time,
    retentionMs: time,
    legalHoldMs: time,
    targets: fc.array(
      fc.record(
        {
          targetId: id,
          status: fc.constantFrom('pending' as const, 'completed' as const, 'failed' as const),
          hasBytes: fc.boolean(),
          targetVersionId: text,
          unfinished: text,
        },
        { noNullPrototype: true, requiredKeys: ['targetId', 'status', 'hasBytes'] },
      ),
      { maxLength: 3 },
    ),
  },
  { noNullPrototype: true, requiredKeys: ['targets'] },
)
const replicationTarget: fc.Arbitrary<ReplicationTargetRecord> = fc.record(
  {
    arn: text,
    sourceBucketId: id,
    sourceBucket: text,
    endpoint: text,
    bucket: text,
    region: text,
    addressing: fc.constantFrom('path' as const, 'virtual-host' as const),
    accessKeyId: text,
    sealedSecret: sealed,
    keepsVersionIds: fc.boolean(),
    bandwidthLimit: count,
    concurrency: count,
  },
  plain,
)
const counts = fc.record({ versions: count, bytes: count }, plain)
const resync: fc.Arbitrary<ResyncRecord> = fc.record(
  {
    status: fc.constantFrom('ongoing' as const, 'completed' as const, 'canceled' as const),
    ...{ bucketId: id, bucket: text, resyncId: text, startedMs: time, endedMs: time, untilMs: time },
    family: fc.constantFrom(...resyncedFamilies, 'line' as const),
    after: fc.uint8Array({ maxLength: 60 }),
    ...{ completed: counts, failed: counts },
  },
  plain,
)
const sealing = fc
  .array(sealed, { minLength: 1, maxLength: 3 })
  .map((keys) => keys.map(({ bytes }, at) => ({ generation: at * at + 1, bytes })))

interface Kind<T> {
  name: string
  records: fc.Arbitrary<T>
  encode: (record: T) => Uint8Array
  decode: (value: Uint8Array, label?: string) => T
}
const kind = <T>(value: Kind<T>): Kind<unknown> => value as unknown as Kind<unknown>
const kinds = [
  kind({ name: 'object', records: object, encode: encodeObject, decode: decodeObject }),
  kind({ name: 'bucket', records: bucket, encode: encodeBucket, decode: decodeBucket }),
  kind({ name: 'upload', records: upload, encode: encodeUpload, decode: decodeUpload }),
  kind({ name: 'part', records: part, encode: encodePart, decode: decodePart }),
  kind({
    name: 'completed upload',
    records: completedUpload,
    encode: encodeCompletedUpload,
    decode: decodeCompletedUpload,
  }),
  kind<RememberedRename>({
    name: 'remembered rename',
    records: fc.record(
      {
        digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
        record: object.map((record) => ({
          ...record,
          body: { kind: 'inline' as const, sizeBytes: record.sizeBytes },
        })),
      },
      { noNullPrototype: true },
    ),
    encode: encodeRememberedRename,
    decode: decodeRememberedRename,
  }),
  kind<IndexingRecord>({
    name: 'the look at a bucket',
    records: fc.record(
      {
        lifecycleId: id,
        bucket: text,
        family: fc.constantFrom(...indexedFamilies),
        keys: count,
        after: fc.uint8Array({ maxLength: 60 }),
      },
      { noNullPrototype: true },
    ),
    encode: encodeIndexing,
    decode: decodeIndexing,
  }),
  kind<number>({ name: 'lock time', records: time, encode: encodeLockTime, decode: decodeLockTime }),
  kind<RemovedVersionRecord>({
    name: 'removed version',
    records: fc.record(
      { removedMs: time, retentionMs: time, legalHoldMs: time },
      { requiredKeys: ['removedMs'], noNullPrototype: true },
    ),
    encode: encodeRemovedVersion,
    decode: decodeRemovedVersion,
  }),
  kind<ReplicationStateRecord>({
    name: 'replication state',
    records: replicationState,
    encode: encodeReplicationState,
    decode: decodeReplicationState,
  }),
  kind<ResyncRecord>({ name: 'resync', records: resync, encode: encodeResync, decode: decodeResync }),
  kind<ReplicationTargetRecord>({
    name: 'replication target',
    records: replicationTarget,
    encode: encodeReplicationTarget,
    decode: decodeReplicationTarget,
  }),
  kind({ name: 'event', records: eventRecord, encode: encodeEvent, decode: decodeEvent }),
  kind({ name: 'gap', records: gap, encode: encodeEventGap, decode: decodeEventGap }),
  kind({
    name: 'subscription',
    records: subscription,
    encode: encodeSubscription,
    decode: decodeSubscription,
  }),
  kind({ name: 'user', records: user, encode: encodeUser, decode: decodeUser }),
  kind({ name: 'access key', records: accessKey, encode: encodeAccessKey, decode: decodeAccessKey }),
  kind({ name: 'group', records: group, encode: encodeGroup, decode: decodeGroup }),
  kind({ name: 'policy', records: policy, encode: encodePolicy, decode: decodePolicy }),
  kind<readonly Sealed[]>({
    name: 'sealing keys',
    records: sealing,
    encode: encodeSealing,
    decode: decodeSealing,
  }),
  kind<readonly Extent[]>({
    name: 'extent row',
    records: extents,
    encode: encodeExtents,
    decode: decodeExtents,
  }),
]

/**
 * The decoder's answer, or undefined for `CorruptRecord`; anything else is a failure of the test. So is a
 * decoder that hostile counts keep busy: it is given three tries, since a busy machine is not its fault.
 */
function attempt<T>(decode: () => T): T | undefined {
  for (let tries = 1; ; tries++) {
    const before = performance.now()
    let found: T | undefined
    try {
      found = decode()
    } catch (error) {
      if (!isEngineError(error, 'CorruptRecord')) throw error
    }
    if (performance.now() - before < 50) return found
    assert.ok(tries < 3, 'a decoder took more than 50 ms, three times')
  }
}

for (const { name, records, encode, decode } of kinds) {
  test(`what is written of ${name} is read back`, () => {
    fc.assert(
      fc.property(records, (record) => {
        const value = encode(record)
        assert.deepEqual(decode(value), record)
        // Nor does it matter where in a larger buffer the value lies.
        const larger = Buffer.concat([Buffer.alloc(3, 0xff), value, Buffer.alloc(3, 0xff)])
        assert.deepEqual(decode(larger.subarray(3, -3)), record)
      }),
    )
  })

  test(`damaged bytes of ${name} are CorruptRecord or another record, and nothing worse`, () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.nat(7), (record, place, bit) => {
        const value = encode(record)
        attempt(() => decode(value.subarray(0, place % (value.length + 1))))
        const flipped = Uint8Array.from(value)
        flipped[place % value.length]! ^= 1 << bit
        const found = attempt(() => decode(flipped))
        // Whatever was accepted can be written again.
        if (found !== undefined) assert.deepEqual(decode(encode(found)), found)
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, versioned) => {
        if (versioned && bytes.length > 1) bytes.set([1, bytes[1]! & 3])
        attempt(() => decode(bytes))
      }),
      { numRuns: 1_000 },
    )
  })
}

test('a document is read back, and one that cannot be is CorruptRecord', () => {
  fc.assert(
    fc.property(texts, (document) => {
      const { value, payload } = encodeDocument(document)
      assert.deepEqual(decodeDocument(value, payload, 'tags'), document)
      const damaged = attempt(() => decodeDocument(value, payload.subarray(0, -1), 'tags'))
      assert.equal(damaged, undefined)
    }),
  )
})

test('a truncated record is CorruptRecord under the label given', () => {
  const value = encodeBucket({ bucketId: new Uint8Array(16), createdMs: 5, state: 'live' })
  assert.throws(
    () => decodeBucket(value.subarray(0, -1), 'bucket "photos"'),
    (error) => isEngineError(error, 'CorruptRecord') && error.details.key === 'bucket "photos"',
  )
})

test('a record of a later format version is refused', () => {
  const value = encodeBucket({ bucketId: new Uint8Array(16), createdMs: 5, state: 'live' })
  value[0] = 2
  assert.throws(
    () => decodeBucket(value),
    (error) => isEngineError(error, 'CorruptRecord'),
  )
})

test('fields of a later version survive a change made by this one', () => {
  fc.assert(
    fc.property(object, unknownFields, text, (record, later, contentType) => {
      const found = decodeObject(encodeObject({ ...record, unknownFields: later }))
      const changed = decodeObject(encodeObject({ ...found, headers: { ...found.headers, contentType } }))
      assert.deepEqual(changed.unknownFields, later)
    }),
  )
})

test('a view agrees with the whole record', () => {
  fc.assert(
    fc.property(object, (record) => {
      const view = new ObjectView(encodeObject(record))
      assert.equal(view.isDeleteMarker, record.isDeleteMarker)
      assert.equal(view.etag, record.etag)
      assert.equal(view.sizeBytes, record.sizeBytes)
      assert.equal(view.lastModifiedMs, record.lastModifiedMs)
      assert.equal(view.storageClass, record.headers.storageClass)
      assert.equal(view.ownerId, record.ownerId)
      assert.equal(view.checksumType, record.checksumType)
      assert.deepEqual([...view.checksumAlgorithms].sort(), Object.keys(record.checksums).sort())
      assert.deepEqual(view.decode(), record)
    }),
  )
})

test('a view of damaged bytes throws CorruptRecord and nothing else', () => {
  fc.assert(
    fc.property(object, fc.nat(), fc.nat(255), (record, place, byte) => {
      const value = encodeObject(record)
      value[place % value.length] = byte
      for (const bytes of [value, value.subarray(0, place % value.length)]) {
        const view = attempt(() => new ObjectView(bytes))
        if (view === undefined) continue
        attempt(() => view.etag)
        attempt(() => view.sizeBytes)
        attempt(() => view.isDeleteMarker)
        attempt(() => view.storageClass)
        attempt(() => view.ownerId)
        attempt(() => view.checksumAlgorithms)
        attempt(() => view.checksumType)
      }
    }),
  )
})

test('a small plain object takes 50 bytes', () => {
  const value = encodeObject({
    recordId: new Uint8Array(16),
    isDeleteMarker: false,
    shared: false,
    etag: 'd41d8cd98f00b204e9800998ecf8427e',
    sizeBytes: 4_096,
    lastModifiedMs: 1_760_000_000_000,
    headers: {},
    metadata: {},
    tags: {},
    checksums: {},
    body: { kind: 'inline', sizeBytes: 4_096 },
  })
  assert.ok(value.byteLength <= 50, `${value.byteLength} bytes`)
})

test('metadata named like an inherited property is metadata', () => {
  const metadata = JSON.parse('{"__proto__":"a","constructor":"b"}')
  const record = decodeUpload(
    encodeUpload({ initiatedMs: 0, headers: {}, metadata, tags: {}, state: 'open' }),
  )
  assert.deepEqual(Object.entries(record.metadata), Object.entries(metadata))
})

test('extents of any kind are packed into rows a store takes, none lost', () => {
  const largest: Extent = {
    blobId: Number.MAX_SAFE_INTEGER,
    offset: 50e12,
    length: 50e12,
    part: { number: 10_000, sizeBytes: 50e12, checksum: new Uint8Array(64) },
  }
  fc.assert(
    fc.property(
      fc.array(fc.oneof(extent, fc.constant(largest)), { maxLength: 1_500, size: 'max' }),
      (all) => {
        const found: Extent[] = []
        for (let start = 0; start < all.length; ) {
          const { value, end } = packExtents(all, start)
          assert.ok(end > start && value.byteLength <= kvLimits.valueBytes)
          found.push(...decodeExtents(value))
          start = end
        }
        assert.deepEqual(found, all)
      },
    ),
    { numRuns: 20 },
  )
})
