import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { MqttTarget } from '@aquifer/targets'
import mqtt from 'mqtt'
import { broker, deliver, event, testEvent, unless } from './broker.js'

test('MQTT gets events and says so, also after it was away', { skip: unless('mosquitto') }, async (t) => {
  const mosquitto = await broker(t, ({ port, folder }) => {
    writeFileSync(join(folder, 'mosquitto.conf'), `listener ${port} 127.0.0.1\nallow_anonymous true\n`)
    return { file: 'mosquitto', args: ['-c', join(folder, 'mosquitto.conf')] }
  })
  await mosquitto.start()
  const url = `tcp://127.0.0.1:${mosquitto.port}`
  const target = await MqttTarget.load({ url, topic: 'events' })
  t.after(() => target.close())
  const listen = async () => {
    const got: string[] = []
    const client = await mqtt.connectAsync(url)
    client.on('message', (_, message) => got.push(JSON.parse(message.toString()).Key))
    await client.subscribeAsync('events', { qos: 1 })
    return { got, client }
  }
  const first = await listen()
  for (const one of [testEvent, event, { ...event, key: 'b' }]) await deliver(target, one)
  while (first.got.length < 3) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.deepEqual(first.got.slice(1), ['photos/a b.jpg', 'photos/b'])
  await first.client.endAsync(true)
  await mosquitto.stop()
  await assert.rejects(deliver(target, event))
  await mosquitto.start()
  const second = await listen()
  await deliver(target, event)
  while (second.got.length < 1) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.deepEqual(second.got, ['photos/a b.jpg'])
  await second.client.endAsync(true)
})
