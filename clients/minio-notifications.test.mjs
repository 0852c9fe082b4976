// minio-js configures notifications and listens.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import { buildARN, NotificationConfig, QueueConfig } from 'minio'
import { openWebhook } from './harness/webhook.mjs'
import { openWorkplace } from './harness/workplace.mjs'
import { minioClient } from './minio-client.mjs'

async function connect(t, settings) {
  const place = await openWorkplace(t, settings)
  const client = minioClient(place)
  await client.makeBucket('photos')
  return client
}

test('minio: a bucket’s notifications are configured, told, delivered and removed', async (t) => {
  const hook = await openWebhook(t)
  const client = await connect(t, hook.settings)
  const queue = new QueueConfig(buildARN('minio', 'sqs', '', 'hook', 'webhook'))
  queue.addFilterSuffix('.jpg')
  queue.addEvent('s3:ObjectCreated:*')
  const config = new NotificationConfig()
  config.add(queue)
  await client.setBucketNotification('photos', config)
  const told = await client.getBucketNotification('photos')
  assert.equal([told.QueueConfiguration].flat()[0].Queue, 'arn:minio:sqs:us-east-1:hook:webhook')
  await client.putObject('photos', 'a.txt', 'text')
  await client.putObject('photos', 'a.jpg', 'bytes')
  const [, event] = await hook.holds(2)
  assert.equal(event.Key, 'photos/a.jpg')
  await client.removeAllBucketNotification('photos')
  const none = await client.getBucketNotification('photos')
  assert.ok(none.QueueConfiguration === undefined || [none.QueueConfiguration].flat().length === 0)
})

test('minio: listens to a bucket', async (t) => {
  const client = await connect(t, [])
  const listener = client.listenBucketNotification('photos', 'in/', '.jpg', ['s3:ObjectCreated:*'])
  const first = once(listener, 'notification')
  // The client does not say when it is heard; until then nothing that is put is told of.
  let at = 0
  const puts = setInterval(() => client.putObject('photos', `in/ü ${at++}.jpg`, 'bytes').catch(() => {}), 50)
  const [record] = await first
  clearInterval(puts)
  listener.stop()
  assert.equal(record.eventName, 's3:ObjectCreated:Put')
  assert.equal(record.s3.bucket.name, 'photos')
  assert.match(record.s3.object.key, /^in\/ü \d+\.jpg$/)
})
