import { MessageChannel } from 'node:worker_threads'
import { Engine, type EngineOptions, type OpenEngine } from '@aquifer/engine'
import { connectEngine, serveEngine } from '@aquifer/engine/threads'

export interface TestEngine extends OpenEngine, AsyncDisposable {
  close(): Promise<void>
}

/**
 * The engine that the adapter's tests are about. With `AQUIFER_TEST_ENGINE=connected` it is what stands for one at the other
 * end of a port, of which everything must be just as true.
 */
export async function openEngine(options: EngineOptions = {}): Promise<TestEngine> {
  const engine = await Engine.open(options)
  if (process.env.AQUIFER_TEST_ENGINE !== 'connected') return engine
  const { port1, port2 } = new MessageChannel()
  const service = serveEngine(engine, port1)
  const connected = await connectEngine(port2)
  const closeConnected = connected.close.bind(connected)
  return Object.assign(connected, {
    async close() {
      await closeConnected()
      await service.close()
      await engine.close()
    },
  })
}
