import assert from 'node:assert/strict'
import test from 'node:test'
import {
  afterAllUnder,
  dueBefore,
  dueKeyKey,
  dueMsOf,
  dueNameOf,
  dueUploadKey,
  objectKey,
  objectNameOf,
  uploadKey,
  uploadNameOf,
} from './keys.js'

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

test('what is due is in the order of its moments, and tells its bucket, key and upload', () => {
  const uploadId = Uint8Array.from({ length: 16 }, (_, at) => at)
  const upload = dueUploadKey(2 ** 40, 'logs', 'a\u{10ffff}', uploadId)
  assert.deepEqual(dueNameOf(upload), { bucket: 'logs', key: 'a\u{10ffff}', uploadId })
  const key = dueKeyKey(5, 'logs', '\uFEFFk')
  assert.deepEqual(dueNameOf(key), { bucket: 'logs', key: '\uFEFFk' })
  assert.deepEqual([dueMsOf(key), dueMsOf(upload)], [5, 2 ** 40])
  assert.ok(Buffer.compare(key, dueBefore(6)) < 0 && Buffer.compare(dueBefore(6), upload) < 0)
  assert.ok(Buffer.compare(dueBefore(5), key) < 0, 'what is due at a moment is not due before it')
})
