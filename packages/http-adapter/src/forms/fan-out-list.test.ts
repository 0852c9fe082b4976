import assert from 'node:assert/strict'
import test from 'node:test'
import { S3Error } from '../s3-error.js'
import { type FanOutEntry, FanOutList, headersOfEntry } from './fan-out-list.js'

async function* pieces(text: string, sizeBytes: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.byteLength; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes)
}

async function read(text: string, { entriesMax = 10, sizeBytes = 1_000_000 } = {}): Promise<FanOutEntry[]> {
  const list = new FanOutList(entriesMax)
  await list.take(pieces(Buffer.from(text).toString('latin1'), sizeBytes))
  return list.entries()
}

const plain = (key: string) => ({ key, fields: new Map() })

test('objects follow each other with or without a line between them, however they are cut', async () => {
  const text = '{"key":"a{\\"}"} {"key":"b"}\n\n{"key":"ü"}\r\n'
  for (const sizeBytes of [1, 3, 1_000])
    assert.deepEqual(await read(text, { sizeBytes }), [plain('a{"}'), plain('b'), plain('ü')])
  assert.deepEqual(await read(' \n'), [])
})

test('every member of an entry means what it says', async () => {
  const [entry] = await read(
    JSON.stringify({
      key: 'k',
      metadata: {
        'x-amz-meta-Who': 'me',
        plain: '1',
        'Content-Type': 'a/b',
        Expires: 'never',
        __proto__: 'no',
      },
      tags: { t: '1', 'a b': 'c&d' },
      contentEncoding: 'gzip',
      contentDisposition: 'inline',
      contentLanguage: 'de',
      cacheControl: 'no-store',
      retention: 'GOVERNANCE',
      retainUntil: '2030-01-02T03:04:05.123456789+05:30',
      unknown: { ignored: true },
    }),
  )
  assert.equal(entry?.key, 'k')
  assert.deepEqual(Object.fromEntries(entry.fields), {
    'x-amz-meta-who': 'me',
    'x-amz-meta-plain': '1',
    'content-type': 'a/b',
    expires: 'never',
    'content-encoding': 'gzip',
    'content-disposition': 'inline',
    'content-language': 'de',
    'cache-control': 'no-store',
    'x-amz-tagging': 't=1&a%20b=c%26d',
    'x-amz-object-lock-mode': 'GOVERNANCE',
    'x-amz-object-lock-retain-until-date': '2030-01-01T21:34:05.123Z',
  })
})

const ofForm = new Map([
  ['content-type', 'text/all'],
  ['x-amz-meta-who', 'all'],
  ['x-amz-tagging', 'a=b'],
])
const headersOf = async (entry: object) => {
  const [read1] = await read(JSON.stringify({ key: 'k', ...entry }))
  return Object.fromEntries(headersOfEntry(read1!, ofForm))
}

test('what an entry does not say, the form says', async () => {
  assert.deepEqual(await headersOf({}), Object.fromEntries(ofForm))
  assert.deepEqual(
    await headersOf({ contentType: 'text/own', metadata: { 'X-Amz-Meta-Who': 'ü' }, tags: {} }),
    {
      'content-type': 'text/own',
      'x-amz-meta-who': Buffer.from('ü').toString('latin1'), // One character a byte, as headers arrive.
      'x-amz-tagging': '',
    },
  )
})

test('what an entry asks for and would not get is refused', async () => {
  for (const name of ['x-amz-server-side-encryption', 'X-Amz-Acl', 'x-minio-source-etag', 'x-amz-meta-'])
    await assert.rejects(headersOf({ metadata: { [name]: 'x' } }), { code: 'NotImplemented' }, name)
  const { 'x-amz-storage-class': storageClass } = await headersOf({
    metadata: { 'x-amz-storage-class': 'X' },
  })
  assert.equal(storageClass, 'X')
})

test('what no header can carry is refused', async () => {
  for (const entry of [
    { contentType: 'a\r\nset-cookie: b' },
    { cacheControl: 'a\u0000' },
    { metadata: { 'a b': 'c' } },
    { metadata: { a: '\n' } },
  ])
    await assert.rejects(headersOf(entry), { code: 'InvalidArgument' })
})

test("what Go's encoder leaves empty is as if it were not there", async () => {
  const text = '{"key":"k","metadata":null,"tags":null,"contentType":"","retention":"","retainUntil":null}'
  assert.deepEqual(await read(text), [plain('k')])
})

for (const [what, text] of [
  ['an array', '[{"key":"a"}]'],
  ['a text', '"a"'],
  ['what is no JSON', '{"key":a}'],
  ['half an object', '{"key":"a"'],
  ['a key that is no text', '{"key":1}'],
  ['metadata that is no object', '{"key":"a","metadata":["b"]}'],
  ['tags that are no texts', '{"key":"a","tags":{"b":1}}'],
  ['half a character', '{"key":"a","tags":{"b":"\\ud800"}}'],
  ['half a retention', '{"key":"a","retention":"GOVERNANCE"}'],
  ['a mode that is none', '{"key":"a","retention":"FOREVER","retainUntil":"2030-01-02T03:04:05Z"}'],
  ['more entries than allowed', '{"key":"a"}'.repeat(11)],
  ['more bytes than allowed', `{"key":"${'a'.repeat(9 * 1024 ** 2)}"}`],
  ['what lies between two objects', '{"key":"a"},{"key":"b"}'],
] as const)
  test(`a list of ${what} is refused`, async () => {
    await assert.rejects(
      read(text),
      (error) => error instanceof S3Error && error.code === 'MalformedPOSTRequest',
    )
  })

test('a list that is no UTF-8 is refused', async () => {
  const list = new FanOutList(10)
  await list.take(pieces('{"key":"\xff"}', 100))
  assert.throws(() => list.entries(), { code: 'MalformedPOSTRequest' })
})

test('what is cut out, doubled or changed by chance is read or refused, never more', async () => {
  const seed = Number(process.env.AQUIFER_SEED ?? Date.now() % 1_000_000)
  let state = seed
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state % below
  }
  const whole = JSON.stringify({
    key: 'k\\"{}',
    metadata: { a: 'b' },
    tags: { c: 'd' },
    retention: 'COMPLIANCE',
  })
  const ends = Date.now() + Number(process.env.AQUIFER_FUZZ_MS ?? 200)
  for (let n = 0; n < 200 || Date.now() < ends; n++) {
    let text = `${whole}\n${whole}`
    for (let changes = random(6); changes >= 0; changes--) {
      const [from, length] = [random(text.length + 1), random(8)]
      const put = ['', '{', '}', '"', '\\', '\u0000', '[', text.slice(from, from + length).repeat(2)][
        random(8)
      ]
      text = text.slice(0, from) + put + text.slice(from + length)
    }
    try {
      await read(text)
    } catch (error) {
      assert.ok(error instanceof S3Error, `AQUIFER_SEED=${seed}: ${error}`)
    }
  }
})
