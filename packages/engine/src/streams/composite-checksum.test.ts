import assert from 'node:assert/strict'
import test from 'node:test'
import type { ChecksumAlgorithm } from '../contract/integrity.js'
import { createChecksum } from './checksums.js'
import { compositeChecksum } from './composite-checksum.js'

// Source: what S3 answers for the parts "12345" and "6789".
const expected: [ChecksumAlgorithm, string][] = [
  ['crc32', '4zspdQ==-2'],
  ['sha256', '/wiQ+jHXUUcr18tTEaeru5H1cBgrYDQGvfxkGFLzgl4=-2'],
]
for (const [algorithm, value] of expected) {
  test(`the composite ${algorithm} of two parts is that of their digests`, async () => {
    const digests: Uint8Array[] = []
    for (const part of ['12345', '6789']) {
      digests.push((await createChecksum(algorithm)).digestOf(Buffer.from(part)))
    }
    assert.equal(await compositeChecksum(algorithm, digests), value)
  })
}
