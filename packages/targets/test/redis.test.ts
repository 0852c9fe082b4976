import assert from 'node:assert/strict'
import test from 'node:test'
import { RedisTarget } from '@aquifer/targets'
import { createClient } from 'redis'
import { broker, deliver, event, removal, testEvent, unless } from './broker.js'

test('Redis keeps events in a list or in a hash, also after it was away', {
  skip: unless('redis-server'),
}, async (t) => {
  const redis = await broker(t, ({ port }) => ({
    file: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--requirepass', 'secret', '--appendonly', 'yes'],
  }))
  await redis.start()
  const url = `redis://127.0.0.1:${redis.port}`
  const open = async (key: string, format: 'access' | 'namespace', password = 'secret') => {
    const target = await RedisTarget.load({ url, key, format, password })
    t.after(() => target.close())
    return target
  }
  const [access, namespace] = [await open('list', 'access'), await open('hash', 'namespace')]
  for (const target of [access, namespace])
    for (const one of [testEvent, event, event, removal, { ...event, key: 'b' }]) await deliver(target, one)
  await assert.rejects(async () => deliver(await open('list', 'access', 'wrong'), event), /WRONGPASS/)
  await redis.stop()
  await assert.rejects(deliver(access, event))
  await redis.start()
  await deliver(access, { ...event, key: 'last' })
  const client = createClient({ url, password: 'secret' })
  client.on('error', () => {}) // The broker goes first.
  await client.connect()
  t.after(() => client.destroy())
  const list = (await client.lRange('list', 0, -1)).map((text) => JSON.parse(text)[0])
  assert.deepEqual(
    list.map(({ Event }) => `${Event[0].eventName} ${Event[0].s3.object.key}`),
    [
      's3:ObjectCreated:Put a+b.jpg',
      's3:ObjectCreated:Put a+b.jpg',
      's3:ObjectRemoved:Delete a+b.jpg',
      's3:ObjectCreated:Put b',
      's3:ObjectCreated:Put last',
    ],
  )
  const hash = await client.hGetAll('hash')
  assert.deepEqual(Object.keys(hash), ['photos/b'])
  assert.equal(JSON.parse(hash['photos/b']!).Records[0].s3.object.size, 3)
})
