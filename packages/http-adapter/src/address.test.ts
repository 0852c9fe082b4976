import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { readAddress } from './address.js'
import { S3Error } from './s3-error.js'

const settings = { domains: ['s3.example.com', 'localhost'], basePath: '' }
const read = (rawUrl: string, host = '127.0.0.1:9000', more = {}) => {
  const { level, bucket, key } = readAddress(rawUrl, host, { ...settings, ...more })
  return [level, bucket, key]
}

test('in a path the first segment is the bucket, and all the rest the key, taken literally', () => {
  assert.deepEqual(read('/'), ['service', '', ''])
  assert.deepEqual(read('/b'), ['bucket', 'b', ''])
  assert.deepEqual(read('/b/'), ['bucket', 'b', ''])
  assert.deepEqual(read('/b?acl'), ['bucket', 'b', ''])
  for (const key of ['k', 'a//b', '/k', 'a/./b', '../x', '.', 'dir/', 'a+b'])
    assert.deepEqual(read(`/b/${key}`), ['object', 'b', key])
})

test('escapes are decoded exactly once, as UTF-8', () => {
  assert.deepEqual(read('/b/a%20b%2Fc%2525'), ['object', 'b', 'a b/c%25'])
  assert.deepEqual(read('/b/%E6%97%A5%E6%9C%AC'), ['object', 'b', '日本'])
})

test('a host below one of ours names the bucket', () => {
  assert.deepEqual(read('/k', 'b.s3.example.com:9000'), ['object', 'b', 'k'])
  assert.deepEqual(read('/', 'my.bucket.S3.Example.com'), ['bucket', 'my.bucket', ''])
  assert.deepEqual(read('//k', 'b.localhost'), ['object', 'b', '/k'])
  assert.deepEqual(read('/b/k', 's3.example.com'), ['object', 'b', 'k'])
  assert.deepEqual(read('/b/k', 'xs3.example.com'), ['object', 'b', 'k'])
  assert.deepEqual(read('/b/k', '[::1]:9000'), ['object', 'b', 'k'])
})

test('under a base path the rest counts, and nothing lies outside', () => {
  const basePath = '/storage/s3'
  assert.deepEqual(read('/storage/s3', undefined, { basePath }), ['service', '', ''])
  assert.deepEqual(read('/storage/s3/', undefined, { basePath }), ['service', '', ''])
  assert.deepEqual(read('/storage/s3/b/k?x', undefined, { basePath }), ['object', 'b', 'k'])
  assert.deepEqual(read('/storage/s3/k', 'b.localhost', { basePath }), ['object', 'b', 'k'])
  for (const url of ['/', '/storage', '/storage/s3x/b'])
    assert.throws(() => read(url, undefined, { basePath }), { code: 'InvalidURI' })
})

test('a whole URL in the request line is read like its path', () => {
  assert.deepEqual(read('http://any.host:1/b/k'), ['object', 'b', 'k'])
  assert.deepEqual(read('http://any.host'), ['service', '', ''])
})

test('what names nothing is refused', () => {
  assert.throws(() => read('//k'), { code: 'InvalidBucketName' })
  for (const url of ['/b/%', '/b/%ff', '/b/a%00b', '*', 'b/k', ''])
    assert.throws(() => read(url), { code: 'InvalidURI' })
})

test('every key that is encoded is read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (key) => {
      fc.pre(!key.includes('\0'))
      assert.deepEqual(read(`/b/${encodeURIComponent(key)}`), ['object', 'b', key])
    }),
  )
})

test('no URL throws anything but an S3 error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (url, host) => {
      try {
        read(`/${url}`, host)
      } catch (error) {
        assert.ok(error instanceof S3Error)
      }
    }),
  )
})
