import assert from 'node:assert/strict'
import test from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import { Engine, type EngineEvent } from '@aquifer/engine'
import { connectEngine, serveEngine } from '@aquifer/engine/threads'

test('what is done over an engine that another thread has is told of as whoever asked there said', async () => {
  await using engine = await Engine.open()
  const { port1, port2 } = new MessageChannel()
  await using _service = serveEngine(engine, port1)
  await using connected = await connectEngine(port2)
  await engine.createBucket('logs')
  const names = ['s3:ObjectCreated:*', 's3:ObjectAccessed:*']
  const events = await engine.events.listen({ names })
  const logs = connected.bucket('logs', {
    origin: () => ({ principalId: 'AKIA', name: 's3:ObjectCreated:Post' }),
  })
  await logs.put('a', Buffer.from('x'))
  await connected.bucket('logs', { origin: false }).head('a') // To answer another question.
  const upload = await connected.bucket('logs', { origin: { principalId: 'OTHER' } }).createUpload('b')
  const { etag } = await upload.putPart(1, Buffer.from('x'))
  await upload.complete([{ partNumber: 1, etag }])
  await connected.bucket('logs').head('b')
  const told: EngineEvent[] = []
  while (told.length < 3) told.push((await events.next()).value!)
  await events.return()
  assert.deepEqual(
    told.map(({ name, key, origin }) => [name, key, origin]),
    [
      ['s3:ObjectCreated:Post', 'a', { principalId: 'AKIA' }],
      ['s3:ObjectCreated:CompleteMultipartUpload', 'b', { principalId: 'OTHER' }],
      ['s3:ObjectAccessed:Head', 'b', {}],
    ],
  )
})
