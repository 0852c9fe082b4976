import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { ReplicationError, type ReplicationErrorCode } from '@aquifer/engine'
import { asAquifer, asPlain, fakeS3, isHead, refuse, version, versionId } from './fake-s3.js'

const { signal } = new AbortController()
const body = Buffer.from('some bytes')
const large = Buffer.alloc(3_000_000, 'x')
const kept = { 'x-amz-version-id': versionId }

/** @param says What the message must tell whoever has to mend it. */
const failsWith =
  (code: ReplicationErrorCode, ...says: RegExp[]) =>
  (error: unknown) => {
    assert.ok(error instanceof ReplicationError, String(error))
    assert.equal(error.code, code, error.message)
    for (const part of says) assert.match(error.message, part)
    assert.ok(error.message.length < 1_000)
    return true
  }

test('a server that is not there is unreachable', async (t) => {
  const { target } = await fakeS3(t, () => {}, { endpoint: 'http://127.0.0.1:1' })
  await assert.rejects(target.put(version(body), { signal }), failsWith('Unreachable', /127\.0\.0\.1:1/))
  await assert.rejects(target.probe({ signal }), failsWith('Unreachable'))
})

test('a server that does not speak TLS is unreachable', async (t) => {
  const plain = await fakeS3(t, () => {})
  const endpoint = plain.remote.endpoint.replace('http:', 'https:')
  const { target } = await fakeS3(t, () => {}, { endpoint })
  await assert.rejects(target.probe({ signal }), failsWith('Unreachable', /^.*wrong version number.*\.$/))
})

test('a server that is silent is cut off, before its answer and in it', async (t) => {
  let begins = false
  const { target } = await fakeS3(
    t,
    asAquifer((_, response) => {
      if (begins) response.writeHead(200, { ...kept, 'content-length': '10' }).write('half')
    }),
    { idleTimeoutMs: 40 },
  )
  await assert.rejects(target.put(version(body), { signal }), failsWith('Unreachable', /silent for 40 ms/))
  await assert.rejects(target.put(version(large), { signal }), failsWith('Unreachable', /silent/))
  begins = true
  await assert.rejects(target.put(version(body), { signal }), failsWith('Unreachable', /broke off|silent/))
})

test('an answer that comes drop by drop is not waited for to its end', async (t) => {
  const { target } = await fakeS3(
    t,
    asAquifer((_, response) => {
      response.writeHead(200, kept)
      const drops = setInterval(() => response.write(' '), 5)
      response.on('close', () => clearInterval(drops))
    }),
    { answerTimeoutMs: 50 },
  )
  await assert.rejects(target.put(version(body), { signal }), failsWith('Unreachable', /come to its end/))
})

test('a server that stops reading is cut off, and no more is read for it than it takes', async (t) => {
  const server = createServer((request, response) => {
    if (request.method === 'HEAD') response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { target } = await fakeS3(t, () => {}, { endpoint, idleTimeoutMs: 100 })
  let asked = 0
  async function* open() {
    for (; asked < 1_000; asked++) yield large.subarray(0, 1_000_000)
  }
  const endless = version(large, { open, info: { sizeBytes: 1_000_000_000, checksums: { sha256: 'x' } } })
  await assert.rejects(target.put(endless, { signal }), failsWith('Unreachable', /silent/))
  assert.ok(asked < 100) // What the system holds of a connection's bytes.
})

test('a server that closes in the middle of a body, or of its answer, is unreachable', async (t) => {
  let answers = false
  const { target } = await fakeS3(
    t,
    asAquifer((_, response, request) => {
      if (answers) response.writeHead(200, { ...kept, 'content-length': '10' }).write('half')
      request.socket.destroySoon()
    }),
  )
  await assert.rejects(target.put(version(large), { signal }), failsWith('Unreachable'))
  answers = true
  await assert.rejects(target.put(version(body), { signal }), failsWith('Unreachable', /broke off/))
})

test('what cannot be read here is no failure of the target, and what is shorter than it was said to be is not sent as if it were', async (t) => {
  const { target } = await fakeS3(
    t,
    asAquifer((_, response) => response.writeHead(200, kept).end()),
  )
  async function* broken() {
    yield large.subarray(0, 100_000)
    throw new RangeError('the disk')
  }
  await assert.rejects(target.put(version(large, { open: broken }), { signal }), RangeError)
  await assert.rejects(target.put(version(body, { open: broken }), { signal }))
  async function* short() {
    yield large.subarray(0, 2_000_000)
  }
  await assert.rejects(target.put(version(large, { open: short }), { signal }), /3000000 bytes/)
})

test('who leaves is let go at once', async (t) => {
  const leaving = new AbortController()
  const { target } = await fakeS3(t, (got, response) => {
    if (got.method === 'HEAD') response.writeHead(200, { 'x-aquifer-keeps-version-ids': 'true' }).end()
    else leaving.abort()
  })
  await assert.rejects(target.put(version(body), { signal: leaving.signal }), { name: 'AbortError' })
})

test('wrong keys and a missing bucket are of the whole target', async (t) => {
  for (const [status, code, expected] of [
    [403, 'InvalidAccessKeyId', 'AccessDenied'],
    [403, 'SignatureDoesNotMatch', 'AccessDenied'],
    [404, 'NoSuchBucket', 'NoSuchBucket'],
  ] as const) {
    const { target } = await fakeS3(t, ({ method }, response) => {
      if (method === 'HEAD') response.writeHead(status).end()
      else refuse(response, status, code)
    })
    const says = status === 403 ? [new RegExp(code)] : [/copies/]
    await assert.rejects(target.put(version(body), { signal }), failsWith(expected, ...says))
    await assert.rejects(target.probe({ signal }), failsWith(expected, ...says))
  }
})

test('a key that may not ask for what must be known of the bucket is told the right that it takes', async (t) => {
  for (const [denied, right] of [
    ['/copies', /s3:ListBucket\./],
    ['/copies?versioning=', /s3:GetBucketVersioning\./],
    ['/copies?object-lock=', /s3:GetBucketObjectLockConfiguration\./],
  ] as const) {
    const { target } = await fakeS3(t, ({ method, url }, response) => {
      if (url !== denied) response.writeHead(200).end('<V><Status>Enabled</Status></V>')
      else if (method === 'HEAD') response.writeHead(403).end()
      else refuse(response, 403, 'AccessDenied')
    })
    await assert.rejects(target.probe({ signal }), failsWith('AccessDenied', right))
  }
})

test('a redirect is not followed', async (t) => {
  const { target, got } = await fakeS3(t, (_, response) =>
    response.writeHead(307, { location: 'http://169.254.169.254/' }).end(),
  )
  await assert.rejects(target.put(version(body), { signal }), failsWith('Unreachable', /307/))
  assert.equal(got.length, 1)
})

test('a refusal that does not say whether it is of all is: the bucket is asked, by one of many', async (t) => {
  let isUp = true
  const { target, got } = await fakeS3(t, (asked, response) => {
    if (!isHead(asked)) refuse(response, 500, 'InternalError', 'We encountered an internal error.')
    else response.writeHead(isUp ? 200 : 503).end()
  })
  await target
    .put(version(body), { signal })
    .catch(failsWith('Refused', /500 InternalError: We encountered/, /a\/b/))
  got.length = 0
  isUp = false
  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, () => target.put(version(body), { signal })),
  )
  for (const outcome of outcomes)
    failsWith('Unreachable', /InternalError/)((outcome as PromiseRejectedResult).reason)
  assert.ok(got.filter(isHead).length < 8)
})

