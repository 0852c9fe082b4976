import assert from 'node:assert/strict'
import test from 'node:test'
import { ipRanges, isBroadRange, isInRange, isIpRange } from './ip-range.js'

const cases: [range: string, address: string, expected: boolean][] = [
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.2', false],
  ['192.0.2.0/24', '192.0.2.255', true],
  ['192.0.2.0/24', '192.0.3.0', false],
  ['192.0.2.77/24', '192.0.2.1', true],
  ['10.0.0.0/9', '10.127.255.255', true],
  ['10.0.0.0/9', '10.128.0.0', false],
  ['192.0.2.1/31', '192.0.2.0', true],
  ['192.0.2.1/31', '192.0.2.2', false],
  ['0.0.0.0/0', '255.1.2.3', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['192.0.2.0/24', '::ffff:192.0.2.9', true],
  ['::ffff:192.0.2.0/120', '192.0.2.9', true],
  ['::/0', '192.0.2.9', true],
  ['::/0', '2001:db8::1', true],
  ['2001:db8::/32', '2001:db8:ffff::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['2001:DB8::1', '2001:db8:0:0:0:0:0:1', true],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['64:ff9b::192.0.2.1', '64:ff9b::c000:201', true],
  ['192.0.2.0/24', '192.0.2', false],
  ['192.0.2.0/24', '', false],
  ['192.0.2.0/24', 'localhost', false],
  ['10.0.0.0/8', '010.0.0.1', false],
]

for (const [range, address, expected] of cases)
  test(`${range} has ${expected ? '' : 'not '}"${address}"`, () => {
    assert.equal(isInRange(address, range), expected)
    assert.equal(ipRanges(['198.51.100.1', range])(address), expected)
  })

const malformed = ['', '192.0.2', '192.0.2.256', '192.0.2.0/33', '192.0.2.0/', '192.0.2.0/024', '1.2.3.4/8/8']
const malformed6 = [
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '::1/129',
  '12345::',
  '::1.2.3',
]
const others = ['1.2.3.4::', '1:2:3:4:5:6:7:8::', '::g', '192.0.2.0/-1', ' 192.0.2.1', '01.2.3.4']
for (const text of [...malformed, ...malformed6, ...others])
  test(`"${text}" is no range of addresses`, () => {
    assert.equal(isIpRange(text), false)
    assert.equal(isInRange('192.0.2.1', text), false)
    assert.throws(() => ipRanges([text]), TypeError)
  })

const broad: [range: string, expected: boolean][] = [
  ['0.0.0.0/0', true],
  ['10.0.0.0/7', true],
  ['10.0.0.0/8', false],
  ['192.0.2.1', false],
  ['::/0', true],
  ['2001:db8::/31', true],
  ['2001:db8::/32', false],
  ['alice', false],
]
for (const [range, expected] of broad)
  test(`${range} is ${expected ? 'as good as everybody' : 'somebody'}`, () => {
    assert.equal(isBroadRange(range), expected)
  })
