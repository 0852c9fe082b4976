import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { S3Error } from '../s3-error.js'
import { decodePercent, encodePercent } from './percent.js'
import { Query } from './query.js'

test('names and values are decoded once; a raw plus is a space and an escaped one a plus', () => {
  const query = Query.parse('prefix=a+b%2Bc%2520&acl&uploadId=&%70lain=%C3%BC&&prefix=second')
  assert.equal(query.get('prefix'), 'a b+c%20')
  assert.equal(query.get('acl'), '')
  assert.equal(query.get('uploadId'), '')
  assert.equal(query.get('plain'), 'ü')
  assert.equal(query.get('missing'), undefined)
  assert.deepEqual([...query.names()], ['prefix', 'acl', 'uploadId', 'plain'])
})

test('names that objects have by nature mean nothing', () => {
  const query = Query.parse('__proto__=x&constructor=y')
  assert.equal(query.get('toString'), undefined)
  assert.equal(query.get('__proto__'), 'x')
})

test('a bad escape, bytes that are not UTF-8 and too many parameters are refused', () => {
  for (const raw of ['a=%', 'a=%zz', 'a=%ff', '%e0%80%80', 'a=%ED%A0%80', 'a&'.repeat(300)])
    assert.throws(() => Query.parse(raw), { code: 'InvalidURI' })
})

test('bytes sent without escapes are read as the UTF-8 they are', () => {
  assert.equal(decodePercent(Buffer.from('日本', 'utf8').toString('latin1')), '日本')
})

test('encoding-type=url keeps what every decoder keeps, and reads back as it was', () => {
  assert.equal(encodePercent('a b+c/d*e~f(g)%ü'), 'a%20b%2Bc/d*e~f%28g%29%25%C3%BC')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (key) => {
      const encoded = encodePercent(key)
      assert.match(encoded, /^[A-Za-z0-9\-._~/*%]*$/)
      assert.equal(decodeURIComponent(encoded), key)
    }),
  )
})

test('no query throws anything but an S3 error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (raw) => {
      try {
        Query.parse(raw)
      } catch (error) {
        assert.ok(error instanceof S3Error)
      }
    }),
  )
})
