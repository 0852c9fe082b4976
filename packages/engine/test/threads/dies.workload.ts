/** A thread in the middle of a write, of a read and of a list. Whoever started it ends it then. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { connectEngine } from '@aquifer/engine/threads'
import { bytesOf } from './open-connected.js'

const engine = await connectEngine(workerData as MessagePort)
const logs = engine.bucket('logs')
const object = await logs.get('read')
await object.chunks().next()
const untouched = await logs.get('read')
async function* source() {
  for (let n = 0; n < 4; n++) yield bytesOf(1024 * 1024)
  parentPort!.postMessage('in the middle of all')
  await new Promise(() => setInterval(() => untouched, 1_000))
}
await logs.put('written', source())