test('a server that is full or overloaded takes nothing, whatever it answers else', async (t) => {
  for (const [status, code] of [
    [503, 'SlowDown'],
    [507, 'XMinioStorageFull'],
  ] as const) {
    const { target } = await fakeS3(
      t,
      asAquifer((_, response) => refuse(response, status, code)),
    )
    await assert.rejects(target.put(version(body), { signal }), failsWith('Unreachable', new RegExp(code)))
  }
})

test('of one object that is refused, nothing is held against the target', async (t) => {
  const { target } = await fakeS3(
    t,
    asPlain((_, response) => refuse(response, 403, 'AccessDenied', 'Access Denied')),
  )
  await assert.rejects(target.put(version(body), { signal }), failsWith('Refused', /AccessDenied/))
})

test('of an Aquifer that takes no replicas any more, all versions wait', async (t) => {
  const { target } = await fakeS3(
    t,
    asAquifer((_, response) => refuse(response, 403, 'AccessDenied', 'Access Denied')),
  )
  await assert.rejects(target.put(version(body), { signal }), failsWith('AccessDenied'))
})

test('a version that is locked there stays, and is said to be locked', async (t) => {
  const message = 'Access Denied because object protected by object lock.'
  const { target } = await fakeS3(
    t,
    asAquifer((_, response) => refuse(response, 403, 'AccessDenied', message)),
  )
  const removal = { key: 'a/b', versionId }
  await assert.rejects(target.remove(removal, { signal }), failsWith('Locked', /object lock/))
  await assert.rejects(target.merge(version(body), { signal }), failsWith('Locked'))
})

test('a 404 of something other than S3 is not taken for a version that is gone', async (t) => {
  const { target } = await fakeS3(
    t,
    asAquifer((_, response) => response.writeHead(404).end('<html>Not found</html>')),
  )
  await assert.rejects(target.remove({ key: 'a/b', versionId }, { signal }), ReplicationError)
})

test('of an answer without end no more is read than is of use', async (t) => {
  const { target } = await fakeS3(
    t,
    asPlain((_, response) => {
      response.writeHead(400)
      const more = (): void => {
        while (!response.destroyed && response.write(large)) {}
      }
      response.on('drain', more)
      more()
    }),
  )
  await assert.rejects(target.put(version(body), { signal }), failsWith('Refused', /400/))
})

test('a connection that was closed while nobody used it does not count', async (t) => {
  const used = new Set<unknown>()
  let closed = 0
  const { target } = await fakeS3(
    t,
    asAquifer((_, response, { socket }) => {
      const isUsedAgain = used.has(socket)
      used.add(socket)
      if (isUsedAgain) {
        closed++
        socket.destroy()
      } else response.writeHead(200, kept).end()
    }),
  )
  for (const bytes of [body, large]) for (let i = 0; i < 6; i++) await target.put(version(bytes), { signal })
  assert.ok(closed > 0)
})
