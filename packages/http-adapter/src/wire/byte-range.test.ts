import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { readCopyRange, readRange } from './byte-range.js'

const honoured: Record<string, ReturnType<typeof readRange>> = {
  'bytes=0-9': { offset: 0, length: 10 },
  'bytes=5-5': { offset: 5, length: 1 },
  'bytes=00-09': { offset: 0, length: 10 },
  'bytes=7-': { offset: 7 },
  'bytes=-3': { suffix: 3 },
  'bytes=-0': { suffix: 0 },
}
for (const [header, range] of Object.entries(honoured)) {
  test(`${header} is honoured`, () => {
    assert.deepEqual(readRange(header), range)
  })
}

const ignored = [
  'items=0-9',
  'Bytes=0-9',
  'bytes=0-1,3-4',
  'bytes=9-0',
  'bytes=a-b',
  'bytes= 0-9',
  'bytes=0 - 9',
  'bytes=-',
  'bytes=--1',
  'bytes=0-9 ',
  '',
]
for (const header of ignored) {
  test(`"${header}" is ignored, as S3 ignores it: the whole object is the answer`, () => {
    assert.equal(readRange(header), undefined)
  })
}

test('numbers beyond any object stay numbers the engine takes', () => {
  const huge = '9'.repeat(30)
  assert.ok(Number.isSafeInteger((readRange(`bytes=${huge}-`) as { offset: number }).offset))
  assert.ok(Number.isSafeInteger((readRange(`bytes=0-${huge}`) as { length: number }).length))
  assert.ok(Number.isSafeInteger((readRange(`bytes=-${huge}`) as { suffix: number }).suffix))
})

test('a copy range has both ends, and no other form is taken', () => {
  assert.deepEqual(readCopyRange('bytes=2-5'), { offset: 2, length: 4 })
  assert.equal(readCopyRange(undefined), undefined)
  for (const header of ['bytes=2-', 'bytes=-2', 'bytes=5-2', '2-5', 'bytes=2-5,7-9', ''])
    assert.throws(() => readCopyRange(header), { code: 'InvalidArgument' })
})

test('no header throws', () => {
  fc.assert(fc.property(fc.string(), (text) => void readRange(`bytes=${text}`)))
})
