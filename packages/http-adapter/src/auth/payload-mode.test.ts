import assert from 'node:assert/strict'
import test from 'node:test'
import { S3Error } from '../s3-error.js'
import { decidePayload, type PayloadPlan } from './payload-mode.js'

const HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const SIGNED = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'
const SIGNED_TRAILER = `${SIGNED}-TRAILER`
const UNSIGNED_TRAILER = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
const ENCODED = { 'content-encoding': 'aws-chunked' }
const LENGTH = { 'x-amz-decoded-content-length': '5' }
const TRAILER = { 'x-amz-trailer': 'x-amz-checksum-crc32' }

type Headers = Record<string, string>

const decide = (contentSha256: string | undefined, headers: Headers, signed = true): PayloadPlan =>
  decidePayload(contentSha256, new Map(Object.entries(headers)), signed ? 'version-4' : 'nobody')

const codeOf = (contentSha256: string | undefined, headers: Headers, signed = true): string => {
  try {
    return decide(contentSha256, headers, signed).mode
  } catch (error) {
    if (error instanceof S3Error) return error.code
    throw error
  }
}

test('each mode is known by any of its marks', () => {
  const cases: [string | undefined, Headers, string][] = [
    [HASH, {}, 'hashed'],
    [HASH.toUpperCase(), {}, 'hashed'],
    ['UNSIGNED-PAYLOAD', {}, 'unsigned'],
    ['UNSIGNED-PAYLOAD', { 'content-encoding': 'gzip' }, 'unsigned'],
    ['UNSIGNED-PAYLOAD', { ...ENCODED, ...LENGTH }, 'unsigned-chunked'],
    ['UNSIGNED-PAYLOAD', { 'content-encoding': 'gzip, AWS-Chunked', ...LENGTH }, 'unsigned-chunked'],
    ['UNSIGNED-PAYLOAD', { ...ENCODED, ...LENGTH, ...TRAILER }, 'unsigned-chunked-trailer'],
    [UNSIGNED_TRAILER, { ...LENGTH, ...TRAILER }, 'unsigned-chunked-trailer'],
    [UNSIGNED_TRAILER, { ...ENCODED, ...LENGTH, ...TRAILER }, 'unsigned-chunked-trailer'],
    // Some clients send no Content-Encoding at all.
    [SIGNED, LENGTH, 'signed-chunked'],
    [SIGNED_TRAILER, { ...LENGTH, ...TRAILER }, 'signed-chunked-trailer'],
  ]
  for (const [contentSha256, headers, mode] of cases)
    assert.equal(codeOf(contentSha256, headers), mode, JSON.stringify([contentSha256, headers]))
})

test('a mode that is not known, and marks that contradict each other, are refused', () => {
  const cases: [string | undefined, Headers, string][] = [
    ['', {}, 'InvalidArgument'],
    ['STREAMING-AWS4-HMAC-SHA256-EVENTS', LENGTH, 'InvalidArgument'],
    ['STREAMING-SOMETHING-NEW', LENGTH, 'InvalidArgument'],
    ['unsigned-payload', {}, 'InvalidArgument'],
    ['__proto__', {}, 'InvalidArgument'],
    [HASH.slice(1), {}, 'InvalidArgument'],
    [`${HASH},${HASH}`, {}, 'InvalidArgument'],
    ['STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD', LENGTH, 'NotImplemented'],
    ['STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER', LENGTH, 'NotImplemented'],
    [HASH, { ...ENCODED, ...LENGTH }, 'InvalidRequest'],
    [HASH, ENCODED, 'InvalidRequest'],
    [HASH, { ...ENCODED, ...LENGTH, 'content-length': '5' }, 'InvalidRequest'],
    [HASH, TRAILER, 'InvalidRequest'],
    ['UNSIGNED-PAYLOAD', TRAILER, 'InvalidRequest'],
    [SIGNED, { ...LENGTH, ...TRAILER }, 'InvalidRequest'],
    ['UNSIGNED-PAYLOAD', { ...LENGTH, 'content-length': '91' }, 'InvalidRequest'],
    [SIGNED, {}, 'MissingContentLength'],
    [SIGNED, { 'content-length': '91' }, 'MissingContentLength'],
    [SIGNED, { 'x-amz-decoded-content-length': '-1' }, 'InvalidArgument'],
    [SIGNED, { 'x-amz-decoded-content-length': '5,5' }, 'InvalidArgument'],
    ['UNSIGNED-PAYLOAD', { 'content-length': '1e3' }, 'InvalidArgument'],
    [UNSIGNED_TRAILER, { ...LENGTH, 'x-amz-trailer': 'x-amz-checksum-crc33' }, 'InvalidRequest'],
    [UNSIGNED_TRAILER, { ...LENGTH, 'x-amz-trailer': 'x-amz-meta-a' }, 'InvalidRequest'],
    [UNSIGNED_TRAILER, { ...LENGTH, 'x-amz-trailer': '' }, 'InvalidRequest'],
    [
      UNSIGNED_TRAILER,
      { ...LENGTH, 'x-amz-trailer': 'x-amz-checksum-crc32,x-amz-checksum-sha1' },
      'InvalidRequest',
    ],
  ]
  for (const [contentSha256, headers, code] of cases)
    assert.equal(codeOf(contentSha256, headers), code, JSON.stringify([contentSha256, headers]))
})

test('a caller without a signature cannot ask for a payload that one vouches for', () => {
  const cases: [string | undefined, Headers, string][] = [
    [undefined, {}, 'unsigned'],
    [undefined, { ...ENCODED, ...LENGTH }, 'unsigned-chunked'],
    ['UNSIGNED-PAYLOAD', {}, 'unsigned'],
    [UNSIGNED_TRAILER, { ...LENGTH, ...TRAILER }, 'unsigned-chunked-trailer'],
    [HASH, {}, 'InvalidRequest'],
    [SIGNED, LENGTH, 'InvalidRequest'],
    [SIGNED_TRAILER, { ...LENGTH, ...TRAILER }, 'InvalidRequest'],
  ]
  for (const [contentSha256, headers, code] of cases)
    assert.equal(codeOf(contentSha256, headers, false), code, JSON.stringify([contentSha256, headers]))
})

test('the size told is the decoded one', () => {
  assert.deepEqual(decide('UNSIGNED-PAYLOAD', { 'content-length': '7' }), { mode: 'unsigned', sizeBytes: 7 })
  assert.deepEqual(decide('UNSIGNED-PAYLOAD', {}), { mode: 'unsigned' })
  assert.deepEqual(
    decide(SIGNED_TRAILER, { 'content-length': '91', ...LENGTH, 'x-amz-trailer': 'X-Amz-Checksum-CRC32' }),
    {
      mode: 'signed-chunked-trailer',
      sizeBytes: 5,
      trailerName: 'x-amz-checksum-crc32',
    },
  )
})
