import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { ChecksumAlgorithm } from '../contract/integrity.js'
import { isEngineError } from '../errors.js'
import { checksumBytes, parseChecksum, parseContentMd5 } from './digest-text.js'

const algorithm = fc.constantFrom(...(Object.keys(checksumBytes) as ChecksumAlgorithm[]))

test('a checksum of the right length is read', () => {
  fc.assert(
    fc.property(
      algorithm.chain((name) =>
        fc.tuple(
          fc.constant(name),
          fc.uint8Array({ minLength: checksumBytes[name], maxLength: checksumBytes[name] }),
        ),
      ),
      ([name, digest]) => {
        const found = parseChecksum(name, Buffer.from(digest).toString('base64'))
        assert.deepEqual(Uint8Array.from(found), digest)
      },
    ),
  )
})

test('anything else is InvalidChecksum', () => {
  const refused: [ChecksumAlgorithm, string][] = [
    ['crc32', ''],
    ['crc32', 'y/Q5Jg'], // Without its padding.
    ['crc32', 'y_Q5Jg=='], // The alphabet for URLs.
    ['crc32', ' y/Q5Jg=='],
    ['crc32', 'y/Q5Jh=='], // Bits set behind the last byte.
    ['crc32', 'rosUhgp5mIg='], // The length of a CRC-64.
    ['crc32', 'y/Q5Jg==-2'],
    ['crc64nvme', 'y/Q5Jg=='],
    ['sha256', 'not base64'],
  ]
  for (const [name, value] of refused) {
    assert.throws(
      () => parseChecksum(name, value),
      (error) => isEngineError(error, 'InvalidChecksum'),
      value,
    )
  }
})

test('a Content-MD5 that is not 16 bytes of base64 is InvalidDigest', () => {
  assert.equal(parseContentMd5('1B2M2Y8AsgTpgAmY7PhCfg==').byteLength, 16)
  for (const value of ['', 'd41d8cd98f00b204e9800998ecf8427e', '1B2M2Y8AsgTpgAmY7PhCfg', 'AAAA']) {
    assert.throws(
      () => parseContentMd5(value),
      (error) => isEngineError(error, 'InvalidDigest'),
      value,
    )
  }
})

test('a name that is no algorithm is a TypeError', () => {
  for (const name of ['crc16', 'toString', '__proto__']) {
    assert.throws(() => parseChecksum(name as ChecksumAlgorithm, 'AAAA'), TypeError)
  }
})
