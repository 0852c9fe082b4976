/** What runs in a thread of its own: HTTP, with signatures and all, over the engine of the thread that has started it. */
import { setImmediate as turn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { type ConnectedEngine, connectEngine } from '@aquifer/engine/threads'
import { CommandFailure } from '../failure.js'
import { openLog } from '../log.js'
import { S3Front } from '../s3-front.js'
import type { FromThread, ThreadData, ToThread } from './messages.js'

const { settings, environment, listening, connectionsMax, onTerminal } = workerData as ThreadData
const tell = (what: FromThread): void => parentPort!.postMessage(what)

/** Lines of the log of one turn of the event loop go together. */
let lines = ''
function flushLines(): void {
  if (lines !== '') tell({ kind: 'log', lines })
  lines = ''
}
function write(line: string): void {
  if (lines === '') setImmediate(flushLines)
  lines += line
}

const log = openLog(settings, onTerminal, { write })
const stopping = new AbortController()
let engine: ConnectedEngine | undefined

async function obey(front: S3Front, order: ToThread): Promise<void> {
  if (order.kind === 'serve') {
    engine = await connectEngine(order.port)
    front.serve(engine, order.credentials)
    tell({ kind: 'serving' })
    return
  }
  stopping.abort()
  const cut = await front.drain(order.timeoutMs)
  await engine?.close({ signal: AbortSignal.timeout(1_000) })
  await turn() // What was cut off is logged once its connection is closed.
  flushLines()
  tell({ kind: 'drained', cut })
}

try {
  const front = await S3Front.listen(settings, {
    environment,
    log,
    stopping: stopping.signal,
    listening,
    connectionsMax,
  })
  // What fails here is told by the thread's end.
  parentPort!.on('message', (order: ToThread) => void obey(front, order))
  tell({ kind: 'listening', port: front.port })
} catch (error) {
  if (!(error instanceof CommandFailure)) throw error
  const { kind, message, remedy } = error
  tell({ kind: 'failed', failure: { kind, message, remedy } })
}
