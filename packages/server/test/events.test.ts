import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { Engine } from '@aquifer/engine'
import { eventTargets } from '../dist/events/event-targets.js'
import { readNotifyTargets } from '../dist/events/read-notify-targets.js'
import { Running, startServer, temporaryDirectory } from './running-server.js'

const surroundings = { message: {}, allowed: ['127.0.0.1'] }
const none = { notifyFile: '', notifyWebhook: new Map<string, string>() }

test('targets are set up by a flag, by variables of either name, and by a file, in that order', async (t) => {
  const directory = await temporaryDirectory(t)
  const notifyFile = join(directory, 'targets.json')
  const hook = (at: number) => `http://127.0.0.1:${at}/`
  await writeFile(
    notifyFile,
    JSON.stringify({
      webhook: {
        a: { endpoint: hook(1), queue_limit: 7 },
        b: { endpoint: hook(2) },
        c: { endpoint: hook(3) },
      },
    }),
  )
  const targets = readNotifyTargets(
    {
      MINIO_NOTIFY_WEBHOOK_ENABLE_b: 'on',
      MINIO_NOTIFY_WEBHOOK_ENDPOINT_b: hook(4),
      AQUIFER_NOTIFY_WEBHOOK_ENABLE_c: 'off',
      AQUIFER_NOTIFY_WEBHOOK_ENDPOINT: hook(5),
      AQUIFER_NOTIFY_WEBHOOK_WHEN_FULL: 'drop',
      AQUIFER_NOTIFY_AMQP_URL_x: 'amqp://localhost',
      AQUIFER_NOTIFY_AMQP_EXCHANGE_x: 'e',
      AQUIFER_NOTIFY_AMQP_EXCHANGE_TYPE_x: 'fanout',
    },
    { notifyFile, notifyWebhook: new Map([['a', hook(6)]]) },
  )
  assert.equal(targets.webhook.get('a')?.ENDPOINT, hook(6))
  assert.equal(targets.webhook.get('b')?.ENDPOINT, hook(4))
  assert.deepEqual(targets.amqp.get('x'), { URL: 'amqp://localhost', EXCHANGE: 'e', EXCHANGE_TYPE: 'fanout' })
  const made = await eventTargets({ ...targets, amqp: new Map() }, surroundings)
  t.after(() => Promise.all(made.map(({ target }) => target.close?.())))
  assert.deepEqual(
    made.map(({ arn, backlogMax, whenFull }) => [arn, backlogMax, whenFull]),
    [
      ['arn:minio:sqs::a:webhook', 7, undefined],
      ['arn:minio:sqs::b:webhook', undefined, undefined],
      ['arn:minio:sqs::_:webhook', undefined, 'drop'],
    ],
  )
})

