import assert from 'node:assert/strict'
import test from 'node:test'
import { NatsTarget } from '@aquifer/targets'
import { connect } from '@nats-io/transport-node'
import { broker, deliver, event, testEvent, unless } from './broker.js'

test('NATS passes events on, and a stream says that it has them, also after it was away', {
  skip: unless('nats-server'),
}, async (t) => {
  const nats = await broker(t, ({ port, folder }) => ({
    file: 'nats-server',
    args: ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder, '--auth', 'secret'],
  }))
  await nats.start()
  const address = `127.0.0.1:${nats.port}`
  const client = await connect({ servers: address, token: 'secret' })
  const got: string[] = []
  client.subscribe('events', {
    callback: (_, message) => {
      got.push(message.json<{ EventName: string }>().EventName)
    },
  })
  await client.flush()
  const open = async (options: { subject: string; jetStream?: boolean; token?: string }) => {
    const target = await NatsTarget.load({ address, token: 'secret', ...options })
    t.after(() => target.close())
    return target
  }
  const plain = await open({ subject: 'events' })
  for (const one of [testEvent, event, event]) await deliver(plain, one)
  await client.flush()
  assert.deepEqual(got.slice(1), ['s3:ObjectCreated:Put', 's3:ObjectCreated:Put'])
  await assert.rejects(
    async () => deliver(await open({ subject: 'events', token: 'wrong' }), event),
    /[Aa]uthorization/,
  )

  const kept = await open({ subject: 'kept.events', jetStream: true })
  await assert.rejects(deliver(kept, event)) // No stream takes the subject.
  const created = await client.request(
    '$JS.API.STREAM.CREATE.KEPT',
    JSON.stringify({ name: 'KEPT', subjects: ['kept.>'] }),
  )
  assert.ok(created.json<{ config?: object }>().config !== undefined)
  await deliver(kept, event)
  await client.close()
  await nats.stop()
  await assert.rejects(deliver(kept, event))
  await nats.start()
  await deliver(kept, event)
  const again = await connect({ servers: address, token: 'secret' })
  const info = await again.request('$JS.API.STREAM.INFO.KEPT')
  assert.equal(info.json<{ state: { messages: number } }>().state.messages, 2)
  await again.close()
})
