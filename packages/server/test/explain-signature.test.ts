import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import {
  type SignedMessage,
  type Signer,
  signMessage,
  type ToSign,
} from '../../http-adapter/dist-test/signing-client.js'
import { answerTo, Running, signerOf, startServer, temporaryDirectory } from './running-server.js'

const signer = { accessKeyId: 'ROOTKEY', secretAccessKey: 'the-root-secret' }
const keys = { AQUIFER_ROOT_ACCESS_KEY: signer.accessKeyId, AQUIFER_ROOT_SECRET_KEY: signer.secretAccessKey }

const sign = (what: Partial<ToSign> = {}, pair: Signer = signer): SignedMessage =>
  signMessage(pair, {
    form: 'header',
    method: 'GET',
    host: 'localhost:9000',
    path: '/bucket/key',
    payload: 'hashed',
    date: new Date(),
    ...what,
  })

const headOf = ({ method, rawUrl, headers }: SignedMessage): string =>
  [`${method} ${rawUrl} HTTP/1.1`, ...headers.map((pair) => pair.join(': ')), ''].join('\r\n')

async function explain(
  t: TestContext,
  input: string,
  words: readonly string[] = [],
  environment: Record<string, string> = keys,
): Promise<{ exitCode: number | NodeJS.Signals; out: string; err: string }> {
  const running = new Running(t, ['explain-signature', ...words], environment, input)
  const exitCode = await running.ended
  assert.ok(!(running.out + running.err).includes(signer.secretAccessKey), 'the secret is never told')
  return { exitCode, out: running.out, err: running.err }
}

const changed = (head: string, from: string | RegExp, to: string): string => {
  assert.notEqual(head.replace(from, to), head)
  return head.replace(from, to)
}

test('what changed on the way is named from a file or standard input, with the secret of either origin', async (t) => {
  const directory = await temporaryDirectory(t)
  const credentials = `aws_access_key_id = ${signer.accessKeyId}\naws_secret_access_key = ${signer.secretAccessKey}\n`
  await writeFile(join(directory, 'root-credentials'), credentials, { mode: 0o600 })
  const arrived = changed(headOf(sign()), 'localhost:9000', 'inside.example')
  await writeFile(join(directory, 'request'), arrived)
  for (const { exitCode, out } of [
    await explain(t, arrived),
    await explain(t, '', [join(directory, 'request'), '--directory', directory], {}),
  ]) {
    assert.equal(exitCode, 0)
    assert.match(out, /^Taken as received at \S+ \(now\)\.\n/)
    assert.match(out, /Most likely the client signed the host localhost:9000: .*set the public URL/)
    assert.match(out, /The first difference is the header host\./)
    assert.match(out, /≠ header host +here +inside\.example\n +client +localhost:9000/)
  }
})

test("the client's own canonical request is compared, out of a file or out of botocore's log", async (t) => {
  const directory = await temporaryDirectory(t)
  const message = sign({ headers: { 'x-amz-meta-a': 'é' } })
  const arrived = changed(headOf(message), /x-amz-meta-a: .*/, 'x-amz-meta-a: e')
  const log = `2026 - botocore.auth - DEBUG - CanonicalRequest:\n${message.canonicalRequest}\n2026 - botocore.auth - DEBUG - StringToSign:\nAWS4\n`
  for (const text of [message.canonicalRequest, log]) {
    const path = join(directory, 'canonical')
    await writeFile(path, text)
    const { out } = await explain(t, arrived, ['--canonical-request', path])
    assert.match(out, /with the right secret access key: what differs below is the cause/)
    assert.match(out, /The first difference is the header x-amz-meta-a\.\n/)
    assert.match(out, /≠ header x-amz-meta-a +here +e\n/)
  }
})

