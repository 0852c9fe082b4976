import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import type { Bucket, ObjectInfo, OpenEngine, PutOptions } from '@aquifer/engine'
import { createNodeServer, createS3Handler, type RequestRecord } from '@aquifer/http-adapter'
import { openEngine } from './open-engine.js'
import { listening } from './raw-client.js'
import { type Brought, entryOf, type Line, linesOf, listHeaders, listOf } from './replica-list.js'
import { owner, S3InMemory } from './s3-in-memory.js'

type Headers = Record<string, string>

const DAY_MS = 86_400_000
const later = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString()
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('base64')

/** A server with a bucket that stands for another store, and two that versions are brought to. */
async function serve() {
  const engine = await openEngine({ background: false })
  for (const name of ['there', 'alone', 'together']) await engine.createBucket(name, { objectLock: true })
  const there = engine.bucket('there')
  const records: RequestRecord[] = []
  const handler = createS3Handler(engine, {
    owner: { id: owner.ownerId, displayName: owner.displayName },
    authenticate: () => owner,
    log: (record) => records.push(record),
  })
  const server = await listening(createNodeServer(handler))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    engine,
    records,
    bucket: engine.bucket('together'),
    /** A version of the other store, and how it is brought. */
    async make(key: string, text: string, headers: Headers = {}, options: PutOptions = {}): Promise<Brought> {
      const bytes = Buffer.from(text)
      const info = await there.put(key, bytes, options)
      return { key, versionId: info.versionId!, headers: { ...told(info, bytes), ...headers }, bytes }
    },
    async send(body: Uint8Array, headers: Headers = {}, bucket = 'together') {
      const response = await fetch(`${origin}/${bucket}?aquifer-replicas`, {
        method: 'POST',
        headers: { ...listHeaders, ...headers },
        body,
      })
      const text = await response.text()
      return { status: response.status, type: response.headers.get('content-type'), text }
    },
    async bring(versions: readonly Brought[], bucket?: string): Promise<Line[]> {
      const { status, type, text } = await this.send(listOf(versions), {}, bucket)
      assert.equal(`${status} ${type}`, '200 application/x-ndjson', text)
      return linesOf(text)
    },
    /** The same by a PUT of its own. */
    async bringAlone({ key, versionId, headers, bytes }: Brought, bucket = 'alone'): Promise<Line> {
      const path = key.split('/').map(encodeURIComponent).join('/')
      const response = await fetch(`${origin}/${bucket}/${path}?versionId=${encodeURIComponent(versionId)}`, {
        method: 'PUT',
        headers: Object.entries(headers).map(([name, value]): [string, string] => [name, value]),
        body: bytes,
      })
      const { status } = response
      if (status === 200) return { status, versionId: response.headers.get('x-amz-version-id')! }
      const text = await response.text()
      const [code, message] = ['Code', 'Message'].map((name) =>
        new RegExp(`<${name}>(.*?)</${name}>`)
          .exec(text)![1]!
          .replaceAll('&quot;', '"')
          .replaceAll('&apos;', "'"),
      )
      return { status, code: code!, message: message! }
    },
    /** All that is known of each version of a bucket, and its bytes. */
    async facts(bucket: string) {
      const found = []
      for await (const entry of engine.bucket(bucket).listVersions()) {
        if (entry.type !== 'version') continue
        const { key, versionId } = entry.info
        const at = { versionId: versionId! }
        await using object = await engine.bucket(bucket).get(key, at)
        const bytes = Buffer.from(await object.bytes()).toString()
        const { bucket: _, ...info } = object.info as ObjectInfo & { bucket?: string }
        found.push({ info, bytes, tags: await engine.bucket(bucket).getTags(key, at) })
      }
      return found
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await server[Symbol.asyncDispose]()
      await engine.close()
    },
  }
}

const told = ({ lastModified, etag }: ObjectInfo, bytes: Uint8Array): Headers => ({
  'x-minio-source-replication-request': 'true',
  'x-amz-replication-status': 'REPLICA',
  'x-minio-source-mtime': lastModified.toISOString(),
  'x-minio-source-etag': etag,
  'content-md5': md5(bytes),
})

const locked = (mode: string, days: number): Headers => ({
  'x-amz-object-lock-mode': mode,
  'x-amz-object-lock-retain-until-date': later(days),
})

