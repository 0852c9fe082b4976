import assert from 'node:assert/strict'
import test from 'node:test'
import { addHoisted, withoutAwsChunked, withoutFraming } from './header-view.js'
import { readTarget } from './request-target.js'

const hoist = (
  query: string,
  headers: Record<string, string>,
  checksums: 'ignore' | 'enforce' = 'ignore',
) => {
  const view = addHoisted(new Map(Object.entries(headers)), readTarget(`/b/k?${query}`).parameters, checksums)
  return { headers: Object.fromEntries(view.headers), ignored: view.ignored }
}

test('headers that a presigned URL carries in its query are read from there, one character a byte', () => {
  assert.deepEqual(hoist('x-amz-acl=private&X-Amz-Meta-N=%C3%BC&If-None-Match=%2A&prefix=p', {}).headers, {
    'x-amz-acl': 'private',
    'x-amz-meta-n': '\xc3\xbc',
    'if-none-match': '*',
  })
})

test('a header that is really there wins over the query', () => {
  assert.deepEqual(hoist('x-amz-acl=public-read', { 'x-amz-acl': 'private' }).headers, {
    'x-amz-acl': 'private',
  })
})

test('what signs the URL is no header', () => {
  const signing =
    'X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Date=c&X-Amz-Expires=1&X-Amz-SignedHeaders=host&X-Amz-Signature=d&X-Amz-Security-Token=e'
  assert.deepEqual(hoist(signing, {}).headers, {})
})

const CHECKSUMS = 'x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32'

test('a checksum in the query is ignored, as AWS does: its own presigner puts that of an empty body there', () => {
  assert.deepEqual(hoist(CHECKSUMS, {}), {
    headers: {},
    ignored: ['x-amz-checksum-crc32', 'x-amz-sdk-checksum-algorithm'],
  })
})

test('a checksum in the query counts as a header when it is to be enforced', () => {
  assert.deepEqual(hoist(CHECKSUMS, {}, 'enforce'), {
    headers: { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-sdk-checksum-algorithm': 'CRC32' },
    ignored: [],
  })
})

test('a checksum in a header is kept whatever the query says', () => {
  assert.deepEqual(hoist(CHECKSUMS, { 'x-amz-checksum-crc32': 'y/Q5Jg==' }).headers, {
    'x-amz-checksum-crc32': 'y/Q5Jg==',
  })
})

test('the choice of a checksum algorithm or mode is no checksum and is read from the query', () => {
  const chosen = {
    'x-amz-checksum-algorithm': 'CRC32',
    'x-amz-checksum-mode': 'ENABLED',
    'x-amz-checksum-type': 'COMPOSITE',
  }
  assert.deepEqual(hoist(new URLSearchParams(chosen).toString(), {}).headers, chosen)
})

test('aws-chunked is taken out of Content-Encoding and the rest keeps its order and spelling', () => {
  const cases: [string, string][] = [
    ['aws-chunked', ''],
    ['AWS-Chunked', ''],
    ['gzip,aws-chunked', 'gzip'],
    ['aws-chunked,gzip', 'gzip'],
    ['aws-chunked, gzip', 'gzip'],
    ['GZip , aws-chunked, br', 'GZip , br'],
    ['gzip', 'gzip'],
    ['x-aws-chunked-x', 'x-aws-chunked-x'],
  ]
  for (const [sent, kept] of cases) assert.equal(withoutAwsChunked(sent), kept, sent)
  assert.equal(withoutFraming(new Map([['content-encoding', 'aws-chunked']])).has('content-encoding'), false)
})
