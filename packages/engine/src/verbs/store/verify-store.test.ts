import assert from 'node:assert/strict'
import test from 'node:test'
import { MemoryBlobStore } from '../../blobs/memory/memory-blob-store.js'
import {
  afterAllUnder,
  bucketKey,
  objectKey,
  objectsOf,
  removedVersionKey,
  replicationStateKey,
  replicationTargetKey,
  resyncKey,
  versionsOfKey,
} from '../../catalog/keys.js'
import { decodeBucket } from '../../catalog/records/bucket-record.js'
import { Engine } from '../../engine.js'
import { isEngineError } from '../../errors.js'
import type { KvDamage } from '../../kv/kv.js'
import { MemoryKvStore } from '../../kv/memory/memory-kv-store.js'

/** Two buckets with two objects each, over a key–value store that can be made to tell of damage. */
async function opened() {
  const kv = MemoryKvStore.open()
  const damage: KvDamage[] = []
  const telling = Object.assign(kv, {
    async *verify() {
      yield* damage
    },
  })
  const engine = await Engine.open({ stores: { kv: telling, blobs: await MemoryBlobStore.open() } })
  const ids: Record<string, Uint8Array> = {}
  for (const name of ['first', 'second']) {
    await engine.createBucket(name)
    for (const key of ['a', 'b']) await engine.bucket(name).put(key, Buffer.from('x'))
    ids[name] = decodeBucket((await kv.get(bucketKey(name)))!.value).bucketId
  }
  const overwrite = (key: Uint8Array, value: Uint8Array = Buffer.from('no record')) =>
    kv.commit({ checks: [], puts: [{ key, value }], deletes: [] })
  const findings = async () => {
    const found: (string | undefined)[][] = []
    for await (const { what, code, bucket, key } of engine.verify()) found.push([what, code, bucket, key])
    return found
  }
  return { engine, kv, ids, damage, overwrite, findings }
}

test('a record that cannot be read is a finding, and keeps none of the others from being looked at', async () => {
  const { engine, ids, overwrite, findings } = await opened()
  await overwrite(objectKey(ids.first!, 'a'))
  await overwrite(objectKey(ids.second!, 'b'))
  assert.deepEqual(await findings(), [
    ['object', 'CorruptRecord', 'first', 'a'],
    ['object', 'CorruptRecord', 'second', 'b'],
  ])
  await overwrite(bucketKey('first'))
  assert.deepEqual(await findings(), [
    ['store', 'CorruptRecord', 'first', undefined],
    ['object', 'CorruptRecord', 'second', 'b'],
  ])
  await engine.close()
})

test('what is known of replication and cannot be read is a finding, by the name of its version', async () => {
  const { engine, ids, overwrite, findings } = await opened()
  const place = new Uint8Array(16)
  await overwrite(replicationStateKey(ids.first!, 'a', place))
  await overwrite(removedVersionKey(ids.second!, 'b', place))
  await overwrite(replicationTargetKey(place))
  await overwrite(resyncKey(place))
  assert.deepEqual(await findings(), [
    ['object', 'CorruptRecord', 'first', 'a'],
    ['object', 'CorruptRecord', 'second', 'b'],
    ['store', 'CorruptRecord', undefined, undefined],
    ['store', 'CorruptRecord', undefined, undefined],
  ])
  await engine.close()
})

test('a record whose payload is not there is a finding', async () => {
  const { engine, kv, ids, overwrite, findings } = await opened()
  const key = objectKey(ids.first!, 'b')
  await overwrite(key, (await kv.get(key))!.value)
  assert.deepEqual(await findings(), [['object', 'CorruptRecord', 'first', 'b']])
  await engine.close()
})

test('damage beneath a row is told by the name of its object, once', async () => {
  const { engine, ids, damage, overwrite, findings } = await opened()
  const detail = 'segment 1, offset 8192'
  damage.push({ code: 'DamagedFrame', detail })
  damage.push({ code: 'DamagedRow', detail, key: objectKey(ids.second!, 'a') })
  // The object's own examination tells of this, where it is still so.
  damage.push({ code: 'DamagedPayload', detail, key: objectKey(ids.second!, 'b') })
  damage.push({ code: 'DamagedRow', detail, key: bucketKey('first') })
  damage.push({ code: 'DamagedRow', detail, key: objectsOf(new Uint8Array(16)) })
  assert.deepEqual(await findings(), [
    ['store', 'DamagedFrame', undefined, undefined],
    ['object', 'DamagedRow', 'second', 'a'],
    ['store', 'DamagedRow', undefined, undefined],
    ['store', 'DamagedRow', undefined, undefined],
  ])
  await overwrite(bucketKey('first'))
  assert.deepEqual((await findings())[1], ['object', 'DamagedRow', 'second', 'a'])
  await engine.close()
})

test('a summary whose version is not there is a finding, and its reader is told that it is damaged', async () => {
  const { engine, kv, ids, findings } = await opened()
  const first = engine.bucket('first')
  await first.setConfiguration('versioning', 'enabled')
  await first.put('a', Buffer.from('newer'))
  assert.deepEqual(await findings(), [])
  const { rows } = await kv.scan({
    from: versionsOfKey(ids['first']!, 'a'),
    to: afterAllUnder(versionsOfKey(ids['first']!, 'a')),
    limit: 1,
  })
  await kv.commit({ checks: [], puts: [], deletes: [rows[0]!.key] })
  assert.deepEqual(await findings(), [['object', 'CorruptRecord', 'first', 'a']])
  await assert.rejects(first.get('a'), (error) => isEngineError(error, 'CorruptRecord'))
  await engine.close()
})
