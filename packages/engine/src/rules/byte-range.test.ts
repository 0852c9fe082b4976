import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { ByteRange } from '../contract/source.js'
import { isEngineError } from '../errors.js'
import { resolveRange } from './byte-range.js'

const table: [ByteRange, sizeBytes: number, { offset: number; length: number } | undefined][] = [
  [{ offset: 0 }, 10, { offset: 0, length: 10 }],
  [{ offset: 3 }, 10, { offset: 3, length: 7 }],
  [{ offset: 9 }, 10, { offset: 9, length: 1 }],
  [{ offset: 3, length: 4 }, 10, { offset: 3, length: 4 }],
  [{ offset: 3, length: 70 }, 10, { offset: 3, length: 7 }],
  [{ offset: 3, length: 0 }, 10, { offset: 3, length: 0 }],
  [{ offset: 3, length: Number.MAX_SAFE_INTEGER }, 50e12, { offset: 3, length: 50e12 - 3 }],
  [{ suffix: 4 }, 10, { offset: 6, length: 4 }],
  [{ suffix: 40 }, 10, { offset: 0, length: 10 }],
  [{ suffix: 4 }, 0, undefined],
]
for (const [range, sizeBytes, expected] of table) {
  test(`${JSON.stringify(range)} of ${sizeBytes} bytes is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(resolveRange(range, sizeBytes), expected)
  })
}

const refused: [ByteRange, sizeBytes: number, named: string][] = [
  [{ offset: 10 }, 10, 'bytes=10-'],
  [{ offset: 12, length: 3 }, 10, 'bytes=12-14'],
  [{ offset: 0 }, 0, 'bytes=0-'],
  [{ offset: 0, length: 1 }, 0, 'bytes=0-0'],
  [{ suffix: 0 }, 10, 'bytes=-0'],
  [{ suffix: 0 }, 0, 'bytes=-0'],
]
for (const [range, sizeBytes, named] of refused) {
  test(`${named} of ${sizeBytes} bytes is InvalidRange`, () => {
    assert.throws(
      () => resolveRange(range, sizeBytes),
      (error) =>
        isEngineError(error, 'InvalidRange') &&
        error.details.range === named &&
        error.details.sizeBytes === sizeBytes,
    )
  })
}

test('numbers that count no bytes are a RangeError', () => {
  for (const wrong of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => resolveRange({ offset: wrong }, 10), RangeError)
    assert.throws(() => resolveRange({ offset: 0, length: wrong }, 10), RangeError)
    assert.throws(() => resolveRange({ suffix: wrong }, 10), RangeError)
  }
})

test('a stretch never leaves the object', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.nat(60), fc.nat(60), (sizeBytes, offset, length) => {
      fc.pre(offset < sizeBytes)
      const stretch = resolveRange({ offset, length }, sizeBytes)!
      assert.ok(stretch.offset === offset && stretch.length <= length && offset + stretch.length <= sizeBytes)
    }),
  )
})
