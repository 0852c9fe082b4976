import assert from 'node:assert/strict'
import test from 'node:test'
import type { CompletedPart } from '../contract/multipart.js'
import { isEngineError } from '../errors.js'
import { limits } from '../limits.js'
import { checkObjectSize, choosePart, digestOfPartList, putInOrder } from './part-list.js'

const part = (partNumber: number, etag = `etag-${partNumber}`): CompletedPart => ({ partNumber, etag })

test('parts in ascending order are taken, gaps and all', () => {
  const parts = [part(1), part(5), part(10_000)]
  assert.deepEqual(putInOrder(parts, 'u'), parts)
})

test('of a number that stands twice, the last entry counts', () => {
  const parts = [part(1), part(2, 'old'), part(2, 'new'), part(3)]
  assert.deepEqual(putInOrder(parts, 'u'), [part(1), part(2, 'new'), part(3)])
})

test('any other order is InvalidPartOrder', () => {
  for (const parts of [
    [part(2), part(1)],
    [part(1), part(3), part(2)],
    [part(1), part(2), part(1)],
    [part(-1)],
  ]) {
    assert.throws(
      () => putInOrder(parts, 'u'),
      (error) => isEngineError(error, 'InvalidPartOrder') && error.details.uploadId === 'u',
    )
  }
})

test('an empty list is InvalidPart', () => {
  assert.throws(
    () => putInOrder([], 'u'),
    (error) => isEngineError(error, 'InvalidPart'),
  )
})

const stored = (etag: string, sizeBytes: number) => ({ record: { etag, sizeBytes } })

test('a stored part is chosen by its ETag, quoted or not', () => {
  const found = stored('abc', limits.partMinBytes)
  assert.equal(choosePart(part(1, 'abc'), found, false, 'u'), found)
  assert.equal(choosePart(part(1, '"abc"'), found, true, 'u'), found)
})

test('a part that was not uploaded, or not so, is InvalidPart', () => {
  for (const found of [undefined, stored('other', limits.partMinBytes), stored('ABC', limits.partMinBytes)]) {
    assert.throws(
      () => choosePart(part(7, 'abc'), found, false, 'u'),
      (error) =>
        isEngineError(error, 'InvalidPart') &&
        error.details.partNumber === 7 &&
        error.details.uploadId === 'u',
    )
  }
})

test('all but the last part have 5 MiB', () => {
  const small = stored('abc', 5 * 1024 * 1024 - 1)
  assert.throws(
    () => choosePart(part(7, 'abc'), small, false, 'u'),
    (error) =>
      isEngineError(error, 'EntityTooSmall') &&
      error.details.partNumber === 7 &&
      error.details.sizeBytes === 5 * 1024 * 1024 - 1 &&
      error.details.minimumBytes === 5 * 1024 * 1024,
  )
  assert.equal(choosePart(part(7, 'abc'), small, true, 'u'), small)
  const empty = stored('abc', 0)
  assert.equal(choosePart(part(7, 'abc'), empty, true, 'u'), empty)
})

test('parts that are more than an object may be are EntityTooLarge', () => {
  checkObjectSize(50e12, {})
  assert.throws(
    () => checkObjectSize(50e12 + 1, {}),
    (error) => isEngineError(error, 'EntityTooLarge'),
  )
})

test('a size other than the expected one is InvalidRequest', () => {
  checkObjectSize(9, { sizeBytes: 9 })
  for (const sizeBytes of [0, 8, 10]) {
    assert.throws(
      () => checkObjectSize(9, { sizeBytes }),
      (error) => isEngineError(error, 'InvalidRequest'),
    )
  }
})

test('the same question has the same digest, and another has another', () => {
  const bucketId = new Uint8Array(16)
  const digest = (key: string, parts: CompletedPart[], id = bucketId): string =>
    Buffer.from(digestOfPartList(id, key, parts)).toString('hex')
  const asked = digest('k', [part(1), part(2)])
  assert.equal(digest('k', [part(1), part(2, '"etag-2"')]), asked)
  const others = [
    digest('k', [part(1)]),
    digest('k', [part(1), part(2, 'x')]),
    digest('k', [part(1), part(3, 'etag-2')]),
    digest('l', [part(1), part(2)]),
    digest('k', [part(1), part(2)], new Uint8Array(16).fill(1)),
  ]
  assert.equal(new Set([asked, ...others]).size, 6)
})
