/**
 * Mutates objects as fast as it can, and has their events posted to whoever started it; says which mutations were acknowledged.
 * Arguments: the data directory, the webhook's port, the first mutation's number, how many there may be in all. With as many as
 * there may be it only delivers what waits, and ends.
 */
import { Agent, request } from 'node:http'
import { Engine, type EngineEvent, type EventTarget } from '@aquifer/engine'

const [directory, port, first, total] = process.argv.slice(2) as [string, string, string, string]
const WRITERS = 32
const HOT_KEYS = 200

const agent = new Agent({ keepAlive: true })
const target: EventTarget = {
  deliver: ({ name, key, metadata, sequencer }: EngineEvent, { signal }) =>
    new Promise((resolve, reject) => {
      const call = request({ port, host: '127.0.0.1', method: 'POST', agent, signal }, (answer) => {
        answer.resume()
        answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error('refused'))))
      })
      call.on('error', reject)
      call.end(JSON.stringify({ name, key, mutation: metadata?.mutation, sequencer }))
    }),
}
const arn = 'arn:minio:sqs::parent:webhook'

const engine = await Engine.open({ directory, eventTargets: [{ arn, target }] })
const bucket = engine.bucket('logs')
if (Number(first) === 0) {
  await engine.createBucket('logs')
  const names = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*']
  await bucket.setConfiguration('notification', { rules: [{ arn, names }] })
}
process.stdout.write('ready\n')

let next = Number(first)

/** Each mutation can be told by its event: by its number, or, of a delete, by a key that is deleted once. */
async function mutate(mutation: number): Promise<void> {
  const metadata = { mutation: String(mutation) }
  const key = `hot/${mutation % HOT_KEYS}`
  switch (mutation % 10) {
    case 0: {
      const once = `once/${mutation}`
      await bucket.put(once, Buffer.from('x'), { metadata: { mutation: `${mutation} put` } })
      process.stdout.write(`${mutation} put\n`)
      await bucket.delete(once)
      break
    }
    case 1:
      await bucket.put(`source/${mutation}`, Buffer.from('x'), { metadata: { mutation: `${mutation} put` } })
      await bucket.copy({ key: `source/${mutation}` }, key, { replace: { metadata } })
      break
    default:
      await bucket.put(key, Buffer.from('some bytes of an object'), { metadata })
  }
  process.stdout.write(`${mutation}\n`) // On a pipe it is written when this returns.
}

await Promise.all(
  Array.from({ length: WRITERS }, async () => {
    while (next < Number(total)) await mutate(next++)
  }),
)
while ((await engine.events.status()).some(({ waiting }) => waiting > 0))
  await new Promise((resolve) => setTimeout(resolve, 20))
agent.destroy()
await engine.close()
