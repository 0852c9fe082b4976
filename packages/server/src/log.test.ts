import assert from 'node:assert/strict'
import test from 'node:test'
import { openLog } from './log.js'

function logged(format: 'auto' | 'json' | 'pretty', onTerminal: boolean): string {
  let text = ''
  const log = openLog({ log: 'info', logFormat: format }, onTerminal, { write: (line) => (text += line) })
  log.debug('unheard')
  log.info({ path: '/a b', status: 200 }, 'request')
  return text
}

test('by itself the log is JSON for machines and lines for a terminal', () => {
  const { time, ...line } = JSON.parse(logged('auto', false))
  assert.deepEqual(line, { level: 'info', path: '/a b', status: 200, msg: 'request' })
  assert.ok(!Number.isNaN(Date.parse(time)))
  assert.match(logged('auto', true), /^\d\d:\d\d:\d\d\.\d{3} info {2}request path="\/a b" status=200\n$/)
})

test('the form can be chosen against the surroundings', () => {
  assert.ok(logged('json', true).startsWith('{'))
  assert.ok(!logged('pretty', false).startsWith('{'))
})

test('an error is shown to a person with its stack', () => {
  let text = ''
  const log = openLog({ log: 'info', logFormat: 'pretty' }, true, { write: (line) => (text += line) })
  log.error({ err: new Error('disk gone') }, 'failed')
  assert.match(text, /error failed\nError: disk gone\n {4}at /)
})
