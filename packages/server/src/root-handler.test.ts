import assert from 'node:assert/strict'
import test from 'node:test'
import { Engine } from '@aquifer/engine'
import { openLog } from './log.js'
import { rootHandler } from './root-handler.js'
import { readSettings } from './settings/read-settings.js'
import { serveSettings } from './settings/serve-settings.js'

async function logOf(method: string, rawUrl: string): Promise<Record<string, unknown>> {
  await using engine = await Engine.open()
  const lines: string[] = []
  const log = openLog({ log: 'info', logFormat: 'json' }, false, { write: (line) => lines.push(line) })
  const pair = { accessKeyId: 'root', secretAccessKey: 'secret', origin: { from: 'environment' } } as const
  const handle = rootHandler(engine, pair, readSettings(serveSettings, {}, {}), log)
  async function* body() {}
  const { signal } = new AbortController()
  await handle({ method, rawUrl, rawHeaders: [['host', 'a.test']], body: body(), secure: false, signal })
  assert.equal(lines.length, 1, 'one line a request')
  return JSON.parse(lines[0]!)
}

test('a request is a line that names it, and holds nothing of its query', async () => {
  const line = await logOf('GET', '/bucket/key?response-content-type=x%2Fprivate')
  assert.equal(line.level, 'info')
  assert.equal(line.operation, 'GetObject')
  assert.deepEqual([line.bucket, line.key, line.status], ['bucket', 'key', 404])
  assert.match(String(line.requestId), /\S/)
  assert.ok(!JSON.stringify(line).includes('private'))
})

test('a signature in the query is not in the line, even when it is refused', async () => {
  const line = await logOf('GET', '/bucket/key?X-Amz-Signature=0123456789abcdef&X-Amz-Algorithm=none')
  assert.ok(!JSON.stringify(line).includes('0123456789abcdef'))
})

test('strangers are refused', async () => {
  const line = await logOf('GET', '/')
  assert.deepEqual([line.status, line.code], [403, 'AccessDenied'])
})
