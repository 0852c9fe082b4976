import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { createChecksum } from './checksums.js'
import { type CrcAlgorithm, combineCrc } from './crc-combine.js'

async function crcOf(algorithm: CrcAlgorithm, bytes: Uint8Array): Promise<Uint8Array> {
  return Uint8Array.from((await createChecksum(algorithm)).digestOf(bytes))
}

for (const algorithm of ['crc32', 'crc32c', 'crc64nvme'] as const) {
  test(`two ${algorithm} combined are that of both stretches`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 2_000 }),
        fc.uint8Array({ maxLength: 2_000 }),
        async (a, b) => {
          const combined = combineCrc(
            algorithm,
            await crcOf(algorithm, a),
            await crcOf(algorithm, b),
            b.length,
          )
          assert.deepEqual(combined, await crcOf(algorithm, Buffer.concat([a, b])))
        },
      ),
    )
  })

  test(`${algorithm} of large parts are combined in any grouping`, async () => {
    const digest = fc
      .uint8Array({ minLength: 16, maxLength: 16 })
      .map((bytes) => bytes.slice(0, algorithm === 'crc64nvme' ? 8 : 4))
    const length = fc.integer({ min: 0, max: 20e12 })
    fc.assert(
      fc.property(digest, digest, digest, length, length, (a, b, c, lengthOfB, lengthOfC) => {
        const left = combineCrc(algorithm, combineCrc(algorithm, a, b, lengthOfB), c, lengthOfC)
        const right = combineCrc(algorithm, a, combineCrc(algorithm, b, c, lengthOfC), lengthOfB + lengthOfC)
        assert.deepEqual(left, right)
      }),
    )
  })
}
