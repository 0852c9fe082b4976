import assert from 'node:assert/strict'
import test from 'node:test'
import { createFindClientAddress } from './client-address.js'

const find = createFindClientAddress(['10.0.0.0/8', '::1', '2001:db8::/32'])
const from = (remoteAddress: string | undefined, forwardedFor?: string): string | undefined =>
  find(
    remoteAddress === undefined ? {} : { remoteAddress },
    new Map(forwardedFor === undefined ? [] : [['x-forwarded-for', forwardedFor]]),
  )

test('who is no trusted proxy is the client, whatever it says', () => {
  assert.equal(from('203.0.113.1', '198.51.100.1'), '203.0.113.1')
  assert.equal(from('::ffff:203.0.113.1', '198.51.100.1'), '203.0.113.1')
  assert.equal(
    createFindClientAddress()({ remoteAddress: '::1' }, new Map([['x-forwarded-for', '1.2.3.4']])),
    '::1',
  )
  assert.equal(from(undefined, '198.51.100.1'), undefined)
})

test('behind trusted proxies the client is the last address that is none of them', () => {
  for (const [remoteAddress, forwardedFor, client] of [
    ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '192.0.2.66, 198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '192.0.2.66, 198.51.100.1, 10.0.0.2,2001:db8::7', '198.51.100.1'],
    ['::1', '198.51.100.1:4711', '198.51.100.1'],
    ['::1', '[2001:0DB9::1]:4711', '2001:0DB9::1'],
    ['::1', '2a00::1', '2a00::1'],
    ['::1', '::ffff:198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ] as const)
    assert.equal(from(remoteAddress, forwardedFor), client, `${remoteAddress} for ${forwardedFor}`)
})

test('what is no address ends the chain there', () => {
  for (const forwardedFor of [
    undefined,
    '',
    'unknown',
    '198.51.100.1, unknown',
    '198.51.100.1, _hidden',
    'a,b',
  ])
    assert.equal(from('10.0.0.1', forwardedFor), '10.0.0.1', String(forwardedFor))
  assert.equal(from('10.0.0.1', '198.51.100.1, unknown, 10.0.0.2'), '10.0.0.2')
})