test('versions that come together are what each would be had it come alone, in every fact', async () => {
  await using s3 = await serve()
  const { make } = s3
  const versions = [
    await make('plain', 'bytes'),
    await make('empty', ''),
    await make('plain', 'a younger version of the same key'),
    await make('ä/ü ?&%41+ "quoted"/😀', 'a key of many letters'),
    await make('described', 'described', {
      'content-type': 'text/plain; charset=utf-8',
      'content-encoding': 'gzip',
      'content-disposition': 'attachment; filename="x"',
      'content-language': 'de',
      'cache-control': 'no-cache',
      'x-amz-meta-colour': 'green',
      'x-amz-meta-size': Buffer.from('größe').toString('latin1'),
      'x-amz-meta-__proto__': 'a name like any other',
      'x-amz-website-redirect-location': '/elsewhere',
    }),
    await make('tagged', 'tagged', {
      'x-amz-tagging': 'a=1&b=2',
      'x-minio-source-replication-tagging-timestamp': later(-1),
    }),
    await make('untagged', 'untagged', { 'x-minio-source-replication-tagging-timestamp': later(-1) }),
    await make('kept', 'kept', {
      ...locked('COMPLIANCE', 1),
      'x-minio-source-replication-retention-timestamp': later(-1),
    }),
    await make('held', 'held', {
      'x-amz-object-lock-legal-hold': 'ON',
      'x-minio-source-replication-legalhold-timestamp': later(-1),
    }),
    await make('checked', 'checked', {
      'x-amz-checksum-sha256': createHash('sha256').update('checked').digest('base64'),
    }),
    await make('of parts', 'of parts', {
      'x-minio-source-etag': '0123456789abcdef0123456789abcdef-2',
    }),
    await make('longer than what is written with its record', 'x'.repeat(100_000)),
  ]
  const lines = await s3.bring(versions)
  assert.deepEqual(
    lines,
    versions.map(({ versionId }) => ({ status: 200, versionId })),
  )
  for (const version of versions) assert.equal((await s3.bringAlone(version)).status, 200)
  assert.deepEqual(await s3.facts('together'), await s3.facts('alone'))
  assert.equal((await s3.facts('together')).length, versions.length)
})

test('what one is refused for, its PUT is refused for in the same words, and it stops no other', async () => {
  await using s3 = await serve()
  const { make } = s3
  const removed = await make('removed', 'removed')
  const compliant = await make('compliant', 'compliant', locked('COMPLIANCE', 2))
  const governed = await make('governed', 'governed', {
    ...locked('GOVERNANCE', 2),
    'x-minio-source-replication-retention-timestamp': later(0.1),
  })
  for (const bucket of ['alone', 'together']) {
    for (const version of [removed, compliant, governed]) await s3.bringAlone(version, bucket)
    const { key, versionId } = removed
    await s3.engine.bucket(bucket).delete(key, { versionId, replica: {} })
  }
  const weaker = {
    ...governed,
    headers: {
      ...governed.headers,
      ...locked('GOVERNANCE', 1),
      'x-minio-source-replication-retention-timestamp': later(0.2),
    },
  }
  const without = (version: Brought, ...names: string[]): Brought => ({
    ...version,
    headers: Object.fromEntries(Object.entries(version.headers).filter(([name]) => !names.includes(name))),
  })
  const refused: [what: string, answer: string, version: Brought][] = [
    ['removed here', '412 PreconditionFailed', removed],
    ['governance that would be weakened', '403 AccessDenied', weaker],
    ['another MD5', '400 BadDigest', await make('a', 'a', { 'content-md5': md5(Buffer.from('b')) })],
    ['an MD5 that is none', '400 InvalidDigest', await make('a', 'a', { 'content-md5': 'b' })],
    ['another CRC', '400 BadDigest', await make('a', 'a', { 'x-amz-checksum-crc32': 'AAAAAA==' })],
    ['a CRC that is none', '400 InvalidRequest', await make('a', 'a', { 'x-amz-checksum-crc32': 'A' })],
    ['a condition', '400 InvalidRequest', await make('a', 'a', { 'if-none-match': '*' })],
    ['a sealed key', '501 NotImplemented', await make('a', 'a', { 'x-minio-source-sealed': 'a' })],
    ['an ACL', '400 AccessControlListNotSupported', await make('a', 'a', { 'x-amz-acl': 'public-read' })],
    ['no time', '400 InvalidArgument', without(await make('a', 'a'), 'x-minio-source-mtime')],
    ['a mode alone', '400 InvalidArgument', await make('a', 'a', { 'x-amz-object-lock-mode': 'COMPLIANCE' })],
    ['a key that is too long', '400 KeyTooLongError', { ...(await make('a', 'a')), key: 'x'.repeat(1_025) }],
    ['NUL', '400 InvalidURI', { ...(await make('a', 'a')), key: 'x\0' }],
    ['an id that is none', '400 InvalidArgument', { ...(await make('a', 'a')), versionId: 'null' }],
    ['an id with a &', '400 InvalidArgument', { ...(await make('a', 'a')), versionId: '1&uploads' }],
    ['tags that cannot be', '400 InvalidArgument', await make('a', 'a', { 'x-amz-tagging': 'a=1&a=2' })],
    [
      'only asking',
      '400 ReplicationPermissionCheck',
      await make('a', 'a', { 'x-minio-source-replication-check': 'true' }),
    ],
    ['framing', '400 InvalidRequest', await make('a', 'a', { 'content-encoding': 'aws-chunked' })],
  ]
  const good = [await make('good', 'first'), await make('good', 'last')]
  const lines = await s3.bring([good[0]!, ...refused.map(([, , version]) => version), good[1]!])
  assert.deepEqual(
    [lines.shift(), lines.pop()],
    good.map(({ versionId }) => ({ status: 200, versionId })),
  )
  for (const [at, [what, answer, version]] of refused.entries()) {
    const { status, code } = lines[at]!
    assert.equal(`${status} ${code}`, answer, what)
    if (what !== 'framing') assert.deepEqual(lines[at], await s3.bringAlone(version), what)
  }
  assert.deepEqual(
    (await s3.facts('together')).map(({ info }) => info.key),
    ['compliant', 'good', 'good', 'governed'],
  )
})

