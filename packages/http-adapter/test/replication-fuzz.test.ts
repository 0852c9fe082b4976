import assert from 'node:assert/strict'
import type { ReplicationConfiguration } from '@aquifer/engine'
import { S3Error } from '@aquifer/http-adapter'
import fc from 'fast-check'
import { readReplication, replicationRoot } from '../dist/replication/read-replication.js'
import { replicationDocument } from '../dist/replication/write-replication.js'
import { isOfReplica, readReplica, readReplicaRemoval } from '../dist/wire/replica.js'
import { parseXml } from '../dist/wire/xml-in.js'
import { fuzz, mutated, wordSalad } from './fuzz.js'

const target = 'arn:minio:replication:us-east-1:0a8f3c52-7b51-4a0e-9d42-aa2f6c1f3f10:mirror'
const document = `<?xml version="1.0" encoding="UTF-8"?>
<ReplicationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Role>${target}</Role>
<Rule><ID>größe</ID><Status>Enabled</Status><Priority>3</Priority>
<DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication>
<DeleteReplication><Status>Enabled</Status></DeleteReplication>
<ExistingObjectReplication><Status>Disabled</Status></ExistingObjectReplication>
<SourceSelectionCriteria><ReplicaModifications><Status>Enabled</Status></ReplicaModifications></SourceSelectionCriteria>
<Destination><Bucket>arn:aws:s3:::mirror</Bucket><StorageClass>STANDARD</StorageClass><Metrics><Status>Disabled</Status></Metrics></Destination>
<Filter><And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter></Rule></ReplicationConfiguration>`
const words = Array.from(document.matchAll(/<[^>]*>|[^<]+/g), ([word]) => word)

/** Undefined: it was refused properly. */
function told<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof S3Error) return undefined
    throw error
  }
}

const read = (text: string): ReplicationConfiguration | undefined =>
  told(() => readReplication(parseXml(Buffer.from(text), replicationRoot)))

/** What is read is written, and read again as the same. */
function exercise(text: string): void {
  const found = read(text)
  if (found === undefined) return
  const again = read(replicationDocument(found))
  assert.equal(again?.role, found.role)
  assert.deepEqual(
    again?.rules.map(({ id, status, priority, destination }) => ({ id, status, priority, destination })),
    found.rules.map(({ id, status, priority, destination }) => ({ id, status, priority, destination })),
  )
}

fuzz('rules of replication are read or refused, whatever was done to them', mutated(document), exercise)
fuzz('any text is rules of replication or refused', fc.oneof(wordSalad(words), fc.string()), exercise)

const names = [
  ...['replication-request', 'replication-check', 'mtime', 'etag', 'deletemarker', 'deletemarker-delete'].map(
    (name) => `x-minio-source-${name}`,
  ),
  ...['tagging', 'retention', 'legalhold'].map((name) => `x-minio-source-replication-${name}-timestamp`),
  'x-amz-replication-status',
]
const value = fc.oneof(
  fc.constantFrom('', 'true', 'TRUE', 'false', 'REPLICA', 'PENDING', '"etag"', '0'.repeat(32)),
  mutated('2026-11-23T12:00:00.123456789Z'),
  mutated('2026-11-23T12:00:00.5+02:00'),
)

fuzz(
  'what another store says is read or refused, and every time is one',
  fc.record({
    headers: fc.array(fc.tuple(fc.constantFrom(...names), value)).map((pairs) => new Map(pairs)),
    versionId: fc.option(mutated('0'.repeat(32)), { nil: undefined }),
  }),
  ({ headers, versionId }) => {
    const call = {
      headers,
      query: new Map(versionId === undefined ? [] : [['versionId', versionId]]),
    } as never
    const found = told(() => readReplica(call))
    const removal = told(() => readReplicaRemoval(call))
    if (!isOfReplica(headers)) assert.deepEqual([found, removal], [undefined, undefined])
    if (found !== undefined) {
      assert.match(found.versionId, /^[0-9a-f]{32}$/)
      for (const time of [found.lastModified, ...Object.values(found.changed ?? {})])
        assert.ok(time instanceof Date && !Number.isNaN(time.getTime()))
      assert.notEqual(found.etag, '')
    }
    if (removal?.deleteMarker) assert.ok(!Number.isNaN(removal.deleteMarker.lastModified.getTime()))
  },
)
