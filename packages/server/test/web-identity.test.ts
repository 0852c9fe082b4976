import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type TestContext } from 'node:test'
import { exportJWK, SignJWT } from 'jose'
import { signMessage } from '../../http-adapter/dist-test/signing-client.js'
import { answerTo, Running, startServer, temporaryDirectory } from './running-server.js'

const ISSUER = 'https://id.example.com'
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** A provider of identities: its keys, and tokens that it issues. */
async function startProvider(
  t: TestContext,
  answer: { status: number; location?: string } = { status: 200 },
) {
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] })
  let asked = 0
  const server = createServer((_request, response) => {
    asked++
    response.writeHead(answer.status, answer.location === undefined ? {} : { location: answer.location })
    response.end(keys)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  const issue = (claims: object = {}) =>
    new SignJWT({ policy: ['readonly'], ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuer(ISSUER)
      .setAudience('aquifer')
      .setSubject('somebody')
      .setExpirationTime('5m')
      .sign(privateKey)
  return { url, issue, asked: () => asked }
}

const flags = (keysUrl: string): string[] => [
  ...['--identity-openid-jwks-url', keysUrl, '--identity-openid-issuer', ISSUER],
  ...['--identity-openid-client-id', 'aquifer', '--allow-calls-to', '127.0.0.1'],
]

async function exchange(url: URL, parameters: Record<string, string>) {
  const sent = request({
    host: url.hostname,
    port: url.port,
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    agent: false,
  })
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    ...parameters,
  })
  const { status, text } = await answerTo(sent.end(body.toString()))
  return { status, text, of: (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)?.[1] }
}

test('a token of the provider becomes credentials that may do what its policies say', async (t) => {
  const provider = await startProvider(t)
  const directory = await temporaryDirectory(t)
  const { running, url, client } = await startServer(t, directory, flags(provider.url))
  await client.ask('PUT', '/bucket')
  await client.ask('PUT', '/bucket/key', 'body')
  assert.equal(provider.asked(), 0)

  const token = await provider.issue()
  const said = await exchange(url, { WebIdentityToken: token })
  assert.equal(said.status, 200, said.text)
  assert.match(
    said.text,
    /<AssumeRoleWithWebIdentityResponse xmlns="[^"]+"><AssumeRoleWithWebIdentityResult><Credentials>/,
  )
  assert.equal(said.of('SubjectFromWebIdentityToken'), 'somebody')
  assert.equal(said.of('Provider'), ISSUER)
  assert.equal(said.of('Audience'), 'aquifer')
  const grants = await exchange(url, { Action: 'AssumeRoleWithClientGrants', Token: token })
  assert.equal(grants.of('SubjectFromToken'), 'somebody')
  assert.equal(provider.asked(), 1)

  const ask = async (method: string, path: string) => {
    const message = signMessage(
      {
        accessKeyId: said.of('AccessKeyId')!,
        secretAccessKey: said.of('SecretAccessKey')!,
        sessionToken: said.of('SessionToken')!,
      },
      { form: 'header', payload: 'unsigned', method, path, host: url.host, date: new Date() },
    )
    const sent = request({
      host: url.hostname,
      port: url.port,
      method,
      path,
      headers: Object.fromEntries(message.headers),
      agent: false,
    })
    return answerTo(sent.end())
  }
  assert.equal((await ask('GET', '/bucket/key')).text, 'body')
  assert.equal((await ask('PUT', '/bucket/key')).status, 403)

  const code = async (claims: object) =>
    (await exchange(url, { WebIdentityToken: await provider.issue(claims) })).of('Code')
  assert.equal(await code({ policy: [`none-${randomUUID()}`] }), 'InvalidParameterValue')
  assert.equal(await code({ policy: [] }), 'InvalidParameterValue')
  const forged = await exchange(url, { WebIdentityToken: `${token.slice(0, -4)}AAAA` })
  assert.equal(forged.of('Code'), 'InvalidIdentityToken')

  running.process.kill('SIGTERM')
  assert.equal(await running.ended, 0)
  for (const secret of [token.split('.')[2]!, said.of('SecretAccessKey')!, said.of('SessionToken')!])
    assert.ok(!(running.out + running.err).includes(secret), 'no secret is in a log')
})

test('keys that cannot be had are 503, and no redirect is followed to them', async (t) => {
  const elsewhere = await startProvider(t)
  const provider = await startProvider(t, { status: 302, location: elsewhere.url })
  const directory = await temporaryDirectory(t)
  const { url, running } = await startServer(
    t,
    directory,
    flags(`${provider.url}?key=a-secret-of-the-provider`),
  )
  const said = await exchange(url, { WebIdentityToken: await provider.issue() })
  assert.equal(said.status, 503)
  assert.equal(said.of('Code'), 'STSNotInitialized')
  assert.equal(elsewhere.asked(), 0)
  await running.says(/keys of the provider of identities cannot be had/)
  assert.ok(!(running.out + running.err).includes('a-secret-of-the-provider'))
})

test('a provider that is configured in part, or at an address that is not called, is a mistake', async (t) => {
  const directory = await temporaryDirectory(t)
  const serve = (words: readonly string[]) => new Running(t, ['serve', directory, '--port', '0', ...words])
  const part = serve(['--identity-openid-issuer', ISSUER])
  assert.equal(await part.ended, 2)
  assert.match(part.err, /Set all three, or none/)
  const local = serve(flags('http://127.0.0.1:9/keys').slice(0, 6))
  assert.equal(await local.ended, 2)
  assert.match(local.err, /AQUIFER_ALLOW_CALLS_TO/)
})
