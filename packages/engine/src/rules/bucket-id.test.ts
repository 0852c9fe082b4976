import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { bucketIdFrom, bucketInstanceId } from './bucket-id.js'

test("a bucket's id is 16 bytes of ASCII, and another one for each id", () => {
  const given = new Map<string, string>()
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (id) => {
      const made = Buffer.from(bucketIdFrom(id)).toString('latin1')
      assert.match(made, /^[A-Za-z0-9_-]{16}$/)
      const other = given.get(made)
      assert.ok(other === undefined || other === id.join())
      given.set(made, id.join())
    }),
  )
})

test('a bucket is called another thing in each opening of its store, and no two buckets are called the same', () => {
  const [one, other] = [1, 2].map((byte) => Buffer.alloc(16, byte)) as [Buffer, Buffer]
  assert.match(bucketInstanceId(one, one), /^[0-9a-f]{32}$/)
  assert.equal(bucketInstanceId(one, other), bucketInstanceId(one, other))
  const names = [one, other].flatMap((id) => [one, other].map((opening) => bucketInstanceId(id, opening)))
  assert.equal(new Set(names).size, 4)
})
