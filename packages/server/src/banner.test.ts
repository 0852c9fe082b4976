import assert from 'node:assert/strict'
import test from 'node:test'
import { type BannerFacts, banner } from './banner.js'

const pair = { accessKeyId: 'AQEXAMPLE', secretAccessKey: 'very-secret' }
const facts = (changed: Partial<BannerFacts> = {}): BannerFacts => ({
  url: 'http://127.0.0.1:9000',
  directory: '/srv/data',
  region: 'us-east-1',
  credentials: { ...pair, origin: { from: 'file', path: '/srv/data/root-credentials', isNew: true } },
  onTerminal: true,
  ...changed,
})
const later: Partial<BannerFacts> = {
  credentials: { ...pair, origin: { from: 'file', path: '/srv/data/root-credentials', isNew: false } },
}

test('the first start shows a person the address, the pair and where it is kept', () => {
  const text = banner(facts())
  for (const shown of [
    'http://127.0.0.1:9000',
    '/srv/data',
    'AQEXAMPLE',
    'very-secret',
    '/srv/data/root-credentials',
  ])
    assert.ok(text.includes(shown), shown)
})

test('the secret is shown at no later start, and never to what is not a terminal', () => {
  for (const changed of [later, { onTerminal: false }]) {
    const text = banner(facts(changed))
    assert.ok(!text.includes('very-secret'))
    assert.match(text, /Secret key {2}in \/srv\/data\/root-credentials/)
  }
})

test('a pair from the environment is named, not shown', () => {
  const text = banner(facts({ credentials: { ...pair, origin: { from: 'environment' } } }))
  assert.ok(!text.includes('very-secret'))
  assert.match(text, /AWS_SECRET_ACCESS_KEY="\$AQUIFER_ROOT_SECRET_KEY" AWS_REGION=us-east-1 aws /)
})

test('the commands to paste hold no secret even when it is shown above them', () => {
  const commands = banner(facts()).split('Paste to try it')[1]!
  assert.ok(!commands.includes('very-secret'))
  assert.equal(commands.match(/^ {2}\S/gm)!.length, 3)
})

test('a path with spaces and quotes survives the shell', () => {
  const path = "/it's here/root-credentials"
  const text = banner(facts({ credentials: { ...pair, origin: { from: 'file', path, isNew: false } } }))
  assert.ok(text.includes(`AWS_SHARED_CREDENTIALS_FILE='/it'\\''s here/root-credentials' AWS_REGION`))
})
