import assert from 'node:assert/strict'
import test from 'node:test'
import { type SignedMessage, signMessage } from '../signing-client.js'
import { authenticate, authenticatorAt, EXAMPLE, type Message, outcome, withHeader } from './requests.js'

const now = Date.UTC(2026, 10, 23, 12)

const signedFor = (host: string, path = '/bucket/key'): SignedMessage =>
  signMessage(EXAMPLE, { form: 'query', method: 'GET', host, path, payload: 'unsigned', date: new Date(now) })

const through = (message: SignedMessage, forwardedHost?: string): Message => {
  const rewritten = withHeader({ ...message, remoteAddress: '10.0.0.9' }, 'host', 'inside:9000')
  return forwardedHost === undefined ? rewritten : withHeader(rewritten, 'X-Forwarded-Host', forwardedHost)
}

test('behind a proxy that rewrites Host a signature holds if the proxy is trusted, and only then', async () => {
  const message = through(signedFor('outside.example'), 'outside.example')
  assert.equal(await outcome(authenticatorAt(now), message), 'SignatureDoesNotMatch')
  const trusting = authenticatorAt(now, { trustedProxies: ['10.0.0.0/24'] })
  assert.equal(await outcome(trusting, message), 'accepted')
  assert.equal(await outcome(trusting, { ...message, remoteAddress: '10.0.1.9' }), 'SignatureDoesNotMatch')
})

test('behind a proxy that says nothing a signature holds by the public URL, path and all', async () => {
  const at = (publicUrl: string) => authenticatorAt(now, { publicUrl })
  assert.equal(
    await outcome(at('https://outside.example'), through(signedFor('outside.example'))),
    'accepted',
  )
  const stripped = signedFor('outside.example', '/store/bucket/key')
  const arriving = { ...stripped, rawUrl: stripped.rawUrl.replace('/store', '') }
  assert.equal(await outcome(at('https://outside.example/store'), through(arriving)), 'accepted')
})

test('the host told is the one that verified, so that a signature for one bucket opens no other', async () => {
  const message = withHeader(
    { ...signedFor('mine.s3.example', '/key'), remoteAddress: '10.0.0.9' },
    'host',
    'yours.s3.example',
  )
  const trusting = authenticatorAt(now, { trustedProxies: ['10.0.0.9'] })
  const { host } = await authenticate(trusting, withHeader(message, 'X-Forwarded-Host', 'mine.s3.example'))
  assert.equal(host, 'mine.s3.example')
})
