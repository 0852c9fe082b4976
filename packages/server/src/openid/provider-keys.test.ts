import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import { errors, exportJWK } from 'jose'
import { KeysUnavailable, ProviderKeys } from './provider-keys.js'

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = await exportJWK(publicKey)

/** A provider whose document and health the test decides, and a clock. */
function standing() {
  const provider = { kids: ['a'], isAway: false, asked: 0, failures: 0, time: 0 }
  const keys = new ProviderKeys({
    now: () => provider.time,
    onFailure: () => provider.failures++,
    fetchDocument: async () => {
      provider.asked++
      if (provider.isAway) throw new Error('away')
      return { keys: provider.kids.map((kid) => ({ ...jwk, kid })) }
    },
  })
  const find = async (kid: string) => keys.find({ alg: 'ES256', kid }, { payload: '', signature: '' })
  return { provider, find }
}

const noSuchKey = (error: unknown): boolean => error instanceof errors.JWKSNoMatchingKey
const unavailable = (error: unknown): boolean => error instanceof KeysUnavailable

test('the document is asked for once, whoever asks meanwhile, and again when it is old', async () => {
  const { provider, find } = standing()
  await Promise.all([find('a'), find('a'), find('a')])
  await find('a')
  assert.equal(provider.asked, 1)
  provider.time += 10 * 60_000 + 1
  await find('a')
  assert.equal(provider.asked, 2)
})

test('a new key is found, and tokens with keys that are not there do not have the provider asked each time', async () => {
  const { provider, find } = standing()
  await find('a')
  provider.kids = ['b']
  for (let at = 0; at < 20; at++) await assert.rejects(find('b'), noSuchKey)
  assert.equal(provider.asked, 1, 'it was asked a moment ago')
  provider.time += 10_001
  await find('b')
  await assert.rejects(find('a'), noSuchKey, 'and what was withdrawn holds no longer')
  for (let at = 0; at < 20; at++) await assert.rejects(find('c'), noSuchKey)
  assert.equal(provider.asked, 2)
})

test('while the provider is away, keys that are known serve for an hour, and it is not asked each time', async () => {
  const { provider, find } = standing()
  await find('a')
  provider.isAway = true
  provider.time += 59 * 60_000
  await Promise.all(Array.from({ length: 20 }, () => find('a')))
  assert.equal(provider.asked, 2)
  assert.equal(provider.failures, 1)
  provider.time += 61_000
  await assert.rejects(find('a'), unavailable)
  provider.isAway = false
  await assert.rejects(find('a'), unavailable, 'it was asked a moment ago')
  provider.time += 10_001
  await find('a')
})

for (const [what, document] of Object.entries({
  nothing: undefined,
  'a text': 'keys',
  'no list': { keys: {} },
  'too many': { keys: Array.from({ length: 101 }, (_, at) => ({ ...jwk, kid: String(at) })) },
}))
  test(`what is no document of keys is refused: ${what}`, async () => {
    let failures = 0
    const keys = new ProviderKeys({ fetchDocument: async () => document, onFailure: () => failures++ })
    await assert.rejects(
      async () => keys.find({ alg: 'ES256', kid: '1' }, { payload: '', signature: '' }),
      unavailable,
    )
    assert.equal(failures, 1)
  })
