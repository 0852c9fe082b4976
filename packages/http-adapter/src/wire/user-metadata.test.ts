import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { readUserMetadata, writeUserMetadata } from './user-metadata.js'

const asSent = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

test('names lose their prefix, and bytes that are UTF-8 become the text they mean', () => {
  assert.deepEqual(
    readUserMetadata(
      new Map([
        ['x-amz-meta-plain', 'a b'],
        ['x-amz-meta-name', asSent('Zoë 日本')],
        ['x-amz-meta-broken', 'caf\xe9'],
        ['x-amz-meta-', 'no name'],
        ['content-type', 'text/plain'],
      ]),
    ),
    { plain: 'a b', name: 'Zoë 日本', broken: 'café' },
  )
})

test('a name that objects have by nature is a name like any other', () => {
  const metadata = readUserMetadata(new Map([['x-amz-meta-__proto__', 'x']]))
  assert.deepEqual(Object.entries(metadata), [['__proto__', 'x']])
  assert.deepEqual(Object.entries(writeUserMetadata(metadata).headers), [['x-amz-meta-__proto__', 'x']])
})

test('text beyond ASCII is written as an encoded word, and an encoded word as it is', () => {
  const { headers } = writeUserMetadata({ name: 'Zoë', word: '=?UTF-8?B?Wm/Dqw==?=' })
  assert.deepEqual(headers, {
    'x-amz-meta-name': '=?UTF-8?B?Wm/Dqw==?=',
    'x-amz-meta-word': '=?UTF-8?B?Wm/Dqw==?=',
  })
})

test('what no header can carry is left out and counted', () => {
  assert.deepEqual(writeUserMetadata({ 'a b': 'x', line: 'a\nb', fine: 'x' }), {
    headers: { 'x-amz-meta-fine': 'x' },
    missing: 2,
  })
})

test('every header that is written is one Node sends', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' })), (metadata) => {
      for (const [name, value] of Object.entries(writeUserMetadata(metadata).headers)) {
        assert.match(name, /^[!#$%&'*+\-.^_`|~0-9a-z]+$/)
        assert.match(value, /^[\t\x20-\x7e]*$/)
      }
    }),
  )
})
