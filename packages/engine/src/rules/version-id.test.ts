import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { formatPlace, isVersionId, nextOrder, parseVersionId, placeOf, versionIdOf } from './version-id.js'

const recordId = fc.uint8Array({ minLength: 16, maxLength: 16 })
const order = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const record = (id: Uint8Array, versionOrder: number) => ({ recordId: id, lastModifiedMs: 0, versionOrder })

test('a later order has a lower place, and the same record in the same order has one place', () =>
  fc.assert(
    fc.property(recordId, recordId, order, order, (one, other, a, b) => {
      const [first, second] = [placeOf(record(one, a)), placeOf(record(other, b))]
      if (a !== b) assert.equal(Math.sign(Buffer.compare(first, second)), Math.sign(b - a))
      assert.deepEqual(first, placeOf(record(one, a)))
      assert.deepEqual(first.subarray(6), one.subarray(6))
    }),
  ))

test('an id is read back as the place it stands for', () =>
  fc.assert(
    fc.property(recordId, order, (id, at) => {
      const version = record(id, at)
      assert.deepEqual(parseVersionId(versionIdOf(version)), placeOf(version))
      assert.equal(formatPlace(placeOf(version)), versionIdOf(version))
    }),
  ))

test('whatever else is sent as an id is none, and nothing throws', () =>
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ minLength: 32, maxLength: 32 })), (text) =>
      assert.equal(isVersionId(text), text === 'null' || /^[0-9a-f]{32}$/.test(text)),
    ),
  ))

test("a UUID is a version's id, though nobody's", () =>
  fc.assert(
    fc.property(fc.uuid(), recordId, fc.integer({ min: 1, max: 2 ** 48 - 1 }), (text, id, at) => {
      assert.equal(isVersionId(text), true)
      assert.notDeepEqual(parseVersionId(text), placeOf(record(id, at)))
    }),
  ))

for (const [newest, nowMs, expected] of [
  [undefined, 5, 5],
  [{ recordId: new Uint8Array(16), lastModifiedMs: 3 }, 5, 5],
  [{ recordId: new Uint8Array(16), lastModifiedMs: 5 }, 5, 6],
  [{ recordId: new Uint8Array(16), lastModifiedMs: 3, versionOrder: 9 }, 5, 10],
] as const)
  test(`after ${JSON.stringify(newest?.versionOrder ?? newest?.lastModifiedMs)} at ${nowMs} the order is ${expected}`, () =>
    assert.equal(nextOrder(newest, nowMs), expected))

test('an only version and one that is marked so are the null version', () => {
  const only = { recordId: new Uint8Array(16), lastModifiedMs: 1 }
  assert.equal(versionIdOf(only), 'null')
  assert.equal(versionIdOf({ ...only, versionOrder: 1, isNullVersion: true }), 'null')
  assert.notEqual(versionIdOf({ ...only, versionOrder: 1 }), 'null')
})
