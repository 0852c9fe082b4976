import assert from 'node:assert/strict'
import test from 'node:test'
import type { CorsRule } from '../contract/cors.js'
import { isEngineError } from '../errors.js'
import { checkCors } from './cors.js'

const plain: CorsRule = { allowedOrigins: ['*'], allowedMethods: ['GET'] }

const allowed: [what: string, rules: readonly CorsRule[]][] = [
  ['none', []],
  ['the least that is one', [plain]],
  [
    'every field',
    [
      {
        id: 'i'.repeat(255),
        allowedOrigins: ['https://a.example', 'http://*.example:8080', 'null'],
        allowedMethods: ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],
        allowedHeaders: ['*', 'x-amz-*', '*-md5', 'Content-Type'],
        exposeHeaders: ['ETag', 'x-amz-version-id'],
        maxAgeSeconds: 0,
      },
    ],
  ],
  ['a hundred', Array.from({ length: 100 }, () => plain)],
]
for (const [what, rules] of allowed) test(`rules for other origins may be ${what}`, () => checkCors(rules))

const rule = (change: object): CorsRule[] => [plain, { ...plain, ...change }]

const refused: [what: string, rules: readonly CorsRule[], message: RegExp][] = [
  ['a hundred and one', Array.from({ length: 101 }, () => plain), /limit of 100 rules/],
  ['without an origin', rule({ allowedOrigins: [] }), /at least one/],
  ['without a method', rule({ allowedMethods: [] }), /at least one/],
  ['for a method S3 has no rules for', rule({ allowedMethods: ['GET', 'PATCH'] }), /method is PATCH$/],
  ['for a method in lower case', rule({ allowedMethods: ['get'] }), /method is get$/],
  ['for an origin with two wildcards', rule({ allowedOrigins: ['http://*.*'] }), /"http:\/\/\*\.\*" can not/],
  ['for a header with two wildcards', rule({ allowedHeaders: ['*a*'] }), /AllowedHeader "\*a\*" can not/],
  ['exposing by wildcard', rule({ exposeHeaders: ['x-*'] }), /contains wildcard/],
  ['exposing what would end a header', rule({ exposeHeaders: ['a\r\nset-cookie: b'] }), /not the name/],
  ['exposing an empty name', rule({ exposeHeaders: [''] }), /not the name/],
  ['for a header with a space', rule({ allowedHeaders: ['a b'] }), /is not valid/],
  ['for an origin with a line break', rule({ allowedOrigins: ['http://a\n'] }), /is not valid/],
  ['for an empty origin', rule({ allowedOrigins: [''] }), /is not valid/],
  ['with too long an ID', rule({ id: 'i'.repeat(256) }), /255 characters/],
  ['with a negative age', rule({ maxAgeSeconds: -1 }), /MaxAgeSeconds/],
  ['with half a second', rule({ maxAgeSeconds: 0.5 }), /MaxAgeSeconds/],
  [
    'too long together',
    rule({ allowedOrigins: Array.from({ length: 700 }, () => 'o'.repeat(100)) }),
    /65536 bytes/,
  ],
]
for (const [what, rules, message] of refused)
  test(`rules for other origins may not be ${what}`, () => {
    assert.throws(
      () => checkCors(rules),
      (error) => isEngineError(error, 'InvalidRequest') && message.test(error.message),
    )
  })
