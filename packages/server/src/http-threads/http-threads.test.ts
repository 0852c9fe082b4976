import assert from 'node:assert/strict'
import test from 'node:test'
import type { Worker } from 'node:worker_threads'
import { Engine } from '@aquifer/engine'
import { CommandFailure } from '../failure.js'
import { openLog } from '../log.js'
import { readSettings } from '../settings/read-settings.js'
import { serveSettings } from '../settings/serve-settings.js'
import { HttpThreads } from './http-threads.js'

const pair = { accessKeyId: 'KEY', secretAccessKey: 'secret', origin: { from: 'environment' } } as const

function surroundings(lines: string[]) {
  const write = (text: string) => void lines.push(text)
  const log = openLog({ log: 'info', logFormat: 'json' }, false, { write })
  return { count: 1, environment: {}, log, writeLog: write, onTerminal: false }
}

test('a thread that ends by itself is told of and replaced, at the same address', async (t) => {
  const started: Worker[] = []
  const keep = (worker: Worker) => void started.push(worker)
  process.on('worker', keep)
  t.after(() => process.off('worker', keep))
  await using engine = await Engine.open()
  const lines: string[] = []
  const settings = readSettings(serveSettings, { port: '0' }, {})
  const threads = await HttpThreads.start(settings, surroundings(lines))
  await threads.serve(engine, pair)
  const status = async () => (await fetch(`http://127.0.0.1:${threads.port}/-/ready`)).status
  assert.equal(await status(), 200)
  await started[0]!.terminate()
  assert.ok(lines.some((line) => line.includes('another takes its place')))
  for (;;) {
    const now = await status().catch(() => 0)
    if (now === 200) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.equal(started.length, 2)
  assert.equal(await threads.drain(1_000), 0)
  await assert.rejects(status())
})

test('an address that is taken fails the start, as it does without threads', async () => {
  const settings = readSettings(serveSettings, { port: '0' }, {})
  const first = await HttpThreads.start(settings, surroundings([]))
  const again = HttpThreads.start({ ...settings, port: first.port }, surroundings([]))
  await assert.rejects(again, (error) => error instanceof CommandFailure && error.kind === 'address')
  await first.drain(0)
})