test('a target that is set up wrongly is named with its variable', async () => {
  const wrong: [Record<string, string>, RegExp][] = [
    [{ AQUIFER_NOTIFY_WEBHOOK_ENABLE_a: 'on' }, /AQUIFER_NOTIFY_WEBHOOK_ENDPOINT_a is missing/],
    [{ AQUIFER_NOTIFY_WEBHOOK_ENDPOINT_a: 'http://169.254.1.1/' }, /AQUIFER_NOTIFY_WEBHOOK_ENDPOINT_a: /],
    [{ AQUIFER_NOTIFY_WEBHOOK_ENDPOINT_a: 'hook' }, /no URL/],
    [{ AQUIFER_NOTIFY_REDIS_ADDRESS_a: 'localhost:1' }, /AQUIFER_NOTIFY_REDIS_KEY_a is missing/],
    [
      {
        AQUIFER_NOTIFY_REDIS_ADDRESS_a: 'localhost:1',
        AQUIFER_NOTIFY_REDIS_KEY_a: 'k',
        AQUIFER_NOTIFY_REDIS_FORMAT_a: 'x',
      },
      /AQUIFER_NOTIFY_REDIS_FORMAT_a must be namespace or access/,
    ],
    [
      {
        AQUIFER_NOTIFY_MQTT_BROKER_a: 'tcp://x',
        AQUIFER_NOTIFY_MQTT_TOPIC_a: 't',
        AQUIFER_NOTIFY_MQTT_QOS_a: '3',
      },
      /AQUIFER_NOTIFY_MQTT_QOS_a must be 0, 1 or 2/,
    ],
    [
      { AQUIFER_NOTIFY_POSTGRES_CONNECTION_STRING_a: 'postgres://x', AQUIFER_NOTIFY_POSTGRES_TABLE_a: 'a"b' },
      /AQUIFER_NOTIFY_POSTGRES_TABLE_a must be/,
    ],
    [
      { AQUIFER_NOTIFY_NATS_ADDRESS_a: 'x', AQUIFER_NOTIFY_NATS_QUEUE_LIMIT_a: '-1' },
      /QUEUE_LIMIT_a must be/,
    ],
    [{ AQUIFER_NOTIFY_NATS_ADDRESS_a: 'x', AQUIFER_NOTIFY_NATS_WHEN_FULL_a: 'wait' }, /WHEN_FULL_a must be/],
  ]
  for (const [environment, message] of wrong)
    await assert.rejects(
      async () => eventTargets(readNotifyTargets(environment, none), surroundings),
      message,
    )
})

async function command(t: TestContext, words: readonly string[]): Promise<unknown> {
  const running = new Running(t, words)
  assert.equal(await running.ended, 0, running.err)
  return JSON.parse(running.out)
}

test('a webhook that is down keeps its events in a server that is stopped and started; the commands show them', async (t) => {
  const directory = await temporaryDirectory(t)
  const got: string[] = []
  const hook = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    got.push(JSON.parse(text).Key)
    response.end()
  })
  hook.listen(0, '127.0.0.1')
  await once(hook, 'listening')
  const { port } = hook.address() as AddressInfo
  hook.close()
  const arn = 'arn:minio:sqs::hook:webhook'
  {
    const target = { deliver: async () => {} }
    await using engine = await Engine.open({ directory, eventTargets: [{ arn, target }] })
    await engine.createBucket('logs')
    const rules = [{ arn, names: ['s3:ObjectCreated:*'] }]
    await engine.bucket('logs').setConfiguration('notification', { rules })
  }
  const settings = ['--notify-webhook', `hook=http://127.0.0.1:${port}/`, '--allow-calls-to', '127.0.0.1']
  const first = await startServer(t, directory, settings)
  for (const key of ['a', 'b']) assert.equal((await first.client.ask('PUT', `/logs/${key}`, 'x')).status, 200)
  const at = ['--data', directory, '--json']
  const running = (await command(t, ['events', 'status', '--url', first.url.href, ...at])) as {
    targets: { name: string; waiting: number; isConfigured: boolean }[]
  }
  assert.deepEqual(
    running.targets.map(({ name, waiting, isConfigured }) => [name, waiting, isConfigured]),
    [[arn, 2, true]],
  )
  first.running.process.kill('SIGTERM')
  assert.equal(await first.running.ended, 0)
  const stopped = (await command(t, ['events', 'status', ...at])) as typeof running
  assert.deepEqual([stopped.targets[0]!.waiting, stopped.targets[0]!.isConfigured], [2, false])
  assert.deepEqual(await command(t, ['events', 'dead-letters', ...at]), { entries: [], isTruncated: false })
  assert.deepEqual(await command(t, ['events', 'redrive', ...at]), { redriven: 0 })
  assert.deepEqual(await command(t, ['events', 'unsubscribe', 'nobody', ...at]), { unsubscribed: 'nobody' })
  hook.listen(port, '127.0.0.1')
  t.after(() => {
    hook.close()
    hook.closeAllConnections()
  })
  await startServer(t, directory, settings)
  while (got.length < 2) await new Promise((resolve) => setTimeout(resolve, 20))
  assert.deepEqual(got.sort(), ['logs/a', 'logs/b'])
})
