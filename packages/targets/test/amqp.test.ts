import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import test from 'node:test'
import { AmqpTarget } from '@aquifer/targets'
import amqp from 'amqplib'
import { broker, deliver, event, freePort, patiently, testEvent, unless } from './broker.js'

/** Debian's own script begins it as its user; this is what that begins. */
const program = '/usr/lib/rabbitmq/bin/rabbitmq-server'

test('AMQP takes events into a queue, also after it was away', {
  skip: unless(program),
}, async (t) => {
  const distribution = await freePort()
  const epmd = await freePort()
  // Erlang leaves behind what its nodes find each other by.
  t.after(() => spawnSync('/usr/bin/epmd', ['-port', String(epmd), '-kill']))
  const rabbit = await broker(
    t,
    ({ port, folder }) => ({
      file: program,
      args: [],
      env: {
        HOME: folder,
        RABBITMQ_NODENAME: `aquifer${port}@localhost`,
        RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
        RABBITMQ_NODE_PORT: String(port),
        RABBITMQ_DIST_PORT: String(distribution),
        RABBITMQ_MNESIA_BASE: folder,
        RABBITMQ_LOG_BASE: folder,
        RABBITMQ_ENABLED_PLUGINS_FILE: `${folder}/plugins`,
        ERL_EPMD_ADDRESS: '127.0.0.1',
        ERL_EPMD_PORT: String(epmd),
      },
    }),
    'rabbitmq',
  )
  await rabbit.start()
  const url = `amqp://guest:guest@127.0.0.1:${rabbit.port}`
  const target = await AmqpTarget.load({
    url,
    exchange: 'events',
    exchangeType: 'topic',
    routingKey: 'photos',
  })
  t.after(() => target.close())
  await patiently(() => deliver(target, testEvent))
  const client = await amqp.connect(url)
  const channel = await client.createChannel()
  await channel.assertQueue('told', { durable: true })
  await channel.bindQueue('told', 'events', 'photos')
  for (const one of [event, { ...event, key: 'b' }]) await deliver(target, one)
  const key = async () => {
    const message = await channel.get('told', { noAck: true })
    return message && JSON.parse(message.content.toString()).Key
  }
  assert.deepEqual([await key(), await key(), await key()], ['photos/a b.jpg', 'photos/b', false])
  client.on('error', () => {})
  await client.close()
  await rabbit.stop()
  await assert.rejects(deliver(target, event))
})