test("version 2 is explained too, by what botocore's log says was signed", async (t) => {
  const text = 'GET\n\n\nMon, 23 Nov 2026 12:00:00 GMT\nx-amz-meta-a:b\n/bucket/key'
  const signature = createHmac('sha1', signer.secretAccessKey).update(text).digest('base64')
  const arrived = [
    'GET /bucket/key HTTP/1.1',
    'Host: localhost:9000',
    'Date: Mon, 23 Nov 2026 12:00:00 GMT',
    'x-amz-meta-a: c',
    `Authorization: AWS ${signer.accessKeyId}:${signature}`,
  ].join('\n')
  const path = join(await temporaryDirectory(t), 'debug.log')
  await writeFile(path, `botocore.auth [DEBUG] StringToSign:\n${text}\nbotocore.endpoint [DEBUG] Sending\n`)
  const words = ['--received', '2026-11-23T12:00:00Z', '--canonical-request', path]
  const { out } = await explain(t, arrived, [...words, '--signature-v2'])
  assert.match(out, /right secret access key[^\n]*\nThe first difference is the header x-amz-meta-a\./)
  assert.match((await explain(t, arrived, words)).out, /InvalidRequest: .*--signature-v2/)
})

test('a good signature, a wrong secret, a wrong region and a wrong clock are told apart', async (t) => {
  const old = new Date(Date.now() - 3_600_000)
  const cases: [input: string, words: string[], says: RegExp][] = [
    [headOf(sign()), [], /The signature matches\./],
    [
      headOf(sign({}, { ...signer, secretAccessKey: 'another' })),
      [],
      /Most likely the client has another secret access key/,
    ],
    [headOf(sign()), ['--region', 'eu-west-1'], /The signature matches\./],
    [
      changed(headOf(sign()), 'us-east-1', 'mars-1'),
      [],
      /the region 'mars-1' is wrong; expecting 'us-east-1'/,
    ],
    [headOf(sign({ date: old })), [], /RequestTimeTooSkewed/],
    [
      headOf(sign({ date: old })),
      ['--received', old.toISOString()],
      /\(as told\)\.\nThe signature matches\./,
    ],
    [
      headOf(sign({ path: '/bucket/a%2520b' })).replace('a%2520b', 'a%20b'),
      [],
      /encoded the path twice[\s\S]*first difference is the path\./,
    ],
    [
      changed(headOf(sign({ host: 'out.test' })), 'out.test', 'in.test'),
      ['--public-url', 'http://out.test'],
      /The signature matches\./,
    ],
    [
      `http://localhost:9000${sign({ form: 'query', payload: 'unsigned' }).rawUrl}`,
      [],
      /The signature matches\./,
    ],
  ]
  for (const [input, words, says] of cases) {
    const { exitCode, out } = await explain(t, input, words)
    assert.equal(exitCode, 0)
    assert.match(out, says)
  }
})

test('what cannot be explained is told in a sentence and by the exit code, and no key pair is made', async (t) => {
  const directory = await temporaryDirectory(t)
  const cases: [words: string[], environment: Record<string, string>, exitCode: number, says: RegExp][] = [
    [[], keys, 2, /There is no request line/],
    [[join(directory, 'none')], keys, 2, /cannot be read/],
    [['--received', 'noon'], keys, 2, /--received must be a time/],
  ]
  for (const [words, environment, exitCode, says] of cases) {
    const told = await explain(t, 'not a request', words, environment)
    assert.equal(told.exitCode, exitCode)
    assert.match(told.err, says)
  }
  for (const _ of ['first', 'again']) {
    const { exitCode, err } = await explain(t, headOf(sign()), ['--directory', directory], {})
    assert.equal(exitCode, 6)
    assert.match(err, /There is no root key pair/)
  }
})

test('a server that logs at debug explains a failed signature under the id of its request', async (t) => {
  for (const [level, isExplained] of [
    ['debug', true],
    ['info', false],
  ] as const) {
    const directory = await temporaryDirectory(t)
    const { running, url } = await startServer(t, directory, ['--log', level])
    const pair = await signerOf(directory)
    const { rawUrl, headers } = sign({ host: 'left.example' }, pair)
    const sent = request(new URL(rawUrl, url), {
      headers: { ...Object.fromEntries(headers), host: 'arrived.example' },
      agent: false,
    })
    const answer = await answerTo(sent.end())
    assert.equal(answer.status, 403)
    const [line] = await running.says(new RegExp(`.*"requestId":"${answer.headers['x-amz-request-id']}".*\n`))
    const { explanation } = JSON.parse(line) as { explanation?: string }
    assert.equal(explanation !== undefined, isExplained)
    if (isExplained)
      assert.match(explanation!, /None of the usual.*\n+The canonical request made here:\nGET\n/)
    assert.ok(!running.err.includes(pair.secretAccessKey))
  }
})
