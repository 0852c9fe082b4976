import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { decodeIndexRow, encodeIndexRow, type IndexRow } from './index-row.js'

const u32 = fc.nat(2 ** 32 - 1)
const u48 = fc
  .nat(2 ** 24)
  .chain((high) => fc.nat(2 ** 24 - 1).map((low) => (high % 2 ** 24) * 2 ** 24 + low))
const row: fc.Arbitrary<IndexRow> = fc.record(
  {
    revision: u48,
    segment: u48,
    recordOffset: u32,
    payloadOffset: u32,
    payloadBytes: u32,
    isPayloadLost: fc.boolean(),
    value: fc.uint8Array({ maxLength: 300 }),
  },
  { noNullPrototype: true },
)
const key = fc.uint8Array({ minLength: 1, maxLength: 60 })

test('a row is read as it was written', () => {
  fc.assert(
    fc.property(key, row, (key, written) => {
      const { value, ...rest } = decodeIndexRow(key, encodeIndexRow(key, written))!
      assert.deepEqual({ ...rest, value: new Uint8Array(value) }, written)
    }),
  )
})

test('a key may be given as its text, and another text is refused', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(text, text, row, (key, other, written) => {
      const bytes = encodeIndexRow(Buffer.from(key), written)
      assert.deepEqual(decodeIndexRow(key, bytes), decodeIndexRow(Buffer.from(key), bytes))
      if (key !== other) assert.equal(decodeIndexRow(other, bytes), undefined)
    }),
  )
})

test('of a key that is no UTF-8 the text is refused', () => {
  const written = { revision: 1, segment: 1, recordOffset: 0, payloadOffset: 0, payloadBytes: 0 }
  const key = Buffer.from('oa\xff', 'latin1')
  const bytes = encodeIndexRow(key, { ...written, isPayloadLost: false, value: key })
  assert.equal(decodeIndexRow(key.toString('utf8'), bytes), undefined)
})

test('a row with a flipped bit, cut short, or of another key is none', () => {
  fc.assert(
    fc.property(key, key, row, fc.nat(), fc.nat(7), (key, other, written, at, bit) => {
      const bytes = encodeIndexRow(key, written)
      assert.equal(decodeIndexRow(key, bytes.subarray(0, at % bytes.byteLength)), undefined)
      if (Buffer.compare(key, other) !== 0) assert.equal(decodeIndexRow(other, bytes), undefined)
      bytes[at % bytes.byteLength]! ^= 1 << bit
      assert.equal(decodeIndexRow(key, bytes), undefined)
    }),
  )
})
