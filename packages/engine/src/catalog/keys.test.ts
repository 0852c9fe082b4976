import assert from 'node:assert/strict'
import test from 'node:test'
import { afterAllUnder, objectKey, objectNameOf, uploadKey, uploadNameOf } from './keys.js'

test('the end of a prefix leaves the prefix as it was, a Buffer too', () => {
  const prefix = Buffer.from('o\xff', 'latin1')
  assert.deepEqual([...afterAllUnder(prefix)], [...Buffer.from('p')])
  assert.equal(prefix.toString('latin1'), 'o\xff')
})

test('a key that begins like a byte order mark keeps its first character', () => {
  const id = new Uint8Array(16)
  assert.equal(objectNameOf(objectKey(id, '\uFEFFa')), '\uFEFFa')
  assert.equal(uploadNameOf(uploadKey(id, '\uFEFFa', id)).key, '\uFEFFa')
})
