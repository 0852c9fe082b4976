import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { type ObjectInfo, ReplicationError } from '@aquifer/engine'
import { OutgoingCalls, OutgoingError, type OutgoingRequest, s3ReplicationTargets } from '@aquifer/targets'
import { asAquifer, fakeS3, type Got, refuse, version, versionId } from './fake-s3.js'

const { signal } = new AbortController()
const kept = { 'x-amz-version-id': versionId }
const isKept = asAquifer((_, response) => response.writeHead(200, kept).end())
const body = Buffer.from('some bytes')
const etag = createHash('md5').update(body).digest('hex')

const minioHeaders = ({ headers }: Got): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-minio-')))

test('a version goes to an Aquifer with its id, time, ETag and all that is said of it', async (t) => {
  const { target, got } = await fakeS3(t, isKept)
  const lastModified = new Date('2026-01-02T03:04:05.678Z')
  const answer = await target.put(
    version(body, {
      ...{ key: "a/../ü b'(1)*+&.txt", tags: { 'a b': 'ü&=', c: '' }, storageClass: 'GLACIER' },
      changed: { tags: new Date('2026-02-01T00:00:00Z'), legalHold: new Date('2026-02-02T00:00:00.001Z') },
      info: {
        ...{ etag, lastModified, contentType: 'text/plain', expires: 'never', websiteRedirect: '/x' },
        metadata: { camera: 'ä  b', plain: '', nbsp: 'voilà' },
        ...{ retention: { mode: 'governance', retainUntil: new Date('2020-01-01T00:00:00Z') } },
        ...{ legalHold: false, checksums: { crc32: 'AAAAAA==' } },
      },
    }),
    { signal },
  )
  assert.deepEqual(answer, {})
  const put = got[1]!
  assert.equal(put.method, 'PUT')
  assert.equal(put.url, `/copies/a/../%C3%BC%20b%27%281%29%2A%2B%26.txt?versionId=${versionId}`)
  assert.equal(put.body.toString(), 'some bytes')
  assert.deepEqual(minioHeaders(put), {
    'x-minio-source-replication-request': 'true',
    'x-minio-source-mtime': '2026-01-02T03:04:05.678Z',
    'x-minio-source-etag': etag,
    'x-minio-source-replication-tagging-timestamp': '2026-02-01T00:00:00.000Z',
    'x-minio-source-replication-legalhold-timestamp': '2026-02-02T00:00:00.001Z',
  })
  const { headers } = put
  assert.equal(headers['x-amz-replication-status'], 'REPLICA')
  assert.equal(headers['content-type'], 'text/plain')
  assert.equal(headers['expires'], 'never')
  assert.equal(headers['x-amz-website-redirect-location'], '/x')
  assert.equal(headers['x-amz-storage-class'], 'GLACIER')
  const tagging = Buffer.from(headers['x-amz-tagging']!, 'latin1').toString('utf8')
  assert.equal(tagging, 'a%20b=ü%26%3D&c=')
  assert.equal(Buffer.from(headers['x-amz-meta-camera']!, 'latin1').toString('utf8'), 'ä  b')
  assert.equal(headers['x-amz-meta-plain'], '')
  assert.equal(Buffer.from(headers['x-amz-meta-nbsp']!, 'latin1').toString('utf8'), 'voilà')
  assert.equal(headers['x-amz-object-lock-mode'], 'GOVERNANCE')
  assert.equal(headers['x-amz-object-lock-retain-until-date'], '2020-01-01T00:00:00.000Z')
  assert.equal(headers['x-amz-object-lock-legal-hold'], 'OFF')
  assert.equal(headers['x-amz-checksum-crc32'], 'AAAAAA==')
  assert.equal(headers['content-md5'], Buffer.from(etag, 'hex').toString('base64'))
  assert.equal(headers['x-amz-content-sha256'], createHash('sha256').update(body).digest('hex'))
  assert.equal(headers['content-length'], '10')
})

