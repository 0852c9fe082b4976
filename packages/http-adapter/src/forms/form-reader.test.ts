import assert from 'node:assert/strict'
import test from 'node:test'
import { S3Error } from '../s3-error.js'
import { FormReader } from './form-reader.js'

const B = 'aBoundary'
const part = (head: string, text: string): string => `--${B}\r\n${head}\r\n\r\n${text}\r\n`
const named = (name: string, text: string): string =>
  part(`Content-Disposition: form-data; name="${name}"`, text)
const file = (text: string, name = 'file'): string =>
  part(`Content-Disposition: form-data; name="${name}"; filename="a.txt"\r\nContent-Type: image/png`, text)
const end = `--${B}--\r\n`

/** In pieces of so many bytes, as a network cuts them. */
async function* pieces(body: string, sizeBytes = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(body, 'latin1')
  for (let at = 0; at < bytes.byteLength; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes)
}

interface Read {
  readonly fields: readonly (readonly [string, string])[]
  readonly parts: [name: string, filename: string, text: string][]
}

async function read(body: AsyncIterable<Uint8Array>, streamed?: ReadonlySet<string>): Promise<Read> {
  const reader = new FormReader(body, `multipart/form-data; boundary=${B}`, streamed)
  const fields = await reader.readFields()
  const parts: Read['parts'] = []
  for (let found = await reader.nextPart(); found !== undefined; found = await reader.nextPart()) {
    const chunks: Buffer[] = []
    for await (const chunk of found.bytes) chunks.push(Buffer.from(chunk))
    parts.push([found.name, found.filename, Buffer.concat(chunks).toString('latin1')])
  }
  return { fields, parts }
}

const binary = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')
const almost = `\r\n--${B.slice(0, -1)}\r\n-\r\n--\r\n`

const good: [what: string, body: string, wanted: Read][] = [
  [
    'fields and a file',
    named('Key', 'k') + named('b', '1\r\n2') + file('bytes') + end,
    {
      fields: [
        ['key', 'k'],
        ['b', '1\r\n2'],
      ],
      parts: [['file', 'a.txt', 'bytes']],
    },
  ],
  ['a file of every byte', file(binary) + end, { fields: [], parts: [['file', 'a.txt', binary]] }],
  [
    'a file that almost holds the boundary',
    file(almost) + end,
    { fields: [], parts: [['file', 'a.txt', almost]] },
  ],
  [
    'a file of nothing',
    named('key', 'k') + file('') + end,
    { fields: [['key', 'k']], parts: [['file', 'a.txt', '']] },
  ],
  [
    'a file that is sent as a field',
    named('FILE', 'text') + end,
    { fields: [], parts: [['file', '', 'text']] },
  ],
  [
    'fields behind the file, which are ignored',
    file('f') + named('key', 'late') + end,
    { fields: [], parts: [['file', 'a.txt', 'f']] },
  ],
  ['no file', named('key', 'k') + end, { fields: [['key', 'k']], parts: [] }],
  ['nothing', end, { fields: [], parts: [] }],
  [
    'words before and behind',
    `ignore me\r\n${file('f')}${end}and me`,
    { fields: [], parts: [['file', 'a.txt', 'f']] },
  ],
  ['no line break at its end', file('f') + end.trim(), { fields: [], parts: [['file', 'a.txt', 'f']] }],
  [
    'text in UTF-8',
    named('key', 'Ã¼') + file('f') + end,
    { fields: [['key', 'ü']], parts: [['file', 'a.txt', 'f']] },
  ],
  [
    'names that objects have',
    named('__proto__', 'x') + named('constructor', 'y') + file('f') + end,
    {
      fields: [
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ],
      parts: [['file', 'a.txt', 'f']],
    },
  ],
  [
    'odd headers of parts',
    part('__proto__: x\r\nX-Odd: 1\r\ncontent-disposition:form-data;name=key', 'k') + file('f') + end,
    { fields: [['key', 'k']], parts: [['file', 'a.txt', 'f']] },
  ],
]
for (const [what, body, wanted] of good)
  test(`a form of ${what} reads the same however it is cut`, async () => {
    for (const sizeBytes of [1, 2, 3, 7, 64, undefined])
      assert.deepEqual(await read(pieces(body, sizeBytes)), wanted)
  })

const many = (count: number): string =>
  Array.from({ length: count }, (_, at) => named(`x-ignore-${at}`, '')).join('')

