import assert from 'node:assert/strict'
import test from 'node:test'
import type { CorsRule } from '@aquifer/engine'
import { findCorsRule } from './find-rule.js'

const rule = (id: string, allowedOrigins: string[], more: Partial<CorsRule> = {}): CorsRule => ({
  id,
  allowedOrigins,
  allowedMethods: ['GET'],
  ...more,
})

const rules: readonly CorsRule[] = [
  rule('put', ['https://a.example'], {
    allowedMethods: ['PUT'],
    allowedHeaders: ['Content-*', 'x-amz-date'],
  }),
  rule('sub', ['https://*.b.example', 'http://*']),
  rule('tail', ['*-c.example'], { allowedHeaders: ['*'] }),
  rule('rest', ['*'], { allowedMethods: ['GET', 'DELETE'], allowedHeaders: ['*-id'] }),
]

const table: [
  origin: string,
  method: string,
  headers: string[],
  rule: string | undefined,
  pattern?: string,
][] = [
  ['https://a.example', 'PUT', [], 'put', 'https://a.example'],
  ['https://a.example', 'PUT', ['content-type', 'x-amz-date'], 'put', 'https://a.example'],
  ['https://a.example', 'PUT', ['content-', 'x-amz-date'], 'put', 'https://a.example'],
  ['https://a.example', 'PUT', ['x-content-type'], undefined],
  ['https://a.example', 'PUT', ['content-type', 'x-amz-dates'], undefined],
  ['https://A.example', 'PUT', [], undefined],
  ['https://a.example:8443', 'PUT', [], undefined],
  ['https://a.example', 'put', [], undefined],
  ['https://a.example', 'GET', [], 'rest', '*'],
  ['https://x.b.example', 'GET', [], 'sub', 'https://*.b.example'],
  ['https://.b.example', 'GET', [], 'sub', 'https://*.b.example'],
  ['https://b.example', 'GET', [], 'rest', '*'],
  ['https://x.b.example.evil', 'GET', [], 'rest', '*'],
  ['http://anything', 'GET', [], 'sub', 'http://*'],
  ['http://', 'GET', [], 'sub', 'http://*'],
  ['https://x-c.example', 'GET', ['anything'], 'tail', '*-c.example'],
  ['null', 'DELETE', ['request-id'], 'rest', '*'],
  ['null', 'DELETE', ['id'], undefined],
  ['null', 'HEAD', [], undefined],
]

for (const [origin, method, requestHeaders, wanted, pattern] of table)
  test(`${method} by ${origin} with [${requestHeaders}] is for ${wanted ?? 'no rule'}`, () => {
    const found = findCorsRule(rules, { origin, method, requestHeaders })
    assert.equal(found?.rule.id, wanted)
    assert.equal(found?.allowedOrigin, pattern)
  })

test('the ends of a pattern do not share a character', () => {
  assert.equal(findCorsRule([rule('ends', ['ab*ba'])], { origin: 'aba', method: 'GET' }), undefined)
  assert.ok(findCorsRule([rule('ends', ['ab*ba'])], { origin: 'abba', method: 'GET' }))
})

test('there is no rule among none', () => {
  assert.equal(findCorsRule([], { origin: 'https://a.example', method: 'GET' }), undefined)
})
