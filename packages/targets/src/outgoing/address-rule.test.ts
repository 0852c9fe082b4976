import assert from 'node:assert/strict'
import test from 'node:test'
import { addressRule } from './address-rule.js'

const isAllowed = addressRule()

for (const address of [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '169.254.169.254',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:169.254.169.254',
  '0:0:0:0:0:ffff:a9fe:a9fe',
  '64:ff9b::169.254.169.254',
  '64:ff9b::7f00:1',
  '::127.0.0.1',
  '2002:7f00:1::',
  'localhost',
  '',
])
  test(`a call does not go to ${address}`, () => assert.equal(isAllowed(address), false))

for (const address of [
  '93.184.216.34',
  '10.1.2.3',
  '192.168.1.9',
  '2606:2800:220:1::1',
  'fd00::1',
  '::ffff:10.0.0.1',
])
  test(`a call goes to ${address}`, () => assert.equal(isAllowed(address), true))

test('what the configuration allows is allowed, in every spelling, and nothing beside it', () => {
  const rule = addressRule(['127.0.0.1', '169.254.170.0/24', '::1'])
  for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '169.254.170.2', '::1'])
    assert.equal(rule(address), true, address)
  for (const address of ['127.0.0.2', '169.254.169.254', 'fe80::1'])
    assert.equal(rule(address), false, address)
})

test('a block that is none is refused', () => {
  for (const block of ['localhost', '127.0.0.1/33', '10.0.0.0/8/8', ''])
    assert.throws(() => addressRule([block]), TypeError)
})
