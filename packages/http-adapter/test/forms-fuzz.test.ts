import assert from 'node:assert/strict'
import { after } from 'node:test'
import fc from 'fast-check'
import { EXAMPLE } from './auth/requests.js'
import { contentType, FILENAME, type Fields, formBody, signForm } from './forms.js'
import { fuzz, mutated, wordSalad } from './fuzz.js'
import { type Answered, S3InMemory } from './s3-in-memory.js'

/** Forms by strangers: none is our own fault, none stays unanswered, and what is stored is what was said to be. */
const now = Date.UTC(2026, 10, 23, 12)
const date = new Date(now)
const s3 = await S3InMemory.open({
  now: () => now,
  credentials: {
    findCredentials: () => ({
      secretAccessKey: EXAMPLE.secretAccessKey,
      ownerId: 'owner',
      displayName: 'Owner',
    }),
  },
})
after(() => s3.engine.close())
await s3.engine.createBucket('bucket')
const bucket = s3.engine.bucket('bucket')

async function* inPieces(bytes: Uint8Array, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes)
}

const post = (body: Uint8Array, sizeBytes = 65_536, type = contentType): Promise<Answered> =>
  s3.carry({
    method: 'POST',
    rawUrl: '/bucket',
    rawHeaders: [
      ['Host', 's3.test'],
      ['Content-Type', type],
    ],
    body: inPieces(body, sizeBytes),
    secure: false,
    signal: new AbortController().signal,
  })

/** What was answered, and that a bucket holds one object more exactly when that is what was answered. */
async function assertHonest(answer: Answered): Promise<void> {
  const { status, text, code } = answer
  assert.ok([200, 201, 204, 303].includes(status) || (status >= 400 && status < 500) || status === 501, text)
  if (status >= 400) assert.ok(code !== undefined, text)
  const { entries } = await bucket.list().page()
  assert.equal(entries.length, status < 400 ? 1 : 0, text)
  for (const entry of entries) if (entry.type === 'object') await bucket.delete(entry.info.key)
}

const conditions = [
  { bucket: 'bucket' },
  ['starts-with', '$key', 'a/'],
  ['starts-with', '$Content-Type', 'text/'],
  { 'x-amz-meta-a': 'b' },
  ['content-length-range', 1, 100],
]
const fields: Fields = [
  ['key', `a/${FILENAME}`],
  ['Content-Type', 'text/plain'],
  ['x-amz-meta-a', 'b'],
]
const document = JSON.stringify({ expiration: '2026-11-23T12:00:01.000Z', conditions })

fuzz(
  'policies that are signed',
  fc.oneof(
    mutated(document),
    wordSalad(
      [
        '{',
        '}',
        '[',
        ']',
        '"',
        ':',
        ',',
        '\\',
        '\\u0000',
        'null',
        '1e999',
        '-1',
        '"expiration"',
        '"conditions"',
        '"eq"',
        '"starts-with"',
        '"content-length-range"',
        '"$key"',
        '"__proto__"',
        '["eq","$key","a"]',
        '{"key":"a"}',
      ],
      12_000,
    ),
    fc.json().map((json) => `{"expiration":"2026-11-23T12:00:01.000Z","conditions":[${json}]}`),
  ),
  async (policy) => {
    await assertHonest(
      await post(formBody([...fields, ...signForm({ date, conditions: [], policy })], { bytes: 'file' })),
    )
  },
)

const whole = formBody([...fields, ...signForm({ date, conditions })], { bytes: 'the file' }).toString(
  'latin1',
)

fuzz(
  'bodies that were forms',
  fc.tuple(mutated(whole), fc.constantFrom(1, 2, 7, 64, 1_000, 65_536)),
  async ([body, sizeBytes]) => {
    await assertHonest(await post(Buffer.from(body, 'latin1'), sizeBytes))
  },
)

fuzz(
  'bodies made of the words of forms',
  wordSalad([
    `--${contentType.slice(30)}`,
    '------WebKitFormBoundary7MA4YWxkTrZu0gW',
    '\r\n',
    '\n',
    '--',
    'Content-Disposition: form-data; name="key"',
    'Content-Disposition: form-data; name="file"; filename="x"',
    '; name=',
    '"',
    '\\',
    "filename*=utf-8''%ff",
    'Content-Type: text/plain; charset=utf-16le',
    ': ',
    'key',
    'file',
    '__proto__: a',
    '\r\n\r\n',
    ';',
    '=',
  ]),
  async (body) => {
    await assertHonest(await post(Buffer.from(body, 'latin1'), 1_000))
  },
)

const name = fc.oneof(
  fc.constantFrom(
    'key',
    'Content-Type',
    'acl',
    'tagging',
    'redirect',
    'success_action_redirect',
    'success_action_status',
    'x-amz-meta-a',
    'x-amz-storage-class',
    'x-amz-checksum-crc32',
    'x-amz-checksum-algorithm',
    'Content-MD5',
    'Expires',
    'x-amz-object-lock-mode',
    'x-amz-object-lock-retain-until-date',
    'x-amz-server-side-encryption',
    'x-minio-internal-a',
    'x-ignore-a',
    'bucket',
    'file',
    'policy',
    '__proto__',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    'a',
    'private',
    '<Tagging><TagSet/></Tagging>',
    'https://a.example/?b',
    '201',
    'GOVERNANCE',
    '2030-01-01T00:00:00Z',
    'AAAAAA==',
    FILENAME,
    '\r\n',
    '\0',
    '../..',
    'CRC32',
  ),
)

fuzz('fields that a policy allows', fc.array(fc.tuple(name, value), { maxLength: 8 }), async (given) => {
  const clean = given.map(([name, value]) => [name.replace(/["\r\n\\]/g, ''), value] as const)
  const allowed = clean.map(([name]) => ['starts-with', `$${name}`, ''])
  const signed = signForm({
    date,
    conditions: [{ bucket: 'bucket' }, ['starts-with', '$key', ''], ...allowed],
  })
  await assertHonest(await post(formBody([['key', 'k'], ...clean, ...signed], { bytes: 'file' })))
  await assertHonest(await post(formBody([...clean, ...signed], { bytes: 'file' })))
})

fuzz(
  'boundaries',
  fc.oneof(
    wordSalad(['multipart/form-data', ';', ' ', 'boundary', '=', '"', "'", '*', '%', 'x', '\\', ','], 2_000),
    mutated(contentType),
  ),
  async (type) => {
    await assertHonest(await post(Buffer.from(whole, 'latin1'), 1_000, `multipart/form-data;${type}`))
  },
)
