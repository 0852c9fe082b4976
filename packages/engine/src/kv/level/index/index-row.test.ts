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
