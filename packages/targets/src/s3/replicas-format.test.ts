import assert from 'node:assert/strict'
import test from 'node:test'
import { decodeReplicaAnswers, encodeReplica } from './replicas-format.js'

test('a version is its two lengths, what is said of it, and its bytes', () => {
  const headers = { 'x-amz-meta-a': 'Ã¤', 'content-md5': 'x' }
  const entry = Buffer.concat(
    encodeReplica({ key: 'ü/"\n', versionId: '0a', headers, body: Buffer.from([0, 255]) }),
  )
  const head = '{"key":"ü/\\"\\n","versionId":"0a","headers":{"x-amz-meta-a":"Ã¤","content-md5":"x"}}'
  const headBytes = Buffer.byteLength(head)
  assert.equal(entry.readUInt32BE(0), headBytes)
  assert.equal(entry.readUInt32BE(4), 2)
  assert.equal(entry.subarray(8, 8 + headBytes).toString('utf8'), head)
  assert.deepEqual([...entry.subarray(8 + headBytes)], [0, 255])
})

test('a version without bytes has its head alone', () => {
  const entry = Buffer.concat(
    encodeReplica({ key: 'k', versionId: '0a', headers: {}, body: new Uint8Array(0) }),
  )
  assert.equal(entry.readUInt32BE(4), 0)
  assert.equal(entry.byteLength, 8 + entry.readUInt32BE(0))
})

const ok = '{"status":200,"versionId":"0a"}'
const no = '{"status":412,"code":"PreconditionFailed","message":"gone"}'

test('each has its line', () => {
  const [first, second] = decodeReplicaAnswers(`${ok}\n${no}\n`, 2)!
  assert.equal(first?.status, 200)
  assert.equal(first?.versionId, '0a')
  assert.equal(second?.status, 412)
  assert.equal(second?.code, 'PreconditionFailed')
  assert.equal(second?.message, 'gone')
  assert.equal(decodeReplicaAnswers(`${ok}\n${no}`, 2)?.length, 2)
  assert.equal(decodeReplicaAnswers('{"status":200,"later":1}\n', 1)?.length, 1)
})

for (const [name, text] of Object.entries({
  'of too few lines': `${ok}\n`,
  'of too many lines': `${ok}\n${ok}\n${ok}\n`,
  'that broke off in a line': `${ok}\n${ok.slice(0, -3)}`,
  'of nothing': '',
  'of empty lines': '\n\n',
  'that is a document': '<Error>\n</Error>',
  'of numbers': '1\n2',
  'of null': 'null\nnull',
  'without a status': `${ok}\n{"versionId":"0a"}`,
  'of a status that is none': `${ok}\n{"status":20}`,
  'of a status that is a text': `${ok}\n{"status":"200"}`,
  'of an id that is no text': `${ok}\n{"status":200,"versionId":1}`,
  'of a code that is no text': `${ok}\n{"status":400,"code":null}`,
}))
  test(`an answer ${name} is none`, () => assert.equal(decodeReplicaAnswers(text, 2), undefined))
