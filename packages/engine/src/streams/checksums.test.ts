import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { ChecksumAlgorithm } from '../contract/integrity.js'
import { checksumBytes } from '../rules/digest-text.js'
import { createChecksum } from './checksums.js'

const algorithms = Object.keys(checksumBytes) as ChecksumAlgorithm[]
const nineDigits = new TextEncoder().encode('123456789')

async function checksumOf(algorithm: ChecksumAlgorithm, bytes: Uint8Array): Promise<Uint8Array> {
  return (await createChecksum(algorithm)).digestOf(bytes)
}

// Sources: the check values of the CRC catalogue, FIPS 180 and RFC 1321 examples, the xxHash specification.
const ofNineDigits: [ChecksumAlgorithm, base64: string][] = [
  ['crc32', 'y/Q5Jg=='],
  ['crc32c', '4waSgw=='],
  ['crc64nvme', 'rosUhgp5mIg='],
  ['sha1', '98O8HYCOBHMq32eZZczDTKeuNEE='],
  ['sha256', 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU='],
  ['md5', 'JfnnlDI7RTiF9RgfG2JNCw=='],
]
for (const [algorithm, expected] of ofNineDigits) {
  test(`${algorithm} of "123456789"`, async () => {
    assert.equal(Buffer.from(await checksumOf(algorithm, nineDigits)).toString('base64'), expected)
  })
}

const ofNothing: [ChecksumAlgorithm, hex: string][] = [
  ['crc32', '00000000'],
  ['crc32c', '00000000'],
  ['crc64nvme', '0000000000000000'],
  ['xxhash64', 'ef46db3751d8e999'],
  ['xxhash3', '2d06800538d394c2'],
  ['xxhash128', '99aa06d3014798d86001c324468d497f'],
  ['md5', 'd41d8cd98f00b204e9800998ecf8427e'],
]
for (const [algorithm, expected] of ofNothing) {
  test(`${algorithm} of no bytes`, async () => {
    assert.equal(Buffer.from((await createChecksum(algorithm)).digest()).toString('hex'), expected)
    assert.equal(Buffer.from(await checksumOf(algorithm, new Uint8Array())).toString('hex'), expected)
  })
}

for (const algorithm of algorithms) {
  test(`${algorithm} is the same however the bytes are cut, and has its length`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 8 }), async (chunks) => {
        const streaming = await createChecksum(algorithm)
        for (const chunk of chunks) streaming.update(chunk)
        const digest = Uint8Array.from(streaming.digest())
        assert.equal(digest.byteLength, checksumBytes[algorithm])
        assert.deepEqual(Uint8Array.from(await checksumOf(algorithm, Buffer.concat(chunks))), digest)
      }),
    )
  })

  test(`${algorithm} of bodies that arrive at once are not mixed up`, async () => {
    const bodies = Array.from({ length: 20 }, (_, seed) => new Uint8Array(3_000).fill(seed))
    const hashers = await Promise.all(bodies.map(() => createChecksum(algorithm)))
    for (let offset = 0; offset < 3_000; offset += 1_000) {
      hashers.forEach((hasher, place) => {
        hasher.update(bodies[place]!.subarray(offset, offset + 1_000))
      })
    }
    for (const [place, hasher] of hashers.entries()) {
      const alone = Uint8Array.from(await checksumOf(algorithm, bodies[place]!))
      assert.deepEqual(Uint8Array.from(hasher.digest()), alone)
    }
  })
}

test('an instance that was given back cannot be disturbed by its former user', async () => {
  const former = await createChecksum('crc64nvme')
  former.digest()
  assert.throws(() => former.update(nineDigits), TypeError)
  assert.throws(() => former.digest(), TypeError)
})
