import assert from 'node:assert/strict'
import test from 'node:test'
import { CommandFailure } from './failure.js'
import { readLoggedRequest } from './logged-request.js'

const head = { method: 'PUT', rawUrl: '/b/k?x=1' }
const rawHeaders = [
  ['Host', 'a.test:9000'],
  ['x-amz-meta-a', ''],
]

test('a head is read as it is, its body left alone', () => {
  for (const end of ['\n', '\r\n']) {
    const lines = ['', 'PUT /b/k?x=1 HTTP/1.1', 'Host: a.test:9000', 'x-amz-meta-a:', '', 'no: header']
    assert.deepEqual(readLoggedRequest(lines.join(end)), { ...head, rawHeaders, secure: false })
  }
})

test('of what curl -v prints, the last request is read, and the time of its answer', () => {
  const text = `* Connected to a.test (127.0.0.1) port 9000
> GET /first HTTP/1.1
> Host: other.test
>
< HTTP/1.1 307 Temporary Redirect
<
> PUT /b/k?x=1 HTTP/1.1
> Host: a.test:9000
> x-amz-meta-a:
>${' '}
} [5 bytes data]
< HTTP/1.1 403 Forbidden
< Date: Mon, 23 Nov 2026 12:00:00 GMT
<
<Error><Code>SignatureDoesNotMatch</Code></Error>`
  const { answeredAt, ...request } = readLoggedRequest(text)
  assert.deepEqual(request, { ...head, rawHeaders, secure: false })
  assert.equal(answeredAt?.toISOString(), '2026-11-23T12:00:00.000Z')
})

test('a presigned URL alone is a GET of its host', () => {
  const url = 'http://a.test:9000/b/k?X-Amz-Signature=1'
  const expected = { method: 'GET', rawUrl: url, rawHeaders: [['host', 'a.test:9000']], secure: false }
  assert.deepEqual(readLoggedRequest(`${url}\n`), expected)
})

test('what is no request is refused, and nothing of it is repeated', () => {
  const bad = ['', '{"method":"GET"}', 'GET', 'GET / HTTP/1.1\nAuthorization AWS4-HMAC-SHA256 Credential=a']
  for (const text of bad)
    assert.throws(
      () => readLoggedRequest(text),
      (error) =>
        error instanceof CommandFailure && error.exitCode === 2 && !/Credential|method/.test(error.message),
    )
})
