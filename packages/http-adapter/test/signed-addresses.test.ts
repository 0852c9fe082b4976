import assert from 'node:assert/strict'
import test from 'node:test'
import type { S3HandlerOptions } from '@aquifer/http-adapter'
import { EXAMPLE, withHeader } from './auth/requests.js'
import { type Answered, S3InMemory } from './s3-in-memory.js'
import { signMessage, type ToSign } from './signing-client.js'

const now = Date.UTC(2026, 10, 23, 12)

async function standing(options: Partial<S3HandlerOptions>): Promise<S3InMemory> {
  const s3 = await S3InMemory.open({
    now: () => now,
    credentials: {
      findCredentials: () => ({ secretAccessKey: EXAMPLE.secretAccessKey, ownerId: 'o', displayName: 'o' }),
    },
    ...options,
  })
  for (const name of ['mine', 'yours']) {
    await s3.engine.createBucket(name)
    await s3.engine.bucket(name).put('key', Buffer.from(`in ${name}`))
  }
  return s3
}

interface Arrival {
  /** What a proxy made of the request on its way. */
  readonly host?: string
  readonly rawUrl?: (signed: string) => string
  readonly forwardedHost?: string
  readonly remoteAddress?: string
}

function get(
  s3: S3InMemory,
  signed: Pick<ToSign, 'host' | 'path'>,
  arrival: Arrival = {},
): Promise<Answered> {
  const message = signMessage(EXAMPLE, {
    ...signed,
    form: 'query',
    method: 'GET',
    payload: 'unsigned',
    date: new Date(now),
  })
  const { host = signed.host, rawUrl = (url) => url, forwardedHost, remoteAddress } = arrival
  return s3.carry({
    method: 'GET',
    rawUrl: rawUrl(message.rawUrl),
    rawHeaders: withHeader(withHeader(message, 'host', host), 'x-forwarded-host', forwardedHost).headers,
    body: (async function* () {})(),
    secure: false,
    signal: new AbortController().signal,
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
  })
}

test('a bucket in the host name is no part of the path that is signed', async () => {
  await using s3 = await standing({ domains: ['s3.test'] })
  assert.equal((await get(s3, { host: 'mine.s3.test:9000', path: '/key' })).text, 'in mine')
  assert.equal((await get(s3, { host: 's3.test', path: '/yours/key' })).text, 'in yours')
  const moved = await get(s3, { host: 'mine.s3.test', path: '/key' }, { host: 'yours.s3.test' })
  assert.equal(moved.code, 'SignatureDoesNotMatch')
})

test('a base path is part of what is signed', async () => {
  await using s3 = await standing({ basePath: '/storage' })
  assert.equal((await get(s3, { host: 'h', path: '/storage/mine/key' })).text, 'in mine')
  const stripped = await get(s3, { host: 'h', path: '/mine/key' }, { rawUrl: (url) => `/storage${url}` })
  assert.equal(stripped.code, 'SignatureDoesNotMatch')
})

test('behind a proxy that strips a path and changes the host, the public URL makes signatures hold', async () => {
  await using s3 = await standing({ publicUrl: 'https://files.example/edge/storage', basePath: '/storage' })
  const answer = await get(
    s3,
    { host: 'files.example', path: '/edge/storage/mine/key' },
    { host: 'inside:9000', rawUrl: (url) => url.replace('/edge', '') },
  )
  assert.equal(answer.text, 'in mine')
})

test('a signature for one bucket never opens another, whatever hosts are named beside it', async () => {
  await using s3 = await standing({
    domains: ['s3.test'],
    trustedProxies: ['10.0.0.0/8'],
    publicUrl: 'http://s3.test',
  })
  const signed = { host: 'mine.s3.test', path: '/key' }
  for (const arrival of [
    { host: 'yours.s3.test', forwardedHost: 'mine.s3.test', remoteAddress: '10.0.0.1' },
    { host: 'mine.s3.test', forwardedHost: 'yours.s3.test', remoteAddress: '10.0.0.1' },
    { host: 'yours.s3.test', forwardedHost: 'mine.s3.test', remoteAddress: '192.0.2.1' },
    { host: 'mine.s3.test', forwardedHost: 'yours.s3.test', remoteAddress: '192.0.2.1' },
  ]) {
    const { text } = await get(s3, signed, arrival)
    assert.doesNotMatch(text, /in yours/, JSON.stringify(arrival))
  }
})
