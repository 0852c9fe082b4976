import assert from 'node:assert/strict'
import test from 'node:test'
import type { ObjectInfo, ObjectPart } from '@aquifer/engine'
import { goesInParts, partSizeFor, planParts } from './plan-parts.js'

const MIB = 1024 ** 2
const sized = (
  sizeBytes: number,
  more: { parts?: ObjectPart[]; checksums?: ObjectInfo['checksums']; info?: Partial<ObjectInfo> } = {},
) => {
  const { parts, checksums = {}, info } = more
  return { info: { etag: '', sizeBytes, checksums, ...info } as ObjectInfo, ...(parts && { parts }) }
}
const part = (partNumber: number, sizeBytes: number): ObjectPart => ({
  ...{ partNumber, sizeBytes },
  checksums: { crc32: `${partNumber}` },
})

test('what was uploaded in parts goes in these, by their numbers', () => {
  const version = sized(11, { parts: [part(2, 5), part(7, 6)] })
  assert.ok(goesInParts(version))
  assert.deepEqual(planParts(version, 3), [
    { partNumber: 2, offset: 0, length: 5, checksums: { crc32: '2' } },
    { partNumber: 7, offset: 5, length: 6, checksums: { crc32: '7' } },
  ])
})

test('parts that are not those of all bytes are passed over', () => {
  const version = sized(7, { parts: [part(1, 5)] })
  assert.ok(!goesInParts(version))
  assert.deepEqual(
    planParts(version, 3).map(({ offset, length }) => [offset, length]),
    [
      [0, 3],
      [3, 3],
      [6, 1],
    ],
  )
})

test('what is large goes in parts, but for the digest of a whole that would be lost', () => {
  assert.ok(!goesInParts(sized(32 * MIB - 1)))
  assert.ok(goesInParts(sized(32 * MIB)))
  assert.ok(goesInParts(sized(32 * MIB, { checksums: { crc64nvme: '' } })))
  assert.ok(!goesInParts(sized(32 * MIB, { checksums: { sha256: '' } })))
  assert.ok(goesInParts(sized(5 * 1024 ** 3 + 1, { checksums: { sha256: '' } })))
})

test('what is locked and has no digest goes in parts where it is too much to hold', () => {
  const etag = '0'.repeat(32)
  assert.ok(!goesInParts(sized(MIB, { info: { legalHold: true } })))
  assert.ok(goesInParts(sized(MIB + 1, { info: { legalHold: true } })))
  assert.ok(!goesInParts(sized(MIB + 1, { info: { legalHold: true, etag } })))
  assert.ok(!goesInParts(sized(MIB + 1)))
})

test('parts grow so that there are at most 10,000, and cover every byte once', () => {
  for (const sizeBytes of [32 * MIB, 160_000 * MIB, 160_000 * MIB + 1, 50 * 1024 ** 4]) {
    const parts = planParts(sized(sizeBytes), partSizeFor(sizeBytes))
    assert.ok(parts.length <= 10_000)
    assert.ok(parts.every(({ length }) => length > 0 && length <= 6 * 1024 ** 3))
    let at = 0
    for (const { offset, length } of parts) {
      assert.equal(offset, at)
      at += length
    }
    assert.equal(at, sizeBytes)
  }
  assert.equal(partSizeFor(32 * MIB), 16 * MIB)
})
