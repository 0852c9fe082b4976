import assert from 'node:assert/strict'
import test from 'node:test'
import { CommandFailure } from '../failure.js'
import { readSettings, unknownVariables } from './read-settings.js'
import { serveSettings } from './serve-settings.js'
import { flagOf, variableOf } from './setting.js'
import { statSettings } from './store-settings.js'

const refuses = (given: Record<string, string>, environment: Record<string, string>, message: RegExp) =>
  assert.throws(
    () => readSettings(serveSettings, given, environment),
    (error) => error instanceof CommandFailure && error.exitCode === 2 && message.test(error.message),
  )

test('with nothing said, the defaults are those the documentation promises', () => {
  assert.deepEqual(readSettings(serveSettings, {}, {}), {
    directory: './data',
    port: 9000,
    host: '127.0.0.1',
    httpThreads: 0,
    profile: 'aistor',
    pageLimits: 'lift',
    lifecycleDaySeconds: 86_400,
    domain: [],
    region: 'us-east-1',
    publicUrl: '',
    trustedProxy: [],
    basePath: '',
    corsOrigin: ['*'],
    signatureV2: false,
    log: 'info',
    logFormat: 'auto',
    drainTimeout: 25,
    leastRate: 1024,
    rootAccessKey: undefined,
    rootSecretKey: undefined,
    sealingKey: undefined,
    allowCallsTo: [],
    identityOpenidJwksUrl: '',
    identityOpenidIssuer: '',
    identityOpenidClientId: '',
    identityOpenidClaimName: 'policy',
    fanOutEntries: 1000,
    lambdaTimeout: 60,
    notifyFile: '',
    notifyWebhook: new Map(),
    rootFanOut: false,
  })
})

test('a flag wins over the environment, and the environment over the default', () => {
  const environment = { AQUIFER_PORT: '7000', AQUIFER_DRAIN_TIMEOUT: '3', AQUIFER_DIRECTORY: '/srv/a' }
  const read = readSettings(serveSettings, { port: '8000' }, environment)
  assert.equal(read.port, 8000)
  assert.equal(read.drainTimeout, 3)
  assert.equal(read.directory, '/srv/a')
})

test('every setting has a variable named after it, and every flag the same words', () => {
  for (const name of Object.keys(serveSettings)) {
    assert.equal(variableOf(name), `AQUIFER_${flagOf(name).slice(2).replaceAll('-', '_').toUpperCase()}`)
  }
  assert.equal(flagOf('drainTimeout'), '--drain-timeout')
})

test('a variable that is empty counts as not set', () => {
  assert.equal(readSettings(serveSettings, {}, { AQUIFER_PORT: '' }).port, 9000)
})

test('a switch is on by its flag or by a variable that says true, and nothing else will do', () => {
  const json = (given: Record<string, string>, environment: Record<string, string> = {}) =>
    readSettings(statSettings, given, environment).json
  assert.deepEqual(
    [json({}), json({ json: 'true' }), json({}, { AQUIFER_JSON: 'true' })],
    [false, true, true],
  )
  assert.equal(json({}, { AQUIFER_JSON: 'false' }), false)
  assert.throws(() => json({}, { AQUIFER_JSON: '1' }), /AQUIFER_JSON must be true or false, and is "1"/)
})

test('a wrong value is refused by the name of the flag or variable that held it', () => {
  for (const port of ['', '-1', '65536', '80a', '1e3', '0x50', ' 80']) {
    refuses({ port }, {}, /^--port must be a whole number from 0 to 65535, and is "/)
  }
  refuses({}, { AQUIFER_PORT: 'ninety' }, /^AQUIFER_PORT must be a whole number .* and is "ninety"\.$/)
  refuses({ profile: 'gcs' }, {}, /^--profile must be one of aistor, aws, express, and is "gcs"/)
  refuses({}, { AQUIFER_SIGNATURE_V2: 'yes' }, /^AQUIFER_SIGNATURE_V2 must be true or false/)
  refuses({ log: 'verbose' }, {}, /^--log must be one of /)
  refuses({ domain: 's3.example:9000' }, {}, /^--domain must be host names without port/)
})

test('the message about a wrong secret does not repeat it', () => {
  refuses({}, { AQUIFER_ROOT_SECRET_KEY: 'short' }, /^AQUIFER_ROOT_SECRET_KEY must be 8 to 128 [^"]*$/)
})

test('domains are separated by commas and compared without regard to case', () => {
  assert.deepEqual(readSettings(serveSettings, { domain: 'S3.Example.test, localhost' }, {}).domain, [
    's3.example.test',
    'localhost',
  ])
})

test('what a proxy in front changes is said by a URL, by addresses and by a path', () => {
  const read = readSettings(
    serveSettings,
    {
      publicUrl: 'https://s3.example/store',
      trustedProxy: '10.0.0.1, fd00::/8,192.0.2.0/24',
      basePath: '/a/b/',
    },
    {},
  )
  assert.equal(read.publicUrl, 'https://s3.example/store')
  assert.deepEqual(read.trustedProxy, ['10.0.0.1', 'fd00::/8', '192.0.2.0/24'])
  assert.equal(read.basePath, '/a/b')
  for (const publicUrl of [
    's3.example',
    'ftp://s3.example',
    'https://me@s3.example',
    'https://s3.example/?a',
  ])
    refuses({ publicUrl }, {}, /^--public-url must be an http or https URL/)
  for (const trustedProxy of ['proxy.example', '10.0.0.1/33', 'fd00::/129', '10.0.0.1/', '10.0.0'])
    refuses({ trustedProxy }, {}, /^--trusted-proxy must be IP addresses or CIDR blocks/)
  for (const basePath of ['a', '/a//b', '/a/../b', '/a b', '/a%2Fb'])
    refuses({ basePath }, {}, /^--base-path must be a path of/)
})

test('a variable that only looks like a setting is named', () => {
  assert.deepEqual(unknownVariables({ AQUIFER_PROT: '1', AQUIFER_PORT: '2', HOME: '/' }), ['AQUIFER_PROT'])
})

test('the variable that Kubernetes makes of a service named "aquifer" is explained', () => {
  assert.throws(
    () => readSettings(serveSettings, {}, { AQUIFER_PORT: 'tcp://10.0.0.1:9000' }),
    (error) => error instanceof CommandFailure && /Kubernetes/.test(error.remedy),
  )
})

test('origins are *, none, or schemes with hosts, of which a part may be left open', () => {
  const origins = (corsOrigin: string) => readSettings(serveSettings, { corsOrigin }, {}).corsOrigin
  assert.deepEqual(origins('none'), [])
  assert.deepEqual(origins('https://a.example, http://*.b.example:8080'), [
    'https://a.example',
    'http://*.b.example:8080',
  ])
  for (const wrong of ['a.example', 'https://a.example/', 'https://*.*', 'none,*', '**'])
    refuses({ corsOrigin: wrong }, {}, /^--cors-origin must be/)
})
