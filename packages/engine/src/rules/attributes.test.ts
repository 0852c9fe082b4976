import assert from 'node:assert/strict'
import test from 'node:test'
import type { Attributes } from '../contract/object.js'
import { isEngineError } from '../errors.js'
import { checkAttributes, headersOf } from './attributes.js'

const good: [string, Attributes][] = [
  ['nothing', {}],
  ['2,048 bytes of metadata', { metadata: { name: 'v'.repeat(2_044) } }],
  [
    'metadata of many names',
    { metadata: Object.fromEntries(Array.from({ length: 256 }, (_, n) => [`n${1_000 + n}`, 'abc'])) },
  ],
  ['a header of 2,048 bytes', { contentDisposition: 'd'.repeat(2_048) }],
  ['an owner', { ownerId: 'somebody' }],
]
for (const [name, attributes] of good) {
  test(`${name} is accepted`, () => checkAttributes(attributes))
}

const large = 'v'.repeat(2_048)
const tooLarge: [string, Attributes, maximumBytes: number][] = [
  ['2,049 bytes of metadata', { metadata: { name: 'v'.repeat(2_045) } }, 2_048],
  ['names that add up', { metadata: { ['n'.repeat(1_500)]: '', ['m'.repeat(600)]: '' } }, 2_048],
  ['metadata whose characters are few and bytes are many', { metadata: { name: 'ä'.repeat(1_023) } }, 2_048],
  ['a header of 2,049 bytes', { contentType: 'd'.repeat(2_049) }, 2_048],
  ['an owner of 2,049 bytes', { ownerId: 'd'.repeat(2_049) }, 2_048],
  [
    'headers that add up',
    { contentType: large, cacheControl: large, expires: large, contentLanguage: large, contentEncoding: 'x' },
    8_192,
  ],
]
for (const [name, attributes, maximumBytes] of tooLarge) {
  test(`${name} is MetadataTooLarge`, () => {
    assert.throws(
      () => checkAttributes(attributes),
      (error) => isEngineError(error, 'MetadataTooLarge') && error.details.maximumBytes === maximumBytes,
    )
  })
}

test('what is no whole text is a TypeError', () => {
  for (const value of [5, null, '\ud83d'] as string[]) {
    assert.throws(() => checkAttributes({ metadata: { name: value } }), TypeError)
    assert.throws(() => checkAttributes({ contentType: value }), TypeError)
    assert.throws(() => checkAttributes({ ownerId: value }), TypeError)
  }
})

test('only what was given, and only headers, are kept as headers', () => {
  const options: Attributes & { ifMatch?: string } = {
    contentType: 'image/jpeg',
    storageClass: 'STANDARD_IA',
    expires: '',
    ownerId: 'somebody',
    ifMatch: 'x',
    metadata: { a: 'b' },
  }
  assert.deepEqual(headersOf(options), {
    contentType: 'image/jpeg',
    storageClass: 'STANDARD_IA',
    expires: '',
  })
})
