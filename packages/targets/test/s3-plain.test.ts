import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { asPlain, fakeS3, refuse, version, versionId } from './fake-s3.js'

const { signal } = new AbortController()
const body = Buffer.from('some bytes')
const kept = { 'x-amz-version-id': 'theirs' }
const soon = new Date(Date.now() + 86_400_000)

test('a version goes to any other server as a new one, and what it is called there is answered', async (t) => {
  const { target, got } = await fakeS3(
    t,
    asPlain(({ url }, response) => {
      if (url.endsWith('?object-lock=')) response.end('<A><ObjectLockEnabled>Enabled</ObjectLockEnabled></A>')
      else response.writeHead(200, kept).end()
    }),
  )
  const etag = createHash('md5').update(body).digest('hex')
  const retention = { mode: 'compliance', retainUntil: soon } as const
  const info = {
    etag,
    retention,
    legalHold: true,
    metadata: { a: 'b' },
    checksums: { xxhash3: 'AAAAAAAAAAA=' },
  }
  assert.deepEqual(await target.put(version(body, { info, tags: { ü: 'b' } }), { signal }), {
    targetVersionId: 'theirs',
  })
  const { url, headers } = got.at(-1)!
  assert.equal(url, '/copies/a/b')
  assert.equal(headers['x-amz-tagging'], '%C3%BC=b')
  assert.equal(headers['x-amz-object-lock-mode'], 'COMPLIANCE')
  assert.equal(headers['x-amz-object-lock-legal-hold'], 'ON')
  assert.equal(headers['x-amz-meta-a'], 'b')
  // Only what every server knows.
  for (const name of Object.keys(headers)) assert.doesNotMatch(name, /^x-minio|aquifer|xxhash|replication/)
  const ended = { ...retention, retainUntil: new Date('2020-01-01T00:00:00Z') }
  await target.put(version(body, { info: { etag: 'e', legalHold: false, retention: ended } }), { signal })
  assert.equal(got.at(-1)!.headers['x-amz-object-lock-mode'], undefined)
  // What locks it needs a digest.
  assert.equal(got.at(-1)!.headers['content-md5'], headers['content-md5'])
})

test('a server without versions, or without the object lock that a version has, takes nothing', async (t) => {
  const { target, got } = await fakeS3(
    t,
    asPlain(({ url }, response) => {
      if (url.endsWith('?object-lock=')) refuse(response, 404, 'ObjectLockConfigurationNotFoundError')
      else response.end()
    }),
  )
  await assert.rejects(target.put(version(body), { signal }), { code: 'InvalidBucketState' })
  const marker = { key: 'a/b', versionId, lastModified: new Date() }
  await assert.rejects(target.putDeleteMarker(marker, { signal }), { code: 'InvalidBucketState' })
  got.length = 0
  const locked = version(body, { info: { legalHold: true } })
  await assert.rejects(target.put(locked, { signal }), { code: 'InvalidBucketState' })
  assert.deepEqual(
    got.map(({ method }) => method),
    ['GET'],
  )
})

test('what has changed of a version is told of it by the name that it has there, its locks first', async (t) => {
  const { target, got } = await fakeS3(
    t,
    asPlain((_, response) => response.end()),
  )
  const now = new Date()
  const changed = { tags: now, retention: now, legalHold: now }
  const tags = { a: '<&\n>' }
  const info = { legalHold: false, retention: { mode: 'governance', retainUntil: soon } as const }
  const there = { targetVersionId: 'th/eirs', tags, changed, info }
  await target.merge(version(body, there), { signal })
  assert.deepEqual(
    got.slice(1).map(({ method, url }) => `${method} ${url}`),
    ['legal-hold', 'retention', 'tagging'].map((what) => `PUT /copies/a/b?${what}=&versionId=th%2Feirs`),
  )
  const [, hold, retention, tagging] = got
  assert.match(hold!.body.toString(), /<Status>OFF</)
  assert.match(retention!.body.toString(), new RegExp(`<Mode>GOVERNANCE</Mode>.*${soon.toISOString()}`))
  assert.equal(retention!.headers['x-amz-bypass-governance-retention'], 'true')
  assert.match(tagging!.body.toString(), /<Key>a<\/Key><Value>&#60;&#38;&#10;&#62;<\/Value>/)
  for (const { headers, body } of got.slice(1))
    assert.equal(headers['content-md5'], createHash('md5').update(body).digest('base64'))
  got.length = 0
  await target.merge(version(body, { targetVersionId: 'theirs', changed: { retention: now } }), { signal })
  assert.match(got[0]!.body.toString(), /^<Retention xmlns="[^"]+"><\/Retention>$/)
  assert.equal(got.length, 1)
  await assert.rejects(target.merge(version(body), { signal }), { code: 'NoSuchVersion' })
})

test('markers and removals go by the names that they have there', async (t) => {
  const { target, got } = await fakeS3(
    t,
    asPlain(({ url }, response) => {
      if (url.includes('gone')) refuse(response, 404, 'NoSuchVersion')
      else response.writeHead(204, kept).end()
    }),
  )
  const marker = { key: 'a/b', versionId, lastModified: new Date() }
  assert.deepEqual(await target.putDeleteMarker(marker, { signal }), { targetVersionId: 'theirs' })
  for (const targetVersionId of ['theirs', 'gone'])
    await target.remove({ key: 'a/b', versionId, targetVersionId }, { signal })
  await target.remove({ key: 'a/b', versionId }, { signal }) // It never came there.
  assert.deepEqual(
    got.slice(1).map(({ method, url }) => `${method} ${url}`),
    ['DELETE /copies/a/b', 'DELETE /copies/a/b?versionId=theirs', 'DELETE /copies/a/b?versionId=gone'],
  )
})

test('that a version is locked there shows where the refusal does not say so', async (t) => {
  let lock: Record<string, string> = { 'x-amz-object-lock-legal-hold': 'ON' }
  const { target } = await fakeS3(
    t,
    asPlain(({ method }, response) => {
      if (method === 'HEAD') response.writeHead(200, lock).end()
      else refuse(response, 403, 'AccessDenied', 'Access Denied.')
    }),
  )
  const removal = { key: 'a/b', versionId, targetVersionId: 'theirs' }
  await assert.rejects(target.remove(removal, { signal }), { code: 'Locked' })
  lock = { 'x-amz-object-lock-retain-until-date': soon.toISOString() }
  await assert.rejects(target.remove(removal, { signal }), { code: 'Locked' })
  lock = { 'x-amz-object-lock-retain-until-date': '2020-01-01T00:00:00Z' }
  await assert.rejects(target.remove(removal, { signal }), { code: 'Refused' })
})
