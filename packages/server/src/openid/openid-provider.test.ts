import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import test from 'node:test'
import { S3Error } from '@aquifer/http-adapter'
import { exportJWK, SignJWT } from 'jose'
import { openidProvider } from './openid-provider.js'
import { ProviderKeys } from './provider-keys.js'

const ISSUER = 'https://id.example.com/realm'
const CLIENT = 'aquifer'
const now = Date.UTC(2026, 10, 23, 12)
const seconds = now / 1_000

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const stranger = generateKeyPairSync('rsa', { modulusLength: 2_048 })

const jwk = async (key: KeyObject, kid: string, more: object = {}) => ({
  ...(await exportJWK(key)),
  kid,
  ...more,
})

const document = {
  keys: [
    await jwk(rsa.publicKey, 'rsa', { alg: 'RS256', use: 'sig' }),
    await jwk(elliptic.publicKey, 'ec'),
    // A provider that publishes a shared secret has published it.
    { kty: 'oct', kid: 'secret', k: Buffer.from('a secret for all who read').toString('base64url') },
  ],
}

function provider(claimName = 'policy') {
  const keys = new ProviderKeys({
    fetchDocument: async () => document,
    onFailure: (error) => assert.fail(String(error)),
    now: () => now,
  })
  return openidProvider({ keys, issuer: ISSUER, clientId: CLIENT, claimName, now: () => now })
}

const good = {
  iss: ISSUER,
  aud: CLIENT,
  sub: 'user-1',
  iat: seconds,
  exp: seconds + 300,
  policy: 'readonly, photos',
}
type Claims = Partial<Record<keyof typeof good | 'nbf' | 'groups', unknown>>

const token = (
  claims: Claims = good,
  header: object = {},
  key: KeyObject = rsa.privateKey,
): Promise<string> =>
  new SignJWT(JSON.parse(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'RS256', kid: 'rsa', ...header })
    .sign(key)

const verify = (text: string, claimName?: string) =>
  provider(claimName).verify(text, { signal: new AbortController().signal })

/** One that was not made by a library: the head says what it likes. */
function byHand(header: object, signature: (text: string) => Buffer, claims: Claims = good): string {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url')
  const text = `${part(header)}.${part(claims)}`
  return `${text}.${signature(text).toString('base64url')}`
}

test('a good token says who asks, and which policies it has', async () => {
  const identity = { issuer: ISSUER, subject: 'user-1', audience: CLIENT, policies: ['readonly', 'photos'] }
  assert.deepEqual(await verify(await token()), identity)
  assert.deepEqual(
    await verify(await token(good, { alg: 'ES256', kid: 'ec' }, elliptic.privateKey)),
    identity,
  )
  assert.deepEqual(await verify(await token({ ...good, aud: ['other', CLIENT] })), identity)
  assert.deepEqual(
    await verify(await token({ ...good, exp: seconds - 20 })),
    identity,
    'clocks differ a little',
  )
})

test('policies come from the claim that is configured, as a text or as a list', async () => {
  const policies = async (claims: Claims, name?: string) => (await verify(await token(claims), name)).policies
  assert.deepEqual(await policies({ ...good, groups: ['a', 'b', 3, ''] }, 'groups'), ['a', 'b'])
  assert.deepEqual(await policies({ ...good, policy: undefined }), [])
  assert.deepEqual(await policies({ ...good, policy: { readwrite: true } }), [])
  assert.deepEqual(await policies(good, 'constructor'), [])
})

const hmac = (secret: string | Buffer) => (text: string) => createHmac('sha256', secret).update(text).digest()
const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' })
const der = rsa.publicKey.export({ type: 'spki', format: 'der' })

const hostile: Readonly<Record<string, () => string | Promise<string>>> = {
  'no algorithm': () => byHand({ alg: 'none' }, () => Buffer.alloc(0)),
  'no algorithm, in capitals': () => byHand({ alg: 'NONE', kid: 'rsa' }, () => Buffer.alloc(0)),
  'no signature': async () => (await token()).replace(/[^.]*$/, ''),
  'HS256 by the public key as PEM': () => byHand({ alg: 'HS256', kid: 'rsa' }, hmac(pem)),
  'HS256 by the public key as DER': () => byHand({ alg: 'HS256', kid: 'rsa' }, hmac(der)),
  'HS256 by a secret that the provider publishes': () =>
    byHand({ alg: 'HS256', kid: 'secret' }, hmac('a secret for all who read')),
  'a key in its own head': async () =>
    token(good, { jwk: await exportJWK(stranger.publicKey), kid: undefined }, stranger.privateKey),
  'a place for keys in its own head': () =>
    token(good, { jku: 'https://evil.example.com/keys', kid: 'theirs' }, stranger.privateKey),
  "another's key": () => token(good, {}, stranger.privateKey),
  'a key that is not there': () => token(good, { kid: 'unknown' }),
  'no name of a key': () => token(good, { kid: undefined, alg: 'PS384' }, stranger.privateKey),
  'another algorithm than the key is for': () => token(good, { alg: 'RS512' }),
  'an extension that nobody knows': () => token(good, { crit: ['exp'], exp: 1 }).catch(() => 'not.made.here'),
  'another audience': () => token({ ...good, aud: 'another' }),
  'an audience that begins alike': () => token({ ...good, aud: `${CLIENT}-dev` }),
  'no audience': () => token({ ...good, aud: undefined }),
  'another issuer': () => token({ ...good, iss: `${ISSUER}/` }),
  'no issuer': () => token({ ...good, iss: undefined }),
  'no subject': () => token({ ...good, sub: undefined }),
  'no end': () => token({ ...good, exp: undefined }),
  'a beginning that is to come': () => token({ ...good, nbf: seconds + 60 }),
  'an end that is no number': () =>
    byHand({ alg: 'RS256', kid: 'rsa' }, () => Buffer.alloc(256), { ...good, exp: 'x' }),
  'claims of another token': async () => {
    const [head, , signature] = (await token()).split('.')
    const [, claims] = (await token({ ...good, policy: 'admin' })).split('.')
    return [head, claims, signature].join('.')
  },
  'no token at all': () => 'nothing',
  'an empty one': () => '..',
  'one in five parts': () => 'a.b.c.d.e',
}

for (const [what, make] of Object.entries(hostile))
  test(`a token is refused: ${what}`, async () => {
    const text = await make()
    await assert.rejects(verify(text), (error: unknown) => {
      assert.ok(error instanceof S3Error, String(error))
      assert.equal(error.code, 'InvalidIdentityToken', error.message)
      for (const part of text.split('.')) assert.ok(part.length < 9 || !error.message.includes(part))
      return true
    })
  })

test('a token that is over is ExpiredToken', async () => {
  await assert.rejects(verify(await token({ ...good, exp: seconds - 31 })), { code: 'ExpiredToken' })
})