test('what is no PUT of a replica is refused by itself', async () => {
  await using s3 = await serve()
  const { make } = s3
  const plain = { ...(await make('plain', 'plain')), headers: { 'content-type': 'text/plain' } }
  const unsaid = { ...plain, headers: { 'x-minio-source-mtime': later(-1) } }
  const refused: [answer: string, version: Brought][] = [
    ['400 InvalidRequest', plain],
    ['400 InvalidArgument', unsaid],
    ['400 InvalidRequest', await make('a', 'a', { 'x-amz-copy-source': '/there/plain' })],
    ['400 InvalidRequest', await make('a', 'a', { 'x-amz-write-offset-bytes': '0' })],
    ['400 InvalidRequest', await make('a', 'a', { 'x-amz-meta-snowball-auto-extract': 'true' })],
    ['400 RequestHeaderSectionTooLarge', await make('a', 'a', { 'x-other': 'x'.repeat(17_000) })],
  ]
  for (const name of ['host', 'user-agent', 'x-amz-content-sha256', 'x-forwarded-for', 'content-length'])
    refused.push(['400 InvalidRequest', await make('a', 'a', { [name]: '1' })])
  const lines = await s3.bring(refused.map(([, version]) => version))
  for (const [at, [answer, { headers }]] of refused.entries())
    assert.equal(`${lines[at]!.status} ${lines[at]!.code}`, answer, JSON.stringify(headers))
  assert.deepEqual(await s3.facts('together'), [])
})

test('a version that comes twice in one request is there once, with what the younger word says of it', async () => {
  await using s3 = await serve()
  const first = await s3.make('key', 'bytes', {
    'x-amz-tagging': 'a=first',
    'x-minio-source-replication-tagging-timestamp': later(0.1),
  })
  const second = {
    ...first,
    headers: {
      ...first.headers,
      'x-amz-tagging': 'a=second',
      'x-minio-source-replication-tagging-timestamp': later(0.2),
    },
  }
  const { versionId } = first
  assert.deepEqual(await s3.bring([second, first, second, first]), Array(4).fill({ status: 200, versionId }))
  const found = await s3.facts('together')
  assert.equal(found.length, 1)
  assert.deepEqual(found[0]!.tags, { a: 'second' })
})

test('a list that cannot be read is refused as a whole, and nothing of it is written', async () => {
  await using s3 = await serve()
  const good = listOf([await s3.make('good', 'good')])
  const many = Array.from({ length: 1_001 }, () => good)
  const lists: [what: string, code: string, body: Buffer][] = [
    ['nothing', 'InvalidRequest', Buffer.alloc(0)],
    ['an end that is cut off', 'InvalidRequest', good.subarray(0, -1)],
    ['no JSON', 'InvalidRequest', Buffer.concat([good, entryOf(Buffer.from('{'))])],
    ['too many', 'InvalidRequest', Buffer.concat(many)],
    ['too much', 'MaxMessageLengthExceeded', Buffer.concat([good, Buffer.alloc(4 * 1024 ** 2)])],
  ]
  for (const [what, code, body] of lists) {
    const { status, text } = await s3.send(body)
    assert.equal(status, 400, what)
    assert.match(text, new RegExp(`<Code>${code}</Code>`), what)
  }
  const requests: [code: string, headers: Headers, bucket?: string][] = [
    ['InvalidRequest', { 'content-type': 'application/json' }],
    ['InvalidArgument', { 'x-minio-source-replication-request': 'false' }],
    ['InvalidArgument', { 'x-minio-source-replication-request': '' }],
    ['NotImplemented', { 'x-minio-source-mtime': later(0) }],
    ['BadDigest', { 'content-md5': md5(Buffer.from('another')) }],
    ['NoSuchBucket', {}, 'nowhere'],
  ]
  for (const [code, headers, bucket] of requests) {
    const { text } = await s3.send(good, headers, bucket)
    assert.match(text, new RegExp(`<Code>${code}</Code>`), text)
  }
  assert.deepEqual(await s3.facts('together'), [])
})

