import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import test, { type TestContext } from 'node:test'
import { signMessage } from '../../http-adapter/dist-test/signing-client.js'
import { Running, signerOf, temporaryDirectory } from './running-server.js'

interface Event {
  getObjectContext: { outputRoute: string; outputToken: string; inputS3Url: string }
}

/** A function over HTTP: by its path it makes text upper-case, fails, hangs, or lies about its token. */
async function functionOverHttp(t: TestContext): Promise<{ url: string; authorizations: string[] }> {
  const authorizations: string[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    authorizations.push(request.headers.authorization ?? '')
    const { getObjectContext: context } = JSON.parse(await text(request)) as Event
    if (request.url === '/hangs') return
    const lies = request.url === '/lies'
    response.setHeader('x-amz-request-route', context.outputRoute)
    response.setHeader('x-amz-request-token', lies ? 'f'.repeat(64) : context.outputToken)
    const stored = await fetch(context.inputS3Url)
    if (request.url === '/fails') {
      response.setHeader('x-amz-fwd-status', String(stored.status === 200 ? 503 : stored.status))
      response.setHeader('x-amz-fwd-error-code', 'FunctionFailed')
      response.setHeader('x-amz-fwd-error-message', 'It could not be done.')
    }
    response.setHeader('content-type', 'text/shouted')
    response.end((await stored.text()).toUpperCase())
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, authorizations }
}

test('a real function makes text upper-case, fails, hangs and lies, and each is told', async (t) => {
  const directory = await temporaryDirectory(t)
  const { url, authorizations } = await functionOverHttp(t)
  const server = new Running(t, ['serve', directory, '--port', '0', '--lambda-timeout', '1'], {
    AQUIFER_ALLOW_CALLS_TO: '127.0.0.1',
    AQUIFER_LAMBDA_WEBHOOK_ENDPOINT_upper: `${url}/upper`,
    AQUIFER_LAMBDA_WEBHOOK_AUTH_TOKEN_upper: 'a-token-of-ours',
    MINIO_LAMBDA_WEBHOOK_ENABLE_fails: 'on',
    MINIO_LAMBDA_WEBHOOK_ENDPOINT_fails: `${url}/fails`,
    AQUIFER_LAMBDA_WEBHOOK_ENDPOINT_hangs: `${url}/hangs`,
    AQUIFER_LAMBDA_WEBHOOK_ENDPOINT_lies: `${url}/lies`,
    AQUIFER_LAMBDA_WEBHOOK_ENDPOINT_off: `${url}/upper`,
    AQUIFER_LAMBDA_WEBHOOK_ENABLE_off: 'off',
  })
  const base = new URL((await server.says(/Aquifer serves S3 at (\S+) from/))[1]!)
  await server.says(/"msg":"ready"/)
  const signer = await signerOf(directory)
  const send = async (method: string, path: string, query: [string, string][] = [], body?: string) => {
    const date = new Date()
    const { rawUrl, headers } = signMessage(signer, {
      form: 'header',
      method,
      host: base.host,
      path,
      query,
      payload: 'unsigned',
      ...(body && { body: Buffer.from(body) }),
      date,
    })
    const answer = await fetch(new URL(rawUrl, base), {
      method,
      headers: headers.filter(([name]) => name !== 'host'),
      ...(body && { body }),
    })
    const told = await answer.text()
    return {
      status: answer.status,
      headers: answer.headers,
      text: told,
      code: /<Code>(.*?)<\/Code>/.exec(told)?.[1],
    }
  }
  await send('PUT', '/bucket')
  await send('PUT', '/bucket/key', [], 'some text')
  const ask = (id: string) =>
    send('GET', '/bucket/key', [['lambdaArn', `arn:minio:s3-object-lambda::${id}:webhook`]])
  const upper = await ask('upper')
  assert.deepEqual(
    [upper.status, upper.text, upper.headers.get('content-type')],
    [200, 'SOME TEXT', 'text/shouted'],
  )
  assert.deepEqual(authorizations, ['Bearer a-token-of-ours'])
  const found = []
  for (const id of ['fails', 'hangs', 'lies', 'off']) {
    const { status, code } = await ask(id)
    found.push([id, status, code])
  }
  assert.deepEqual(found, [
    ['fails', 503, 'FunctionFailed'],
    ['hangs', 504, 'LambdaTimeout'],
    ['lies', 400, 'InvalidToken'],
    ['off', 404, 'LambdaARNNotFound'],
  ])
  assert.ok(!server.err.includes('a-token-of-ours'))
})

test('a webhook on this machine needs leave, and is told so at the start', async (t) => {
  const server = new Running(t, ['serve', await temporaryDirectory(t), '--port', '0'], {
    AQUIFER_LAMBDA_WEBHOOK_ENDPOINT_upper: 'http://127.0.0.1:1/',
  })
  await server.says(/AQUIFER_LAMBDA_WEBHOOK_ENDPOINT_upper: .*[\s\S]*AQUIFER_ALLOW_CALLS_TO/)
  assert.equal(await server.ended, 2)
})
