import assert from 'node:assert/strict'
import test from 'node:test'
import { decodeSegmentHeader, encodeSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-header.js'

const header = {
  storeId: Uint8Array.from({ length: 16 }, (_, i) => i * 3),
  number: 71,
  sizeBytes: 64 * 1024 * 1024,
  previousNumber: 69,
  previousSealedBytes: 123_456,
  lastSequence: 2 ** 40,
  lastRevision: 2 ** 41,
  lowestLive: 12,
  seed: 0xfedcba9876543210n,
}

test('a header is read as it was written', () => {
  const bytes = encodeSegmentHeader(header)
  assert.equal(bytes.byteLength, SEGMENT_HEADER_BYTES)
  assert.deepEqual(decodeSegmentHeader(bytes), header)
})

test('either copy will do; with both damaged there is none', () => {
  const bytes = Buffer.from(encodeSegmentHeader(header))
  for (const at of [0, 7, 8, 30, 90, 95]) {
    for (const [first, second] of [
      [true, false],
      [false, true],
      [true, true],
    ]) {
      const damaged = Buffer.from(bytes)
      if (first) damaged[at]! ^= 4
      if (second) damaged[4096 + at]! ^= 16
      assert.deepEqual(decodeSegmentHeader(damaged), first && second ? undefined : header)
    }
  }
  assert.equal(decodeSegmentHeader(Buffer.alloc(SEGMENT_HEADER_BYTES)), undefined)
  assert.equal(decodeSegmentHeader(Buffer.alloc(10)), undefined)
})
