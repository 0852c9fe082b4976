import assert from 'node:assert/strict'
import test from 'node:test'
import { signMessage } from '../../http-adapter/dist-test/signing-client.js'
import { signerOf, startServer, temporaryDirectory } from './running-server.js'

const tag = (text: string, name: string): string => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)![1]!

test('a session of a bucket that root began administers nothing, however its token comes', async (t) => {
  const directory = await temporaryDirectory(t)
  const { url, client } = await startServer(t, directory, ['--profile', 'express'])
  const root = await signerOf(directory)
  assert.equal((await client.ask('PUT', '/logs--az1--x-s3')).status, 200)
  const send = async (
    signer: typeof root,
    what: { method: string; path: string; query?: [string, string][]; headers?: Record<string, string> },
    body = '',
  ) => {
    const bytes = Buffer.from(body)
    const date = new Date()
    const { rawUrl, headers } = signMessage(signer, {
      form: 'header',
      payload: 'hashed',
      host: url.host,
      date,
      body: bytes,
      ...what,
    })
    const answer = await fetch(new URL(rawUrl, url), {
      method: what.method,
      headers: headers.filter(([name]) => name !== 'host'),
      ...(body === '' ? {} : { body }),
    })
    return { status: answer.status, text: await answer.text() }
  }
  const began = await send(
    { ...root, service: 's3express' },
    {
      method: 'GET',
      path: '/logs--az1--x-s3',
      query: [['session', '']],
    },
  )
  assert.equal(began.status, 200, began.text)
  const session = {
    accessKeyId: tag(began.text, 'AccessKeyId'),
    secretAccessKey: tag(began.text, 'SecretAccessKey'),
  }
  const token = tag(began.text, 'SessionToken')
  const list = { method: 'POST', path: '/-/admin/user/list' }
  assert.equal((await send(root, list, '{}')).status, 200)
  assert.equal((await send({ ...session, sessionToken: token }, list, '{}')).status, 403)
  const headers = { 'x-amz-s3session-token': token }
  assert.equal((await send(session, { ...list, headers }, '{}')).status, 403)
  const put = { method: 'PUT', path: '/logs--az1--x-s3/a', headers }
  assert.equal((await send({ ...session, service: 's3express' }, put, 'body')).status, 200)
})