test('an object of no bytes goes, and one too long to hold is streamed', async (t) => {
  const { target, got } = await fakeS3(t, isKept)
  await target.put(version(new Uint8Array(0)), { signal })
  const large = Buffer.alloc(1024 * 1024 + 1, 'x')
  await target.put(version(large), { signal })
  assert.deepEqual([got[1]!.body.byteLength, got[1]!.headers['content-length']], [0, '0'])
  assert.equal(got[3]!.headers['x-amz-content-sha256'], 'UNSIGNED-PAYLOAD')
  assert.ok(got[3]!.body.equals(large))
})

test('many bytes are not sent for a version that is there: what is said of it is', async (t) => {
  const { target, got } = await fakeS3(
    t,
    asAquifer((_, response) => response.writeHead(200, kept).end(), { tellsVersions: true }),
  )
  await target.put(version(Buffer.alloc(1024 * 1024 + 1), { tags: { a: 'b' } }), { signal })
  assert.deepEqual(
    got.map(({ method, body }) => `${method} ${body.byteLength}`),
    ['HEAD 0', 'HEAD 0', 'PUT 0'],
  )
  assert.equal(got[2]!.headers['x-amz-tagging'], 'a=b')
})

test('changes, delete markers and removals go by the id of the version', async (t) => {
  const { target, got } = await fakeS3(t, isKept)
  const lastModified = new Date('2026-01-02T03:04:05.678Z')
  await target.merge(version(body, { tags: { a: 'b' }, changed: { retention: lastModified } }), { signal })
  await target.putDeleteMarker({ key: 'a/b', versionId, lastModified }, { signal })
  await target.remove({ key: 'a/b', versionId }, { signal })
  const [, merged, marked, removed] = got
  for (const each of [merged!, marked!, removed!])
    assert.equal(each.url, `/copies/a/b?versionId=${versionId}`)
  assert.equal(merged!.method, 'PUT')
  assert.equal(merged!.headers['x-amz-copy-source'], `/copies/a/b?versionId=${versionId}`)
  assert.equal(merged!.headers['x-amz-tagging'], 'a=b')
  assert.deepEqual(minioHeaders(merged!), {
    'x-minio-source-replication-request': 'true',
    'x-minio-source-replication-retention-timestamp': '2026-01-02T03:04:05.678Z',
  })
  assert.equal(marked!.method, 'DELETE')
  assert.deepEqual(minioHeaders(marked!), {
    'x-minio-source-replication-request': 'true',
    'x-minio-source-deletemarker': 'true',
    'x-minio-source-mtime': '2026-01-02T03:04:05.678Z',
  })
  assert.equal(removed!.method, 'DELETE')
  assert.deepEqual(minioHeaders(removed!), { 'x-minio-source-replication-request': 'true' })
})

test('what was removed there is not to be brought, and what is not there is not to be removed', async (t) => {
  const { target } = await fakeS3(
    t,
    asAquifer(({ method }, response) => {
      if (method === 'DELETE') refuse(response, 404, 'NoSuchVersion')
      else refuse(response, 412, 'PreconditionFailed')
    }),
  )
  assert.deepEqual(await target.put(version(body), { signal }), {})
  await target.remove({ key: 'a/b', versionId }, { signal })
})

test('a server that does not keep the id after all is asked anew what it is, and takes nothing till then', async (t) => {
  const { target, got } = await fakeS3(
    t,
    asAquifer((_, response) => response.writeHead(200, { 'x-amz-version-id': 'another' }).end()),
  )
  for (let i = 0; i < 2; i++)
    await assert.rejects(target.put(version(body), { signal }), { code: 'InvalidBucketState' })
  assert.deepEqual(
    got.map(({ method }) => method),
    ['HEAD', 'PUT', 'HEAD', 'PUT'],
  )
})

test('what no header can carry as it is, is refused and not sent otherwise', async (t) => {
  const { target, got } = await fakeS3(t, isKept)
  const uncarried: Partial<ObjectInfo>[] = [
    { metadata: { a: 'line\nbreak' } },
    { metadata: { a: ' space' } },
    { metadata: { 'no token': '' } },
    { contentType: 'text/\u4e00' },
  ]
  for (const info of uncarried)
    await assert.rejects(
      target.put(version(body, { info }), { signal }),
      (error) => error instanceof ReplicationError && error.code === 'Refused',
    )
  assert.equal(got.length, 1)
})

