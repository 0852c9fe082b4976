import assert from 'node:assert/strict'
import { explainSignature, S3Error } from '@aquifer/http-adapter'
import fc from 'fast-check'
import { fuzz, mutated, wordSalad } from '../fuzz.js'
import { type PayloadKind, signMessage } from '../signing-client.js'
import { authenticate, authenticatorAt, EXAMPLE, type Message, read, withHeader } from './requests.js'

const now = Date.UTC(2026, 10, 23, 12)
const authenticator = authenticatorAt(now)

const sign = (form: 'header' | 'query', payload: PayloadKind, body?: Uint8Array) =>
  signMessage(EXAMPLE, {
    form,
    method: 'PUT',
    host: 'localhost:9000',
    path: '/bucket/a%20key',
    query: [['prefix', 'a b']],
    payload,
    date: new Date(now),
    chunkBytes: 8 * 1024,
    ...(body === undefined ? {} : { body }),
    ...(payload.endsWith('trailer') ? { trailer: ['x-amz-checksum-crc32', 'NhCmhg=='] as const } : {}),
  })

/** Whether it was refused properly: anything that is not an answer to the client is a crash. */
async function isRefused(attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt()
    return false
  } catch (error) {
    if (error instanceof S3Error) return true
    throw error
  }
}

const byHeader = sign('header', 'hashed')
const authorization = byHeader.headers.find(([name]) => name === 'authorization')![1]
const headerWords = [
  'AWS4-HMAC-SHA256 ',
  'Credential=',
  'SignedHeaders=',
  'Signature=',
  'host;',
  'x-amz-date',
  '/',
  ',',
  ', ',
  ' ',
  '=',
  ';',
  '0',
  'us-east-1/s3/aws4_request',
]

fuzz(
  'no Authorization header but the one that was signed is taken for a signature',
  fc.oneof(
    mutated(authorization),
    wordSalad(headerWords),
    wordSalad(headerWords).map((text) => `AWS4-HMAC-SHA256 ${text}`),
  ),
  async (text) => {
    const refused = await isRefused(() =>
      authenticate(authenticator, withHeader(byHeader, 'authorization', text)),
    )
    if (!refused) assert.deepEqual(fieldsOf(text), fieldsOf(authorization))
  },
)

/** What a header says, past the white space around its value that HTTP takes away (RFC 9110 §5.5). */
const fieldsOf = (text: string): string[] =>
  text
    .trim()
    .replace(/^AWS4-HMAC-SHA256 /, '')
    .split(',')
    .map((field) => field.trim().replace(/=.*/, (value) => value.toLowerCase()))
    .sort()

const byQuery = sign('query', 'unsigned')
const queryWords = [
  'X-Amz-',
  'Algorithm',
  'Credential',
  'Date',
  'Expires',
  'SignedHeaders',
  'Signature',
  'AWS4-HMAC-SHA256',
  '&',
  '=',
  '%',
  '%2',
  '%2F',
  '+',
  '?',
  ';',
  'prefix=',
  '1',
]

fuzz(
  'no URL but the one that was signed is taken for a signature',
  fc.oneof(
    mutated(byQuery.rawUrl),
    wordSalad(queryWords).map((text) => `/?${text}`),
    wordSalad(queryWords),
  ),
  async (rawUrl) => {
    const attempt = { ...byQuery, rawUrl }
    await isRefused(async () => {
      const { principal } = await authenticate(authenticator, attempt)
      if (!principal.anonymous) assert.equal(meaningOf(rawUrl), meaningOf(byQuery.rawUrl))
    })
  },
)

/** Path and parameters decoded: two URLs of one meaning may share a signature. */
const meaningOf = (rawUrl: string): string => {
  const [path, ...query] = rawUrl.split('?')
  return JSON.stringify([decodeURIComponent(path!), [...new URLSearchParams(query.join('?'))].sort()])
}

const headerName = fc.constantFrom(
  'host',
  'x-amz-date',
  'date',
  'x-amz-content-sha256',
  'content-encoding',
  'x-amz-trailer',
  'x-amz-decoded-content-length',
  'content-length',
  'x-amz-security-token',
  'x-amz-meta-a',
  'x-forwarded-host',
)

fuzz(
  'no header, repeated, huge or odd, does more than refuse the request',
  fc.record({
    base: fc.constantFrom(byHeader, byQuery),
    added: fc.array(fc.tuple(headerName, wordSalad(['a', ' ', ',', ';', 'aws-chunked', '\xe9', '\t', '1'])), {
      maxLength: 5,
    }),
    isInstead: fc.boolean(),
  }),
  async ({ base, added, isInstead }) => {
    const names = new Set(added.map(([name]) => name))
    const kept = isInstead ? base.headers.filter(([name]) => !names.has(name as never)) : base.headers
    await isRefused(() => read(authenticator, { ...base, headers: [...kept, ...added] }))
  },
)

fuzz(
  'explaining a signature never fails, whatever was sent',
  fc.record({
    rawUrl: mutated(byQuery.rawUrl),
    claimed: fc.oneof(fc.constant(undefined), mutated(byQuery.canonicalRequest)),
  }),
  ({ rawUrl, claimed }) =>
    explainSignature(
      { method: 'PUT', rawUrl, rawHeaders: byQuery.headers, secure: false },
      {
        now: () => now,
        credentials: { findCredentials: () => ({ secretAccessKey: 'a', ownerId: 'o', displayName: 'o' }) },
      },
      claimed,
    ),
)

const data = Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * 31) & 0xff))

for (const payload of [
  'signed-chunked',
  'signed-chunked-trailer',
  'unsigned-chunked',
  'unsigned-chunked-trailer',
] as const) {
  const message = sign('header', payload, data)
  const sent = Buffer.concat(message.frames).toString('latin1')
  const isSigned = payload.startsWith('signed')
  fuzz(
    `${payload}: a spoilt body is refused${isSigned ? ' or is the one that was signed' : ', or is as long as was announced'}`,
    fc.record({
      text: fc.oneof(
        { weight: 4, arbitrary: mutated(sent) },
        {
          weight: 1,
          arbitrary: wordSalad([
            '5\r\n',
            '0\r\n',
            '\r\n',
            '\n',
            ';chunk-signature=',
            'x-amz-checksum-crc32:',
            'a',
            'ffff',
          ]),
        },
      ),
      cut: fc.integer({ min: 50, max: 70_000 }),
    }),
    async ({ text, cut }) => {
      const frames: Buffer[] = []
      for (let at = 0; at < text.length; at += cut)
        frames.push(Buffer.from(text.slice(at, at + cut), 'latin1'))
      await isRefused(async () => {
        const bytes = await readBody({ ...message, frames })
        if (isSigned) assert.deepEqual(bytes, data)
        else assert.equal(bytes.byteLength, data.byteLength)
      })
    },
  )
}

async function readBody(message: Message): Promise<Buffer> {
  const { payload } = await authenticate(authenticator, message)
  const chunks: Buffer[] = []
  for await (const chunk of payload.open().body) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
