import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type TestContext } from 'node:test'
import type { EngineEvent } from '@aquifer/engine'
import { OutgoingCalls } from '../outgoing/outgoing-calls.js'
import { WebhookTarget } from './webhook-target.js'

const event: EngineEvent = {
  name: 's3:ObjectCreated:Put',
  time: new Date('2026-01-02T03:04:05.678Z'),
  ...{
    bucket: 'photos',
    bucketOwnerId: 'owner',
    key: 'a b/ü.jpg',
    versionId: 'v1',
    sizeBytes: 3,
    etag: 'abc',
  },
  ...{ contentType: 'image/jpeg', metadata: { camera: 'old' }, sequencer: '000000000000001F' },
  origin: { principalId: 'AKIA', sourceAddress: '192.0.2.1', userAgent: 'test', requestId: 'R', hostId: 'H' },
}
const signal = new AbortController().signal

async function hook(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const got: { headers: IncomingMessage['headers']; body: unknown }[] = []
  const sockets = new Set<unknown>()
  const server = createServer(async (request, response) => {
    sockets.add(request.socket)
    let text = ''
    for await (const chunk of request) text += chunk
    got.push({ headers: request.headers, body: JSON.parse(text) })
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const calls = new OutgoingCalls({ allowed: ['127.0.0.1'] })
  const target = (authToken?: string) =>
    new WebhookTarget({ url, calls, endpoint: 'http://store', region: 'eu', ...(authToken && { authToken }) })
  t.after(() => calls.close())
  return { got, sockets, target }
}

test('an event is posted as S3 writes it, over one connection', async (t) => {
  const { got, sockets, target } = await hook(t, (_, response) => response.end('thanks'))
  const webhook = target('secret')
  await webhook.deliver(event, { signal })
  await webhook.deliver({ ...event, name: 's3:TestEvent', key: '' }, { signal })
  assert.equal(sockets.size, 1)
  assert.equal(got[0]!.headers['content-type'], 'application/json')
  assert.equal(got[0]!.headers.authorization, 'Bearer secret')
  assert.deepEqual(got[0]!.body, {
    EventName: 's3:ObjectCreated:Put',
    Key: 'photos/a b/ü.jpg',
    Records: [
      {
        ...{ eventVersion: '2.0', eventSource: 'minio:s3', awsRegion: 'eu' },
        ...{ eventTime: '2026-01-02T03:04:05.678Z', eventName: 's3:ObjectCreated:Put' },
        userIdentity: { principalId: 'AKIA' },
        requestParameters: { principalId: 'AKIA', region: 'eu', sourceIPAddress: '192.0.2.1' },
        responseElements: {
          ...{ 'x-amz-id-2': 'H', 'x-amz-request-id': 'R' },
          ...{ 'x-minio-deployment-id': '', 'x-minio-origin-endpoint': 'http://store' },
        },
        s3: {
          ...{ s3SchemaVersion: '1.0', configurationId: 'Config' },
          bucket: { name: 'photos', ownerIdentity: { principalId: 'owner' }, arn: 'arn:aws:s3:::photos' },
          object: {
            ...{ key: 'a+b%2F%C3%BC.jpg', size: 3, eTag: 'abc', contentType: 'image/jpeg' },
            userMetadata: { 'content-type': 'image/jpeg', 'x-amz-meta-camera': 'old' },
            ...{ versionId: 'v1', sequencer: '000000000000001F' },
          },
        },
        source: { host: '192.0.2.1', port: '', userAgent: 'test' },
      },
    ],
  })
  assert.deepEqual(got[1]!.body, {
    ...{ Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2026-01-02T03:04:05.678Z' },
    ...{ Bucket: 'photos', RequestId: 'R', HostId: 'H' },
  })
})

test('whatever is no success is a failure that says what was answered', async (t) => {
  let status = 500
  const { got, target } = await hook(t, (_, response) => {
    response.statusCode = status
    response.end('out of order')
  })
  await assert.rejects(target().deliver(event, { signal }), /answered 500: out of order/)
  status = 302
  await assert.rejects(target('Basic abc').deliver(event, { signal }), /answered 302/)
  assert.equal(got[1]!.headers.authorization, 'Basic abc')
  status = 204
  await target().deliver(event, { signal })
})

test('a webhook at an address that calls do not go to is refused when it is made', () => {
  const calls = new OutgoingCalls()
  assert.throws(() => new WebhookTarget({ url: 'http://127.0.0.1/', calls }), { code: 'AddressNotAllowed' })
  assert.throws(() => new WebhookTarget({ url: 'ftp://example.com/', calls }), { code: 'InvalidUrl' })
})
