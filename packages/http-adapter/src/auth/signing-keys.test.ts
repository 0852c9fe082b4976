import assert from 'node:assert/strict'
import test from 'node:test'
import { SigningKeys } from './signing-keys.js'

const SCOPE = { date: '20130524', region: 'us-east-1', service: 's3' }

test('a key is derived once and then served', () => {
  const keys = new SigningKeys()
  assert.equal(keys.get('id', 'secret', SCOPE), keys.get('id', 'secret', SCOPE))
})

test('a changed secret, date, region or service has another key', () => {
  const keys = new SigningKeys()
  const made = [
    keys.get('id', 'secret', SCOPE),
    keys.get('id', 'changed', SCOPE),
    keys.get('id', 'secret', { ...SCOPE, date: '20130525' }),
    keys.get('id', 'secret', { ...SCOPE, region: 'auto' }),
    keys.get('id', 'secret', { ...SCOPE, service: 'sts' }),
  ]
  assert.equal(new Set(made.map((key) => key.toString('hex'))).size, made.length)
})

test('the least recently used key is forgotten, so that memory does not grow with clients', () => {
  const keys = new SigningKeys(3)
  const first = keys.get('0', 'secret', SCOPE)
  for (let id = 1; id <= 10; id++) {
    keys.get(String(id), 'secret', SCOPE)
    assert.equal(keys.get('0', 'secret', SCOPE), first)
    assert.ok(keys.size <= 3)
  }
})