const bad: [what: string, body: string, code: string][] = [
  ['nothing at all', '', 'MalformedPOSTRequest'],
  ['no form', '{"a":1}', 'MalformedPOSTRequest'],
  ['no end', named('key', 'k') + file('f'), 'MalformedPOSTRequest'],
  ['half an end', named('key', 'k') + file('f') + end.slice(0, -3), 'MalformedPOSTRequest'],
  ['half a file', named('key', 'k') + file('half a file').slice(0, -8), 'MalformedPOSTRequest'],
  ['half a field', named('key', 'k').slice(0, -3), 'MalformedPOSTRequest'],
  ['another boundary', (file('f') + end).replaceAll(B, 'other'), 'MalformedPOSTRequest'],
  ['bare line feeds', (named('key', 'k') + file('f') + end).replaceAll('\r\n', '\n'), 'MalformedPOSTRequest'],
  [
    'a part without a name',
    part('Content-Disposition: form-data', 'x') + file('f') + end,
    'MalformedPOSTRequest',
  ],
  ['text that is no UTF-8', named('key', '\xff') + file('f') + end, 'MalformedPOSTRequest'],
  ['a name that is no UTF-8', named('\xff', 'x') + file('f') + end, 'MalformedPOSTRequest'],
  ['two files', file('f') + file('g') + end, 'InvalidArgument'],
  ['a thousand parts and one', many(1_001) + file('f') + end, 'MalformedPOSTRequest'],
  [
    'a field that is too long',
    named('policy', 'p'.repeat(20 * 1024)) + file('f') + end,
    'MaxPostPreDataLengthExceeded',
  ],
  [
    'fields that are too long together',
    named('a', 'p'.repeat(12_000)) + named('b', 'p'.repeat(12_000)) + file('f') + end,
    'MaxPostPreDataLengthExceeded',
  ],
  [
    'too much before it begins',
    `${'-'.repeat(400_000)}\r\n${file('f')}${end}`,
    'MaxPostPreDataLengthExceeded',
  ],
  ['too much behind its file', file('f') + named('a', '-'.repeat(400_000)) + end, 'MalformedPOSTRequest'],
]
for (const [what, body, code] of bad)
  test(`a form of ${what} is refused however it is cut`, async () => {
    for (const sizeBytes of [1, 5, 1_000, 65_536]) {
      if (body.length / sizeBytes > 20_000) continue
      await assert.rejects(
        read(pieces(body, sizeBytes)),
        (error) => error instanceof S3Error && error.code === code,
        `${sizeBytes}`,
      )
    }
  })

test('fields to the last allowed byte, and parts to the last, are taken', async () => {
  const { fields } = await read(pieces(many(999) + file('f') + end))
  assert.equal(fields.length, 999)
  const value = 'p'.repeat(20 * 1024 - 1)
  assert.deepEqual((await read(pieces(named('a', value) + file('f') + end))).fields, [['a', value]])
})

for (const contentType of [
  'multipart/form-data',
  'multipart/form-data; boundary',
  `multipart/form-data; boundary=${'b'.repeat(300)}`,
])
  test(`${contentType.slice(0, 40)} names no boundary`, async () => {
    await assert.rejects(
      async () => new FormReader(pieces(end), contentType),
      (error) => error instanceof S3Error && error.code === 'MalformedPOSTRequest',
    )
  })

test('a file is read at the pace of its reader, a piece of the body at a time', async () => {
  let given = 0
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(named('key', 'k') + file('').replace(/\r\n$/, ''))
    for (; given < 100; given++) yield Buffer.alloc(64 * 1024, 'x')
    yield Buffer.from(`\r\n${end}`)
  }
  const reader = new FormReader(body(), `multipart/form-data; boundary=${B}`)
  await reader.readFields()
  const found = await reader.nextPart()
  assert.equal(given, 0)
  let sizeBytes = 0
  for await (const chunk of found!.bytes) {
    sizeBytes += chunk.byteLength
    assert.ok(given - sizeBytes / 65_536 < 3, `${given} pieces were taken for ${sizeBytes} bytes`)
  }
  assert.equal(sizeBytes, 100 * 64 * 1024)
})

test('a body that breaks fails the file, and a reader who leaves lets go of the body', async () => {
  async function* breaks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(file('begun').slice(0, -4))
    throw new Error('The line is cut.')
  }
  await assert.rejects(read(breaks()), /The line is cut/)
  let isClosed = false
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from(file('begun').slice(0, -4))
      for (;;) yield Buffer.alloc(1_000)
    } finally {
      isClosed = true
    }
  }
  const reader = new FormReader(endless(), `multipart/form-data; boundary=${B}`)
  for await (const _chunk of (await reader.nextPart())!.bytes) break
  assert.equal(isClosed, true)
})

test('a list may pass by before the file, and no field may come between', async () => {
  const streamed = new Set(['list', 'file'])
  const list = named('list', '{"key":"a"}\n'.repeat(4_000))
  const found = await read(pieces(named('key', 'k') + list + list + file('f') + end, 1_000), streamed)
  assert.deepEqual(found.fields, [['key', 'k']])
  assert.deepEqual(
    found.parts.map(([name, , text]) => [name, text.length]),
    [
      ['list', 48_000],
      ['list', 48_000],
      ['file', 1],
    ],
  )
  await assert.rejects(
    read(pieces(named('key', 'k') + list + named('acl', 'x') + file('f') + end, 1_000), streamed),
    (error) => error instanceof S3Error && error.code === 'MalformedPOSTRequest',
  )
})
