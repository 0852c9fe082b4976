import assert from 'node:assert/strict'
import test from 'node:test'
import { isOfFamily, numberedVariables } from './numbered-variables.js'

const family = { name: 'LAMBDA_WEBHOOK', fields: ['ENABLE', 'ENDPOINT', 'AUTH_TOKEN'] } as const

test('variables are told apart by what follows their field, and one without an ID is called _', () => {
  const found = numberedVariables(family, {
    AQUIFER_LAMBDA_WEBHOOK_ENDPOINT_upper: 'http://a/',
    AQUIFER_LAMBDA_WEBHOOK_AUTH_TOKEN_upper: 'secret',
    AQUIFER_LAMBDA_WEBHOOK_ENDPOINT_TWO_WORDS: 'http://b/',
    AQUIFER_LAMBDA_WEBHOOK_ENDPOINT: 'http://c/',
    AQUIFER_LAMBDA_WEBHOOK_ENDPOINT_empty: '',
    AQUIFER_LAMBDA_WEBHOOK_OTHER_upper: 'x',
    AQUIFER_PORT: '1',
  })
  assert.deepEqual(
    [...found],
    [
      ['upper', { ENDPOINT: 'http://a/', AUTH_TOKEN: 'secret' }],
      ['TWO_WORDS', { ENDPOINT: 'http://b/' }],
      ['_', { ENDPOINT: 'http://c/' }],
    ],
  )
})

test("AIStor's names are read too, and ours win", () => {
  const found = numberedVariables(family, {
    AQUIFER_LAMBDA_WEBHOOK_ENDPOINT_A: 'http://ours/',
    MINIO_LAMBDA_WEBHOOK_ENDPOINT_A: 'http://theirs/',
    MINIO_LAMBDA_WEBHOOK_ENABLE_A: 'on',
  })
  assert.deepEqual([...found], [['A', { ENDPOINT: 'http://ours/', ENABLE: 'on' }]])
})

test('a variable of a family is none that is misspelt', () => {
  assert.ok(isOfFamily(family, 'AQUIFER_LAMBDA_WEBHOOK_ENDPOINT_A'))
  assert.ok(!isOfFamily(family, 'AQUIFER_LAMBDA_WEBHOOK_ENDPOIN_A'))
})