test('a bucket without versions takes none, and says so of each', async () => {
  await using s3 = await serve()
  await s3.engine.createBucket('plain')
  const versions = [await s3.make('a', 'a'), await s3.make('b', 'b')]
  for (const { status, code } of await s3.bring(versions, 'plain'))
    assert.equal(`${status} ${code}`, '400 InvalidRequest')
})

test('one line of the log tells of one request, whatever it brought', async () => {
  await using s3 = await serve()
  await s3.bring([await s3.make('a', 'a'), await s3.make('b', 'b'), await s3.make('c', 'c')])
  assert.deepEqual(
    s3.records.map(({ operation, bucket, key, status }) => ({ operation, bucket, key, status })),
    [{ operation: 'PutReplicas', bucket: 'together', key: '', status: 200 }],
  )
})

test('what goes wrong inside with one of them is told to the log alone', async () => {
  await using engine = await openEngine({ background: false })
  await engine.createBucket('bucket', { objectLock: true })
  const inside = new Error('a secret of the machine')
  const bucket = (...[name, options]: Parameters<OpenEngine['bucket']>): Bucket => {
    const found = engine.bucket(name, options)
    const put: Bucket['put'] = (key, ...rest) =>
      key === 'broken' ? Promise.reject(inside) : found.put(key, ...rest)
    return new Proxy(found, {
      get: (_, name) => (name === 'put' ? put : bound(found, name)),
    })
  }
  const records: RequestRecord[] = []
  const handler = createS3Handler(
    new Proxy(engine, { get: (_, name) => (name === 'bucket' ? bucket : bound(engine, name)) }),
    { authenticate: () => owner, log: (record) => records.push(record) },
  )
  const bytes = Buffer.from('bytes')
  const info = await engine.bucket('bucket').put('there', bytes)
  const version = (key: string): Brought => ({
    ...{ key, versionId: info.versionId!, bytes },
    headers: told(info, bytes),
  })
  const body = listOf([version('a'), version('broken'), version('b')])
  const { status, body: answer } = await handler({
    ...{ method: 'POST', rawUrl: '/bucket?aquifer-replicas', secure: false },
    rawHeaders: Object.entries({ host: 's3', 'content-length': String(body.byteLength), ...listHeaders }),
    body: (async function* () {
      yield body
    })(),
    signal: new AbortController().signal,
  })
  const text = Buffer.from(answer as Uint8Array).toString()
  assert.deepEqual(
    linesOf(text).map(({ status, code }) => `${status} ${code}`),
    ['200 undefined', '500 InternalError', '200 undefined'],
  )
  assert.doesNotMatch(text, /secret/)
  assert.deepEqual([status, records[0]!.status, records[0]!.error], [200, 200, inside])
})

function bound<T extends object>(of: T, name: string | symbol): unknown {
  const member: unknown = Reflect.get(of, name)
  return typeof member === 'function' ? member.bind(of) : member
}

test('versions that are longer than what is written with a record come many at a time without a warning', async (t) => {
  await using s3 = await S3InMemory.open()
  await s3.engine.createBucket('bucket', { objectLock: true })
  const info = await s3.engine.bucket('bucket').put('key', Buffer.from('bytes'))
  const bytes = Buffer.alloc(70_000)
  const versions = Array.from({ length: 20 }, (_, at) => ({
    ...{ key: `key ${at}`, versionId: info.versionId!, bytes },
    headers: told(info, bytes),
  }))
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  t.after(() => process.off('warning', onWarning))
  const { text } = await s3.ask('POST', '/bucket?aquifer-replicas', {
    headers: listHeaders,
    body: listOf(versions),
  })
  assert.deepEqual(new Set(linesOf(text).map(({ status }) => status)), new Set([200]))
  await new Promise(setImmediate)
  assert.deepEqual(warnings, [])
})

test('a bucket tells other stores that it takes many versions in one request', async () => {
  await using s3 = await S3InMemory.open()
  await s3.engine.createBucket('bucket')
  assert.equal((await s3.ask('HEAD', '/bucket')).headers['x-aquifer-takes-replicas'], 'true')
  await using express = await S3InMemory.open({ profile: 'express' })
  await express.engine.createBucket('bucket')
  assert.equal((await express.ask('HEAD', '/bucket')).headers['x-aquifer-takes-replicas'], undefined)
  const answer = await express.ask('POST', '/bucket?aquifer-replicas', { headers: listHeaders, body: 'x' })
  assert.equal(`${answer.status} ${answer.code}`, '501 NotSupported')
})
