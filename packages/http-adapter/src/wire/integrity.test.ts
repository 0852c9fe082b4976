import assert from 'node:assert/strict'
import test from 'node:test'
import type { OpenedPayload } from '../auth/authenticate.js'
import { readChecksumHeader, readIntegrity, readObjectChecksum } from './integrity.js'

async function* nothing(): AsyncGenerator<Uint8Array> {}
const payload = (trailers?: Record<string, string>): OpenedPayload => ({
  body: nothing(),
  sizeBytes: 9,
  ...(trailers === undefined ? {} : { trailers: Promise.resolve(trailers) }),
})
const headers = (record: Record<string, string>) => new Map(Object.entries(record))
const invalid = { code: 'InvalidRequest' }

test('size, MD5 and one checksum by header are passed on', () => {
  assert.deepEqual(
    readIntegrity(
      headers({ 'content-md5': 'abc', 'x-amz-checksum-crc32': 'y/Q5Jg==' }),
      payload(),
      undefined,
    ),
    { sizeBytes: 9, contentMd5: 'abc', checksums: { crc32: 'y/Q5Jg==' } },
  )
})

test('every algorithm of S3 is known by its header', () => {
  const values: Record<string, string> = {
    crc32: 'y/Q5Jg==',
    crc32c: '4waSgw==',
    crc64nvme: 'rosUhgp5mIg=',
    sha1: '98O8HYCOBHMq32eZZczDTKeuNEE=',
    sha256: Buffer.alloc(32).toString('base64'),
    sha512: Buffer.alloc(64).toString('base64'),
    md5: Buffer.alloc(16).toString('base64'),
    xxhash64: Buffer.alloc(8).toString('base64'),
    xxhash3: Buffer.alloc(8).toString('base64'),
    xxhash128: Buffer.alloc(16).toString('base64'),
  }
  for (const [algorithm, value] of Object.entries(values))
    assert.deepEqual(readChecksumHeader(headers({ [`x-amz-checksum-${algorithm}`]: value })), {
      algorithm,
      value,
    })
})

test('MD5 announced as the checksum algorithm may come as Content-MD5, as an SDK sends it', () => {
  const value = Buffer.alloc(16).toString('base64')
  const sent = { 'x-amz-sdk-checksum-algorithm': 'MD5', 'content-md5': value }
  assert.deepEqual(readIntegrity(headers(sent), payload(), undefined), {
    sizeBytes: 9,
    contentMd5: value,
    checksums: { md5: value },
  })
  const other = { ...sent, 'x-amz-sdk-checksum-algorithm': 'SHA1' }
  assert.throws(() => readIntegrity(headers(other), payload(), undefined), invalid)
})

test("a trailer's value arrives later, and is checked then", async () => {
  const good = readIntegrity(
    headers({}),
    payload({ 'x-amz-checksum-sha1': '98O8HYCOBHMq32eZZczDTKeuNEE=' }),
    'x-amz-checksum-sha1',
  )
  assert.equal(await good.checksums?.sha1, '98O8HYCOBHMq32eZZczDTKeuNEE=')
  const wrong = readIntegrity(headers({}), payload({ 'x-amz-checksum-sha1': 'short' }), 'x-amz-checksum-sha1')
  await assert.rejects(async () => wrong.checksums?.sha1, invalid)
  const missing = readIntegrity(headers({}), payload({}), 'x-amz-checksum-sha1')
  await assert.rejects(async () => missing.checksums?.sha1, { code: 'MalformedTrailerError' })
})

test('two checksums, an unknown one and one of the wrong length are refused', () => {
  for (const wrong of [
    { 'x-amz-checksum-crc32': 'y/Q5Jg==', 'x-amz-checksum-crc32c': '4waSgw==' },
    { 'x-amz-checksum-crc16': 'AAA=' },
    { 'x-amz-checksum-crc32': 'rosUhgp5mIg=' },
    { 'x-amz-checksum-crc32': 'no base64' },
    { 'x-amz-checksum-crc32': '' },
  ] as Record<string, string>[])
    assert.throws(() => readIntegrity(headers(wrong), payload(), undefined), invalid)
  assert.throws(
    () => readIntegrity(headers({ 'x-amz-checksum-crc32': 'y/Q5Jg==' }), payload({}), 'x-amz-checksum-crc32'),
    invalid,
  )
})

test('an announced algorithm must come with its value, and with no other', () => {
  const announce = (algorithm: string, more: Record<string, string> = {}) =>
    readIntegrity(headers({ 'x-amz-sdk-checksum-algorithm': algorithm, ...more }), payload(), undefined)
  assert.deepEqual(announce('CRC32', { 'x-amz-checksum-crc32': 'y/Q5Jg==' }).checksums, { crc32: 'y/Q5Jg==' })
  assert.throws(() => announce('CRC32'), invalid)
  assert.throws(() => announce('CRC99', { 'x-amz-checksum-crc32': 'y/Q5Jg==' }), invalid)
  assert.throws(() => announce('SHA1', { 'x-amz-checksum-crc32': 'y/Q5Jg==' }), invalid)
})

test('mode, algorithm and type are no values', () => {
  const named = headers({
    'x-amz-checksum-mode': 'ENABLED',
    'x-amz-checksum-algorithm': 'CRC32',
    'x-amz-checksum-type': 'COMPOSITE',
  })
  assert.equal(readChecksumHeader(named), undefined)
})

test("a finished upload's checksum may carry its number of parts", () => {
  assert.deepEqual(readObjectChecksum(headers({ 'x-amz-checksum-crc32': '4zspdQ==-2', date: 'a-2' })), {
    crc32: '4zspdQ==',
  })
  assert.equal(readObjectChecksum(headers({})), undefined)
})
