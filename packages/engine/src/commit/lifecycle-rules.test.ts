import assert from 'node:assert/strict'
import test from 'node:test'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import { corruptRecord, storageUnavailable } from '../errors.js'
import { MemoryKvStore } from '../kv/memory/memory-kv-store.js'
import { LifecycleRules, rulesForReader } from './lifecycle-rules.js'

const bucket = { bucketId: new Uint8Array(16), lifecycleId: new Uint8Array(16) } as BucketRecord

const rulesThatFailWith = (error: Error) => {
  const kv = MemoryKvStore.open()
  kv.get = () => {
    throw error
  }
  return new LifecycleRules(kv, 86_400_000)
}

test('where the rules of a bucket are damaged its objects are read without their expiry, and nobody decides by none', async () => {
  const lifecycleRules = rulesThatFailWith(corruptRecord(new Uint8Array(1), 'a bit is wrong'))
  assert.equal(await rulesForReader({ lifecycleRules }, {}, bucket), undefined)
  await assert.rejects(async () => lifecycleRules.of(bucket), { code: 'CorruptRecord' })
})

test('where the store cannot be read, that is told', async () => {
  const lifecycleRules = rulesThatFailWith(storageUnavailable('absent', 'The disk does not answer.'))
  await assert.rejects(async () => rulesForReader({ lifecycleRules }, {}, bucket), {
    code: 'StorageUnavailable',
  })
})
