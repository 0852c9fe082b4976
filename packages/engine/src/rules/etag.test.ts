import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { copiedEtag, multipartEtag, opaqueEtag, plainEtag } from './etag.js'

const md5 = (text: string): Uint8Array => createHash('md5').update(text).digest()

test('a plain ETag is the MD5 in hex', () => {
  assert.equal(plainEtag(md5('')), 'd41d8cd98f00b204e9800998ecf8427e')
})

test('a multipart ETag is the one S3 gives to the parts "12345" and "6789"', () => {
  const parts = ['12345', '6789'].map((part) => plainEtag(md5(part)))
  assert.equal(multipartEtag(parts), '324730582f20c3f18cbb66d63a6137d2-2')
})

test('a multipart ETag has its form and depends on every part, whatever the parts’ ETags are', () => {
  const first = opaqueEtag(new Uint8Array(16).fill(1))
  const second = opaqueEtag(new Uint8Array(16).fill(2))
  assert.match(multipartEtag([first, second]), /^[0-9a-f]{32}-2$/)
  assert.notEqual(multipartEtag([first, second]), multipartEtag([first, first]))
})

test('no client takes an opaque ETag for an MD5', () => {
  assert.doesNotMatch(opaqueEtag(new Uint8Array(16)), /^[0-9a-f]{32}$/)
})

test('a copied part has its source’s MD5 only if it is of the same bytes', () => {
  const source = plainEtag(md5('123456789'))
  assert.equal(copiedEtag(source, { offset: 0, length: 9 }, 9), source)
  const stretch = copiedEtag(source, { offset: 0, length: 5 }, 9)
  assert.match(stretch, /^[0-9a-f]{32}$/)
  assert.notEqual(stretch, source)
  assert.equal(copiedEtag(source, { offset: 0, length: 5 }, 9), stretch)
  assert.notEqual(copiedEtag(source, { offset: 1, length: 5 }, 9), stretch)
  assert.notEqual(copiedEtag(source, { offset: 0, length: 4 }, 9), stretch)
  assert.match(copiedEtag(`${source}-2`, { offset: 0, length: 9 }, 9), /^[0-9a-f]{32}$/)
})
