import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import {
  createS3Handler,
  type OperationName,
  operations,
  type Profile,
  type Row,
  type S3Handler,
} from '@aquifer/http-adapter'
import { EXAMPLE, type Message, withHeader } from './auth/requests.js'
import { openEngine } from './open-engine.js'
import { requestFor } from './request-for-row.js'
import { type PayloadKind, type SignedMessage, signMessage } from './signing-client.js'

const now = Date.UTC(2026, 10, 23, 12)
const HOST = 's3.test:9000'

const KINDS: readonly PayloadKind[] = [
  'hashed',
  'unsigned',
  'unsigned-chunked-trailer',
  'signed-chunked',
  'signed-chunked-trailer',
]

interface Attempt {
  readonly what: string
  readonly message: Message
  readonly code: RegExp
}

function* attempts(row: Row): Generator<Attempt> {
  const asked = requestFor(row)
  const sign = (form: 'header' | 'query', payload: PayloadKind, secretAccessKey: string): SignedMessage =>
    signMessage(
      { ...EXAMPLE, secretAccessKey },
      {
        ...asked,
        form,
        payload,
        host: HOST,
        date: new Date(now),
        body: Buffer.from('<Nothing/>'),
        ...(payload.endsWith('trailer') ? { trailer: ['x-amz-checksum-crc32', 'AAAAAA=='] as const } : {}),
      },
    )
  const unsigned = (message: SignedMessage): Message =>
    withHeader(
      { ...message, rawUrl: message.rawUrl.replace(/[?&]X-Amz-[^&]*/g, '').replace(/^([^?&]*)&/, '$1?') },
      'authorization',
      undefined,
    )
  for (const payload of KINDS) {
    for (const form of ['header', 'query'] as const) {
      const message = sign(form, payload, 'another secret')
      yield { what: `${form}, ${payload}, wrong key`, message, code: /^SignatureDoesNotMatch$/ }
    }
    const anonymous = unsigned(sign('header', payload, 'another secret'))
    const code =
      payload === 'unsigned' || payload === 'unsigned-chunked-trailer' ? /^AccessDenied$/ : /^InvalidRequest$/
    yield { what: `${payload}, no signature`, message: anonymous, code }
  }
  const headerless = withHeader(unsigned(sign('header', 'unsigned', '')), 'x-amz-content-sha256', undefined)
  yield { what: 'nothing that signs', message: headerless, code: /^AccessDenied$/ }
  const mark = asked.query?.length ? '&' : '?'
  const target =
    asked.path + (mark === '&' ? `?${asked.query!.map(([name, value]) => `${name}=${value}`).join('&')}` : '')
  yield {
    what: 'a version 2 header, wrong key',
    message: withHeader(
      withHeader({ ...headerless, rawUrl: target }, 'date', new Date(now).toUTCString()),
      'authorization',
      `AWS ${EXAMPLE.accessKeyId}:AAAAAAAAAAAAAAAAAAAAAAAAAAA=`,
    ),
    code: /^SignatureDoesNotMatch$/,
  }
  yield {
    what: 'a version 2 URL, wrong key',
    message: {
      ...withHeader(headerless, 'x-amz-date', undefined),
      rawUrl: `${target}${mark}AWSAccessKeyId=${EXAMPLE.accessKeyId}&Expires=9999999999&Signature=AAAA`,
    },
    code: /^SignatureDoesNotMatch$/,
  }
  // Only the query names that S3 knows sign; others, and half a signature, do not open a door.
  const query = sign('query', 'unsigned', 'another secret')
  yield {
    what: 'a presigned query in lower case',
    message: { ...query, rawUrl: query.rawUrl.replaceAll('X-Amz-', 'x-amz-') },
    code: /^AccessDenied$/,
  }
  yield {
    what: 'a presigned query without its signature',
    message: { ...query, rawUrl: query.rawUrl.replace(/&X-Amz-Signature=.*/, '') },
    code: /^AuthorizationQueryParametersError$/,
  }
}

async function ask(
  handler: S3Handler,
  { method, rawUrl, headers, frames }: Message,
): Promise<{ status: number; text: string }> {
  const { status, body } = await handler({
    method,
    rawUrl,
    rawHeaders: headers,
    body: (async function* () {
      yield* frames
    })(),
    secure: false,
    signal: new AbortController().signal,
  })
  const chunks: Uint8Array[] = []
  if (body instanceof Uint8Array) chunks.push(body)
  else if (body !== undefined) for await (const chunk of body) chunks.push(Buffer.from(chunk))
  return { status, text: Buffer.concat(chunks).toString() }
}

test('a multi-object delete by nobody deletes nothing, and says so for each key', async () => {
  await using engine = await openEngine({})
  await engine.createBucket('bucket')
  await engine.bucket('bucket').put('key', Buffer.from('unharmed'))
  const handler = createS3Handler(engine, { credentials: { findCredentials: () => undefined } })
  const body = Buffer.from(
    '<Delete><Object><Key>key</Key></Object><Object><Key>other</Key></Object></Delete>',
  )
  const { text } = await ask(handler, {
    method: 'POST',
    rawUrl: '/bucket?delete',
    headers: [
      ['host', HOST],
      ['content-length', String(body.byteLength)],
      ['content-md5', createHash('md5').update(body).digest('base64')],
    ],
    frames: [body],
  })
  assert.equal(text.match(/<Error><Key>(key|other)<\/Key><Code>AccessDenied</g)?.length, 2, text)
  assert.equal((await engine.bucket('bucket').head('key')).sizeBytes, 8)
})

for (const profile of ['aistor', 'aws', 'express'] satisfies Profile[]) {
  test(`${profile}: no operation of the table can be had without a good signature`, async () => {
    await using engine = await openEngine({})
    await engine.createBucket('bucket')
    await engine.bucket('bucket').put('key', Buffer.from('unharmed'))
    const upload = await engine.bucket('bucket').createUpload('key')
    const handler = createS3Handler(engine, {
      profile,
      signatureV2: true,
      now: () => now,
      credentials: {
        findCredentials: () => ({ secretAccessKey: EXAMPLE.secretAccessKey, ownerId: 'o', displayName: 'o' }),
      },
    })
    let count = 0
    for (const name of Object.keys(operations) as OperationName[]) {
      // A browser asks its preflight question without credentials, and learns nothing but CORS.
      const row = operations[name]
      if ('sameWireAs' in row || name.startsWith('Preflight')) continue
      for (const { what, message, code } of attempts(row)) {
        count++
        const { status, text } = await ask(handler, message)
        assert.ok(status >= 400, `${name}, ${what}: ${status}`)
        // What asks for rights key by key, or answers nobody yet, may refuse for another reason first.
        if ('openToAll' in row.needs || row.needs.every(({ isRequired }) => !isRequired)) continue
        if (message.method !== 'HEAD')
          assert.match(/<Code>(.*?)</.exec(text)?.[1] ?? '', code, `${name}, ${what}`)
      }
    }
    assert.ok(count > 1_000, String(count))
    await using object = await engine.bucket('bucket').get('key')
    assert.equal(Buffer.from(await object.bytes()).toString(), 'unharmed')
    const entries = (await engine.bucket('bucket').list().page()).entries
    assert.equal(entries.length, 1)
    await upload.abort()
  })
}
