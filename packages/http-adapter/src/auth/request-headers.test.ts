import assert from 'node:assert/strict'
import test from 'node:test'
import { canonicalRequest } from './canonical-request.js'
import { readHeaders, trimBlanks } from './request-headers.js'

test('names are lower case and repeated headers are joined in order of arrival', () => {
  const headers = readHeaders([
    ['X-Amz-Meta-B', ' two '],
    ['Host', 'h'],
    ['x-amz-meta-b', 'one'],
  ])
  assert.deepEqual(
    [...headers],
    [
      ['x-amz-meta-b', 'two,one'],
      ['host', 'h'],
    ],
  )
})

test('only spaces and tabs are trimmed: other bytes may be half a letter', () => {
  // "à" is C3 A0, and A0 alone would be a no-break space.
  assert.equal(trimBlanks(' \tvoil\xc3\xa0 '), 'voil\xc3\xa0')
  assert.equal(trimBlanks('\x85 x \x85'), '\x85 x \x85')
  assert.equal(trimBlanks(' \t '), '')
})

test('runs of spaces inside a value count as one, and a listed header that did not come counts as empty', () => {
  const text = canonicalRequest({
    method: 'GET',
    path: '/',
    query: '',
    headers: readHeaders([['x-amz-meta-a', 'a   b \t c']]),
    host: 'h:9000',
    signedHeaders: ['host', 'x-amz-meta-a', 'x-amz-meta-b'],
    payloadHash: 'UNSIGNED-PAYLOAD',
  })
  assert.equal(
    text,
    'GET\n/\n\nhost:h:9000\nx-amz-meta-a:a b \t c\nx-amz-meta-b:\n\nhost;x-amz-meta-a;x-amz-meta-b\nUNSIGNED-PAYLOAD',
  )
})
