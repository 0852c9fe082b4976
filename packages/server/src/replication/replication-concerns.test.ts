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

test('targets that keep up are no concern, however much is under way, nor is one that nothing waits for', () => {
  assert.deepEqual(replicationConcerns([target({ waiting: 7 }), target({ isOnline: false })], now), [])
})

test('what waits for targets that take nothing is told, and what was given up, but not of whom', () => {
  const since = new Date('2026-11-27T12:00:00Z')
  const silent = target({ isOnline: false, waiting: 3, waitingSince: since, failures: 1 })
  assert.deepEqual(replicationConcerns([silent, target({ waiting: 9 })], now), [
    'replication: 1 target takes nothing; 3 versions wait, the oldest for 10 s',
    'replication: 1 version was given up',
  ])
})
