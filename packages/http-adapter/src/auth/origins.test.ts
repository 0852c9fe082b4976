import assert from 'node:assert/strict'
import test from 'node:test'
import { createFindOrigins, type OriginSettings } from './origins.js'

const find = (settings: OriginSettings, headers: Record<string, string>, remoteAddress?: string) =>
  createFindOrigins(settings)(
    { secure: false, ...(remoteAddress === undefined ? {} : { remoteAddress }) },
    new Map(Object.entries(headers)),
  )

const names = (settings: OriginSettings, headers: Record<string, string>, remoteAddress?: string): string[] =>
  find(settings, headers, remoteAddress).candidates.map(({ host, pathPrefix }) => host + pathPrefix)

const FORWARDED = { host: 'inside:9000', 'x-forwarded-host': 'outside.example', 'x-forwarded-proto': 'https' }

test('the Host received is what counts, and a stranger cannot name another', () => {
  assert.deepEqual(names({}, FORWARDED, '203.0.113.1'), ['inside:9000'])
  assert.deepEqual(names({ trustedProxies: ['10.0.0.0/8'] }, FORWARDED, '203.0.113.1'), ['inside:9000'])
  assert.deepEqual(names({ trustedProxies: ['10.0.0.0/8'] }, FORWARDED), ['inside:9000'])
  assert.equal(find({ trustedProxies: ['10.0.0.0/8'] }, FORWARDED, '203.0.113.1').secure, false)
})

test('a trusted proxy names the host it was asked for, and whether by TLS', () => {
  const settings = { trustedProxies: ['10.0.0.0/8', '::1'] }
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '::1']) {
    assert.deepEqual(names(settings, FORWARDED, address), ['outside.example', 'inside:9000'])
    assert.equal(find(settings, FORWARDED, address).secure, true)
  }
  assert.deepEqual(
    names(
      settings,
      { ...FORWARDED, 'x-forwarded-host': 'a.example, b.example', 'x-forwarded-port': '8443' },
      '::1',
    ),
    ['a.example', 'a.example:8443', 'inside:9000'],
  )
})

test('the public URL is tried with its port and the path that the proxy strips', () => {
  assert.deepEqual(names({ publicUrl: 'https://s3.example/' }, { host: 'inside:9000' }), [
    'inside:9000',
    's3.example',
  ])
  assert.deepEqual(names({ publicUrl: 'https://s3.example:8443/store/' }, { host: 'inside' }), [
    'inside',
    's3.example:8443/store',
  ])
  assert.deepEqual(
    names({ publicUrl: 'https://s3.example/edge/base', basePath: '/base' }, { host: 'inside' }),
    ['inside', 's3.example/edge'],
  )
})

test('under the public host the stripped path always counts, so that no signature fits two paths', () => {
  assert.deepEqual(names({ publicUrl: 'https://s3.example/store' }, { host: 's3.example' }), [
    's3.example/store',
  ])
})

test('settings that trust nobody in particular are refused at once', () => {
  for (const block of ['everyone', '10.0.0.0/33', '10.0.0.0/x', '', '10.0.0.0/8/8', '10.0.0.0/'])
    assert.throws(() => createFindOrigins({ trustedProxies: [block] }), Error, block)
})
