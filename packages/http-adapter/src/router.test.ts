import assert from 'node:assert/strict'
import test from 'node:test'
import { readAddress } from './address.js'
import { operations } from './operations.js'
import { route } from './router.js'
import { s3OperationNames } from './s3-operation-names.js'

const settings = { domains: [], basePath: '' }
const find = (method: string, url: string, headers: Record<string, string> = {}) =>
  route(method, readAddress(url, '127.0.0.1', settings), new Map(Object.entries(headers))).name

test('the table has all 111 operations of S3, and each but the two-named is found by its own route', () => {
  assert.equal(s3OperationNames.length, 111)
  for (const [name, row] of Object.entries(operations)) {
    if ('sameWireAs' in row) continue
    const url = row.route.split(' ')[1]!.replace('{b}', 'bucket').replace('{k}', 'some/key')
    const headers = Object.fromEntries(
      row.headers.map((condition) => [condition.name, condition.value || 'x']),
    )
    assert.equal(find(row.method, url, headers), name, row.route)
  }
})

test('every sub-resource is also found with an equals sign after its name', () => {
  assert.equal(find('GET', '/b?acl='), 'GetBucketAcl')
  assert.equal(find('GET', '/b/k?acl='), 'GetObjectAcl')
})

test('names that only modify, and names S3 has never heard of, change nothing', () => {
  assert.equal(find('GET', '/b/k?versionId=null&response-content-type=x&utm_source=y'), 'GetObject')
  assert.equal(find('GET', '/b/k?partNumber=2'), 'GetObject')
  assert.equal(find('GET', '/b?prefix=acl&max-keys=1'), 'ListObjects')
  assert.equal(find('GET', '/b?ACL'), 'ListObjects')
})

test("a bucket's sub-resource on the path of a key is the bucket's, never the object", () => {
  assert.equal(find('GET', '/b/k?location'), 'GetBucketLocation')
  assert.equal(find('PUT', '/b/k?versioning'), 'PutBucketVersioning')
  assert.equal(find('DELETE', '/b/k?lifecycle'), 'DeleteBucketLifecycle')
  assert.equal(find('POST', '/b/k?delete'), 'DeleteObjects')
})

test('a sub-resource without an operation for the method is refused, naming the methods it has', () => {
  const cases: [string, string, string][] = [
    ['DELETE', '/b?location', 'GET'],
    ['POST', '/b?acl', 'GET, PUT, HEAD'],
    ['GET', '/b?delete', 'POST'],
    ['GET', '/b/k?restore', 'POST'],
    ['GET', '/b/k?select', 'POST'],
    ['PUT', '/b?uploads', 'GET'],
    ['DELETE', '/b/k?encryption', 'PUT'],
    ['HEAD', '/b?versioning', 'GET, PUT'],
    ['HEAD', '/b/k?tagging', 'GET, PUT, DELETE'],
    ['HEAD', '/b/k?location', 'GET'],
    ['HEAD', '/b?retention', 'GET, PUT'],
    ['HEAD', '/b?list-type=2', 'GET'],
    ['HEAD', '/b/k?uploadId=x', 'PUT, POST, DELETE, GET'],
    ['POST', '/b/k', 'PUT, GET, HEAD, DELETE, OPTIONS'],
    ['PATCH', '/b', 'PUT, HEAD, DELETE, GET, POST, OPTIONS'],
  ]
  for (const [method, url, allow] of cases)
    assert.throws(
      () => find(method, url),
      (error: { code?: string; headers?: Record<string, string> }) => {
        assert.equal(error.code, 'MethodNotAllowed', `${method} ${url}`)
        assert.deepEqual(
          error.headers?.['allow']?.split(', ').sort(),
          allow.split(', ').sort(),
          `${method} ${url}`,
        )
        return true
      },
    )
})

const refused: [method: string, url: string, code: string, message: RegExp][] = [
  ['GET', '/b?acl&policy', 'InvalidArgument', /^Conflicting query string parameters: acl, policy$/],
  ['PUT', '/b/k?tagging&acl', 'InvalidArgument', /^Conflicting query string parameters: tagging, acl$/],
  ['GET', '/b/k?uploads', 'InvalidRequest', /^Key is not expected for the GET method \?uploads subresource$/],
  ['GET', '/b/k?versions', 'InvalidRequest', /^Key is not expected/],
  ['GET', '/b?attributes', 'InvalidRequest', /^Key is expected/],
  ['PUT', '/b?retention', 'InvalidRequest', /^Key is expected/],
  ['GET', '/?acl', 'InvalidRequest', /is expected/],
  ['PUT', '/b/k?partNumber=1', 'InvalidArgument', /partNumber without uploadId/],
  ['PUT', '/b/k?uploadId=x', 'InvalidArgument', /uploadId without partNumber/],
]
for (const [method, url, code, message] of refused) {
  test(`${method} ${url} is refused`, () => {
    assert.throws(() => find(method, url), { code, message })
  })
}

test('a copy source belongs to copies alone', () => {
  const copy = { 'x-amz-copy-source': '/b/k' }
  assert.equal(find('PUT', '/b/k', copy), 'CopyObject')
  assert.equal(find('PUT', '/b/k?uploadId=x&partNumber=1', copy), 'UploadPartCopy')
  for (const [method, url] of [
    ['GET', '/b/k'],
    ['HEAD', '/b/k'],
    ['DELETE', '/b/k'],
    ['POST', '/b/k?uploadId=x'],
  ] as const)
    assert.throws(() => find(method, url, copy), { code: 'InvalidArgument' })
})

test('what a header turns into another operation is not the plain one', () => {
  assert.equal(find('PUT', '/b/k', { 'x-amz-write-offset-bytes': '0' }), 'AppendObject')
  assert.equal(find('PUT', '/b/k?renameObject', { 'x-amz-rename-source': '/b/a' }), 'RenameObject')
  assert.equal(find('PUT', '/b/k', { 'x-amz-meta-snowball-auto-extract': 'TRUE' }), 'PutObjectExtract')
  assert.equal(find('DELETE', '/b', { 'x-minio-force-delete': 'true' }), 'ForceDeleteBucket')
  assert.equal(find('DELETE', '/b', { 'x-minio-force-delete': 'false' }), 'DeleteBucket')
  assert.equal(
    find('GET', '/', { host: 's3express-control.us-east-1.amazonaws.com' }),
    'ListDirectoryBuckets',
  )
})
