import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { bucketIdFrom } from './bucket-id.js'

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
