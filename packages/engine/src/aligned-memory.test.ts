import assert from 'node:assert/strict'
import test from 'node:test'
import { alignedMemory, copyInto } from './aligned-memory.js'

test('bytes are copied to their place and nowhere else, aligned or not, into memory of either kind', () => {
  for (const memory of [alignedMemory(65_536), new Uint8Array(65_536)]) {
    const target = memory.subarray(16, 8_208)
    for (const from of [0, 3])
      for (const at of [0, 5, 4_096])
        for (const length of [0, 1, 7, 4_096]) {
          memory.fill(0xff)
          const bytes = new Uint8Array(8_192).map((_, n) => n % 251).subarray(from, from + length)
          copyInto(target, bytes, at)
          const expected = new Uint8Array(65_536).fill(0xff)
          expected.set(bytes, 16 + at)
          assert.ok(Buffer.from(expected).equals(memory), `${length} bytes from ${from} to ${at}`)
        }
    assert.throws(() => copyInto(target, new Uint8Array(10), 8_190), RangeError)
  }
})