test('a target is asked what it is like, and whether we may write, remove, tag and lock, and nothing is done', async (t) => {
  let status = 'Enabled'
  let denied = ''
  let hasLock = true
  const { target, got } = await fakeS3(
    t,
    asAquifer(({ url, method, headers }, response) => {
      if (url === '/copies?versioning=')
        response.end(
          `<VersioningConfiguration xmlns="x"><Status a="b"> ${status} </Status></VersioningConfiguration>`,
        )
      else if (url === '/copies?object-lock=')
        if (hasLock) response.end('<L><s3:ObjectLockEnabled>Enabled</s3:ObjectLockEnabled></L>')
        else refuse(response, 404, 'ObjectLockConfigurationNotFoundError')
      else if (headers['x-minio-source-replication-check'] !== 'true') refuse(response, 501, 'NotImplemented')
      else if (
        denied === 'LOCK'
          ? headers['x-amz-object-lock-legal-hold'] === 'ON' &&
            headers['x-amz-object-lock-mode'] !== undefined
          : denied === (headers['x-amz-copy-source'] ? 'COPY' : method)
      )
        refuse(response, 403, 'AccessDenied')
      else refuse(response, 400, 'ReplicationPermissionCheck')
    }),
  )
  const facts = { keepsVersionIds: true, versioning: 'enabled', objectLock: true }
  assert.deepEqual(await target.probe({ signal }), facts)
  const checked = '/copies/aquifer-replication-check?versionId=00000000000000000000000000000000'
  const asked = got.filter(({ url }) => url === checked)
  assert.deepEqual(
    asked.map(({ method, headers }) => [method, headers['x-amz-copy-source']]),
    [
      ['PUT', undefined],
      ['DELETE', undefined],
      ['PUT', checked],
      ['PUT', undefined],
    ],
  )
  status = 'Suspended'
  assert.deepEqual(await target.probe({ signal }), { ...facts, versioning: 'suspended' })
  for (const [what, right] of [
    ['PUT', /s3:ReplicateObject/],
    ['DELETE', /s3:ReplicateDelete/],
    ['COPY', /s3:ReplicateTags/],
    ['LOCK', /s3:PutObjectRetention and s3:PutObjectLegalHold/],
  ] as const) {
    denied = what
    await assert.rejects(
      target.probe({ signal }),
      (error) =>
        error instanceof ReplicationError && error.code === 'AccessDenied' && right.test(error.message),
    )
  }
  hasLock = false
  assert.equal(
    (await target.probe({ signal })).objectLock,
    false,
    'Where nothing can be locked it need not be allowed.',
  )
})

test('a bucket is addressed by its host where that is asked for', async () => {
  const asked: [string, string | undefined][] = []
  class NoCalls extends OutgoingCalls {
    override async request(url: string, { target }: OutgoingRequest): Promise<never> {
      asked.push([url, target])
      throw new OutgoingError('Unreachable', 'no')
    }
  }
  const remote = { bucket: 'copies', accessKeyId: 'AKIA', secretAccessKey: 'secret' }
  const connect = s3ReplicationTargets({ calls: new NoCalls() })
  const target = connect({ ...remote, endpoint: 'https://s3.example:9000/', addressing: 'virtual-host' })
  await assert.rejects(target.probe({ signal }), { code: 'Unreachable' })
  assert.deepEqual(asked, [['https://copies.s3.example:9000', '/']])
})

test('what can be no endpoint, or is none that calls go to, is told before anything is called', () => {
  const connect = s3ReplicationTargets({ calls: new OutgoingCalls() })
  const remote = { bucket: 'copies', accessKeyId: 'AKIA', secretAccessKey: 'secret' }
  for (const endpoint of [
    '',
    'ftp://a',
    'http://a/path',
    'http://a?b',
    'http://u:p@a',
    'http://127.0.0.1',
    'https://[::1]:9000',
  ])
    assert.throws(() => connect({ ...remote, endpoint }), { code: 'Unreachable' }, endpoint)
  assert.throws(() => connect({ ...remote, endpoint: 'http://a', bucket: '../b' }), { code: 'NoSuchBucket' })
})
