import assert from 'node:assert/strict'
import test from 'node:test'
import type { ReplicationTargetStatus } from '@aquifer/engine'
import { replicationConcerns } from './replication-concerns.js'

const now = new Date('2026-11-27T12:00:10Z')
const target = (fares: Partial<ReplicationTargetStatus>): ReplicationTargetStatus => ({
  ...{
    arn: 'arn:minio:replication:a:b:secret',
    sourceBucket: 'secret',
    endpoint: 'http://secret',
    bucket: 'b',
  },
  ...{ accessKeyId: 'A', keepsVersionIds: true, isOnline: true, waiting: 0, failures: 0 },
  ...{ completed: { versions: 0, bytes: 0 }, failed: { versions: 0, bytes: 0 } },
  ...fares,
})

const ago = (ms: number) => new Date(now.getTime() - ms)

test('targets that keep up are no concern, however much is under way', () => {
  const busy = target({ waiting: 7, waitingSince: ago(50_000) })
  assert.deepEqual(replicationConcerns([busy, target({ isOnline: false })], now), [])
})

test('that targets are behind is told, and what was given up, but not whose', () => {
  const behind = target({ waiting: 3, waitingSince: ago(600_000), failures: 1 })
  assert.deepEqual(replicationConcerns([behind, target({ waiting: 9, waitingSince: ago(10) })], now), [
    'replication: 1 target is behind by up to 10 min; 3 versions wait',
    'replication: 1 version was given up',
  ])
})
