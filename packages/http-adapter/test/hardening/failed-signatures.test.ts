import assert from 'node:assert/strict'
import test from 'node:test'
import { S3InMemory } from '../s3-in-memory.js'
import { type Signer, signMessage } from '../signing-client.js'

const signer: Signer = { accessKeyId: 'KEY', secretAccessKey: 'secret' }

test('who tries many secrets is slowed down before its signature is looked at, and nobody else is', async () => {
  let now = Date.UTC(2026, 10, 23, 12)
  let asked = 0
  await using s3 = await S3InMemory.open({
    now: () => now,
    credentials: {
      findCredentials() {
        asked++
        return { secretAccessKey: signer.secretAccessKey, ownerId: 'o', displayName: 'o' }
      },
    },
  })
  const ask = async (secretAccessKey: string, remoteAddress: string) => {
    const { method, rawUrl, headers } = signMessage(
      { ...signer, secretAccessKey },
      { form: 'header', method: 'GET', host: 'x', path: '/', payload: 'hashed', date: new Date(now) },
    )
    return s3.carry({
      method,
      rawUrl,
      rawHeaders: headers,
      body: (async function* () {})(),
      secure: false,
      remoteAddress,
      signal: new AbortController().signal,
    })
  }
  for (let guess = 0; guess < 100; guess++)
    assert.equal((await ask(`guess ${guess}`, '203.0.113.1')).code, 'SignatureDoesNotMatch')
  const slowed = await ask('guess', '203.0.113.1')
  assert.equal(slowed.status, 503)
  assert.equal(slowed.code, 'SlowDown')
  assert.equal(slowed.headers['retry-after'], '1')
  assert.equal(asked, 100)
  assert.equal((await ask(signer.secretAccessKey, '203.0.113.2')).status, 200)
  now += 1_001
  assert.equal((await ask(signer.secretAccessKey, '203.0.113.1')).status, 200)
})
