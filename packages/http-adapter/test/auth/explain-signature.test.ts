import assert from 'node:assert/strict'
import test from 'node:test'
import { type AuthSettings, explainSignature, formatExplanation } from '@aquifer/http-adapter'
import { type SignedMessage, signMessage, type ToSign } from '../signing-client.js'
import { EXAMPLE, type Message, withHeader } from './requests.js'

const now = Date.UTC(2026, 10, 23, 12)
const settings: AuthSettings = {
  now: () => now,
  credentials: {
    findCredentials: (accessKeyId) =>
      accessKeyId === EXAMPLE.accessKeyId
        ? { secretAccessKey: EXAMPLE.secretAccessKey, ownerId: 'o', displayName: 'o' }
        : undefined,
  },
}

const ask = (what: Partial<ToSign> = {}, secretAccessKey = EXAMPLE.secretAccessKey): SignedMessage =>
  signMessage(
    { ...EXAMPLE, secretAccessKey },
    {
      form: 'header',
      method: 'GET',
      host: 'localhost:9000',
      path: '/bucket/key',
      payload: 'hashed',
      date: new Date(now),
      ...what,
    },
  )

const explain = (message: Message, claimed?: string) =>
  explainSignature(
    { method: message.method, rawUrl: message.rawUrl, rawHeaders: message.headers, secure: false },
    settings,
    claimed,
  )

test('a good signature is said to match', async () => {
  const { matches, findings } = await explain(ask())
  assert.equal(matches, true)
  assert.deepEqual(findings, ['The signature matches.'])
})

test('what proxies and clients commonly change is found out from the signature alone', async () => {
  const accepting = ask({ headers: { 'accept-encoding': 'identity' } })
  const cases: [Message, RegExp, string][] = [
    [withHeader(ask(), 'host', 'store.example'), /signed the host localhost/, 'header host'],
    [
      withHeader(ask({ host: 'store.example' }), 'host', 'store.example:8443'),
      /signed the host store\.example:/,
      'header host',
    ],
    [
      withHeader(accepting, 'accept-encoding', 'gzip'),
      /signed accept-encoding: "identity"/,
      'header accept-encoding',
    ],
    [{ ...ask({ path: '/bucket/a%2520b' }), rawUrl: '/bucket/a%20b' }, /encoded the path twice/, 'path'],
    [{ ...ask({ path: '/bucket/b' }), rawUrl: '/bucket/a/../b' }, /dot segments resolved/, 'path'],
    [{ ...ask({ path: '/key' }), rawUrl: '/bucket/key' }, /virtual-host addressing/, 'path'],
    [{ ...ask(), method: 'HEAD' }, /signed the method GET/, 'method'],
  ]
  for (const [message, finding, part] of cases) {
    const { matches, findings, rows, theirs } = await explain(message)
    assert.equal(matches, false)
    assert.match(findings.join('\n'), finding)
    assert.notEqual(theirs, undefined)
    assert.deepEqual(
      rows.filter(({ same }) => !same).map((row) => row.part),
      [part],
    )
  }
})

test('with the canonical request that the client shows, both stand side by side', async () => {
  const message = ask({ headers: { 'x-amz-meta-a': 'b' } })
  const arrived = withHeader(message, 'x-amz-meta-a', 'c')
  const { findings, rows } = await explain(arrived, message.canonicalRequest)
  assert.match(findings[0]!, /with the right secret access key: what differs below is the cause/)
  assert.deepEqual(
    rows.filter(({ same }) => !same),
    [{ part: 'header x-amz-meta-a', ours: 'c', theirs: 'b', same: false }],
  )
})

test('a path that could be read as a host is explained like any other', async () => {
  for (const path of ['/\\\0ucket/a', '//[', '/\\:99999/', '///'])
    assert.equal((await explain({ ...ask(), rawUrl: path })).matches, false)
})

test('a wrong secret is told from a wrong request', async () => {
  const message = ask({}, 'another')
  assert.match((await explain(message, message.canonicalRequest)).findings[0]!, /another secret access key/)
  assert.match((await explain(message)).findings[0]!, /Most likely the client has another secret access key/)
})

test('faults other than the signature are told with it', async () => {
  const skewed = await explain(ask({ date: new Date(now - 3_600_000) }))
  assert.equal(skewed.matches, false)
  assert.match(skewed.findings.join('\n'), /RequestTimeTooSkewed[\s\S]*The signature matches/)
  const unknown = signMessage(
    { ...EXAMPLE, accessKeyId: 'NOBODY' },
    { form: 'header', method: 'GET', host: 'h', path: '/', payload: 'hashed', date: new Date(now) },
  )
  assert.match((await explain(unknown)).findings.join('\n'), /InvalidAccessKeyId/)
  assert.match(
    (await explain(withHeader(ask(), 'authorization', undefined))).findings.join('\n'),
    /is not signed/,
  )
  assert.match((await explain({ ...ask(), rawUrl: '/%' })).findings.join('\n'), /InvalidURI/)
})

test('the text shows the differing lines marked, and neither a token nor what steers a terminal', async () => {
  const message = signMessage(
    { ...EXAMPLE, sessionToken: 'TOKENTOKENTOKEN' },
    {
      form: 'header',
      method: 'GET',
      host: 'localhost:9000',
      path: '/bucket/%1B[2J',
      payload: 'hashed',
      date: new Date(now),
    },
  )
  const arrived = withHeader(message, 'host', 'store.example')
  const text = formatExplanation(await explain(arrived))
  assert.match(text, /^≠ header host +here +store\.example\n +client +localhost:9000$/m)
  assert.doesNotMatch(text, /TOKENTOKEN/)
  const claimed = formatExplanation(await explain(arrived, 'GET\n/\x1b[2J\n\n\n\nhost\nabc'))
  assert.match(claimed, /\/\\x1b\[2J/)
  assert.doesNotMatch(claimed.replaceAll('\n', ''), /\p{Cc}/u)
})
