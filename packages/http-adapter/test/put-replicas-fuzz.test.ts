import assert from 'node:assert/strict'
import { after } from 'node:test'
import { S3Error } from '@aquifer/http-adapter'
import fc from 'fast-check'
import { readReplicaList } from '../dist/wire/replica-list.js'
import { fuzz, mutated, wordSalad } from './fuzz.js'
import { entryOf, linesOf, listHeaders, listOf } from './replica-list.js'
import { S3InMemory } from './s3-in-memory.js'

const versionId = '0123456789abcdef0123456789abcdef'
const headers = {
  'x-minio-source-replication-request': 'true',
  'x-minio-source-mtime': '2026-11-23T12:00:00.123Z',
  'x-amz-meta-colour': 'gr\xfcn',
  'content-type': 'text/plain',
}
const list = listOf([
  { key: 'a key', versionId, headers, bytes: Buffer.from('bytes') },
  { key: 'ä', versionId: versionId.replace('0', '1'), headers, bytes: Buffer.alloc(0) },
]).toString('latin1')
const words = [
  '{',
  '}',
  '"',
  ':',
  ',',
  '[',
  ']',
  '"key"',
  '"versionId"',
  '"headers"',
  versionId,
  '__proto__',
  '\\u0000',
]

/** It is read or refused properly; what is read can be written again, and is then read as the same. */
function exercise(body: Uint8Array): void {
  let found: ReturnType<typeof readReplicaList>
  try {
    found = readReplicaList(body)
  } catch (error) {
    if (error instanceof S3Error) return
    throw error
  }
  assert.ok(found.length > 0)
  for (const { key, headers } of found) {
    assert.notEqual(key, '')
    for (const [name, value] of headers) {
      assert.equal(name, name.toLowerCase())
      assert.doesNotMatch(value, /[\0\r\n]|[^\0-\xff]/)
    }
  }
  const again = readReplicaList(
    listOf(found.map((put) => ({ ...put, headers: Object.fromEntries(put.headers) }))),
  )
  const plain = (puts: typeof found) =>
    puts.map((put) => ({ ...put, headers: new Map([...put.headers].sort()), bytes: Buffer.from(put.bytes) }))
  assert.deepEqual(plain(again), plain(found))
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

fuzz('a list of versions is read or refused, whatever was done to it', mutated(list), (text) =>
  exercise(latin1(text)),
)
fuzz('any bytes are a list of versions or refused', fc.uint8Array({ maxLength: 4_096 }), exercise)
fuzz(
  'any heads are those of versions or refused',
  fc.array(
    fc.oneof(wordSalad(words, 2_000), fc.json(), mutated(JSON.stringify({ key: 'k', versionId, headers }))),
    {
      maxLength: 4,
    },
  ),
  (heads) => exercise(Buffer.concat(heads.map((head) => entryOf(Buffer.from(head))))),
)

const s3 = await S3InMemory.open()
after(() => s3.engine.close())
await s3.engine.createBucket('bucket')
const bucket = s3.engine.bucket('bucket')
await bucket.setConfiguration('versioning', 'enabled')

fuzz(
  'whatever is sent is answered, and as many versions are there as was answered',
  mutated(list),
  async (text) => {
    const answer = await s3.ask('POST', '/bucket?aquifer-replicas', {
      headers: listHeaders,
      body: latin1(text),
    })
    const lines = answer.status === 200 ? linesOf(answer.text) : []
    if (answer.status !== 200) assert.equal(answer.status, 400, answer.text)
    for (const { status } of lines) assert.ok(status < 500 || status === 501, answer.text)
    const told = lines.flatMap(({ status, versionId }) => (status === 200 ? [versionId!] : []))
    const found = []
    for await (const entry of bucket.listVersions()) if (entry.type === 'version') found.push(entry.info)
    assert.deepEqual(new Set(found.map(({ versionId }) => versionId)), new Set(told), answer.text)
    for (const { key, versionId } of found) await bucket.delete(key, { versionId: versionId! })
  },
)
