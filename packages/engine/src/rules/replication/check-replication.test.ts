import assert from 'node:assert/strict'
import test from 'node:test'
import type { ReplicationRule } from '../../contract/replication.js'
import { isEngineError } from '../../errors.js'
import { checkReplication } from './check-replication.js'

const destination = { arn: 'arn:minio:replication:us-east-1:6fa459ea-ee8a-3ca4-894e-db77e160355e:copies' }
const rule = (given: Partial<ReplicationRule> = {}): ReplicationRule => ({
  ...{ status: 'enabled', priority: 1, destination },
  ...given,
})
const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`t${at}`, '']))
const many = (count: number) => Array.from({ length: count }, (_, priority) => rule({ priority }))

const accepted: [what: string, rules: ReplicationRule[]][] = [
  ['one of everything', [rule()]],
  ['a priority of none', [rule({ priority: 0 })]],
  ['several without IDs', [rule(), rule({ id: '', priority: 2 })]],
  ['a prefix and tags', [rule({ filter: { prefix: 'a/', tags: tags(10) } })]],
  ['delete markers under a prefix', [rule({ filter: { prefix: 'a/' }, deleteMarkers: 'enabled' })]],
  ['no delete markers with tags', [rule({ filter: { tags: tags(1) }, deleteMarkers: 'disabled' })]],
  ['an ID of 255 characters', [rule({ id: 'x'.repeat(255) })]],
  ['one that is disabled', [rule({ status: 'disabled' })]],
  ['a storage class', [rule({ destination: { ...destination, storageClass: 'STANDARD' } })]],
  ['a thousand', many(1_000)],
]
for (const [what, rules] of accepted)
  test(`replication rules may be: ${what}`, () => checkReplication({ rules }))

const bad = (value: string) => value as 'enabled'
const refused: [what: string, code: string, rules: ReplicationRule[]][] = [
  ['none', 'InvalidArgument', []],
  ['a thousand and one', 'InvalidArgument', many(1_001)],
  ['an ID of 256 characters', 'InvalidArgument', [rule({ id: 'x'.repeat(256) })]],
  ['two of one ID', 'InvalidArgument', [rule({ id: 'a' }), rule({ id: 'a', priority: 2 })]],
  ['two of one priority', 'InvalidArgument', [rule(), rule()]],
  ['a priority below none', 'InvalidArgument', [rule({ priority: -1 })]],
  ['half a priority', 'InvalidArgument', [rule({ priority: 0.5 })]],
  ['no priority', 'InvalidArgument', [rule({ priority: Number.NaN })]],
  ['a status that is none', 'InvalidArgument', [rule({ status: bad('on') })]],
  ['markers that are neither', 'InvalidArgument', [rule({ deleteMarkers: bad('') })]],
  ['deletes that are neither', 'InvalidArgument', [rule({ versionDeletes: bad('Enabled') })]],
  ['existing objects that are neither', 'InvalidArgument', [rule({ existingObjects: bad('x') })]],
  ['modifications that are neither', 'InvalidArgument', [rule({ replicaModifications: bad('x') })]],
  ['markers with tags', 'InvalidArgument', [rule({ filter: { tags: tags(1) }, deleteMarkers: 'enabled' })]],
  ['a filter by no tags', 'InvalidArgument', [rule({ filter: { tags: {} } })]],
  ['eleven tags', 'InvalidTag', [rule({ filter: { tags: tags(11) } })]],
  ['a tag without a name', 'InvalidTag', [rule({ filter: { tags: { '': 'a' } } })]],
  ['a prefix that no key could have', 'InvalidArgument', [rule({ filter: { prefix: 'x'.repeat(1_025) } })]],
  ['no storage class', 'InvalidArgument', [rule({ destination: { ...destination, storageClass: '' } })]],
  [
    'more than a row holds',
    'InvalidRequest',
    many(1_000).map((each) => ({ ...each, filter: { prefix: 'x'.repeat(250) } })),
  ],
]
for (const [what, code, rules] of refused)
  test(`replication rules may not be: ${what}`, () => {
    assert.throws(
      () => checkReplication({ rules }),
      (error) => isEngineError(error) && error.code === code,
    )
  })
