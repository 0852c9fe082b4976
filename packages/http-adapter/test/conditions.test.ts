import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { type Answered, owner, S3InMemory, texts } from './s3-in-memory.js'

const past = 'Sun, 06 Nov 1994 08:49:37 GMT'
const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
const etag = md5('bytes')

interface Place {
  readonly s3: S3InMemory
  readonly lastModified: string
  /** An upload of `/bucket/parts`, with one part. */
  readonly uploadId: string
}

/** `/bucket` has versions: `existing` is there, `deleted` has a delete marker on top, `missing` never was. */
async function withKeys(): Promise<Place> {
  const s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  await s3.engine.bucket('bucket').setConfiguration('versioning', 'enabled')
  await s3.ask('PUT', '/bucket/existing', { body: 'bytes' })
  await s3.ask('PUT', '/bucket/deleted', { body: 'bytes' })
  await s3.ask('DELETE', '/bucket/deleted')
  const begun = await s3.ask('POST', '/bucket/parts?uploads')
  const uploadId = texts(begun.text, 'UploadId')[0]!
  const lastModified = (await s3.ask('HEAD', '/bucket/existing')).headers['last-modified']!
  return { s3, lastModified, uploadId }
}

type Holds = 'true' | 'false' | '-'
const all: readonly Holds[] = ['true', 'false', '-']
type ReadRow = [
  match: readonly Holds[],
  none: readonly Holds[],
  modified: readonly Holds[],
  unmodified: readonly Holds[],
  status: number,
]
const [is, isNot, unsaid]: readonly (readonly Holds[])[] = [['true'], ['false'], ['-']]

// The table that public measurements of S3 give: "true" is a condition that holds.
const readRows: ReadRow[] = [
  [isNot!, all, all, all, 412],
  [is!, isNot!, all, all, 304],
  [is!, is!, all, all, 200],
  [is!, unsaid!, isNot!, all, 304],
  [is!, unsaid!, ['true', '-'], all, 200],
  [unsaid!, is!, all, isNot!, 412],
  [unsaid!, is!, all, ['true', '-'], 200],
  [unsaid!, isNot!, all, isNot!, 412],
  [unsaid!, isNot!, all, ['true', '-'], 304],
  [unsaid!, unsaid!, isNot!, isNot!, 412],
  [unsaid!, unsaid!, isNot!, ['true', '-'], 304],
  [unsaid!, unsaid!, is!, isNot!, 412],
  [unsaid!, unsaid!, is!, ['true', '-'], 200],
  [unsaid!, unsaid!, unsaid!, isNot!, 412],
]

function headersOf(prefix: string, [match, none, modified, unmodified]: Holds[], lastModified: string) {
  const headers: Record<string, string> = {}
  const say = (name: string, holds: Holds, value: Record<'true' | 'false', string>) => {
    if (holds !== '-') headers[prefix + name] = value[holds]
  }
  say('if-match', match!, { true: `"${etag}"`, false: '"other"' })
  say('if-none-match', none!, { true: '"other"', false: `"${etag}"` })
  say('if-modified-since', modified!, { true: past, false: lastModified })
  say('if-unmodified-since', unmodified!, { true: lastModified, false: past })
  return headers
}

for (const [match, none, modified, unmodified, status] of readRows)
  test(`a read with If-Match ${match}, If-None-Match ${none}, modified ${modified}, unmodified ${unmodified}: ${status}`, async () => {
    const place = await withKeys()
    await using s3 = place.s3
    for (const row of match.flatMap((a) =>
      none.flatMap((b) => modified.flatMap((c) => unmodified.map((d) => [a, b, c, d]))),
    )) {
      const what = JSON.stringify(row)
      const headers = headersOf('', row, place.lastModified)
      const attributes = { ...headers, 'x-amz-object-attributes': 'ETag' }
      for (const answer of [
        await s3.ask('GET', '/bucket/existing', { headers }),
        await s3.ask('HEAD', '/bucket/existing', { headers }),
        await s3.ask('GET', '/bucket/existing?attributes', { headers: attributes }),
      ]) {
        assert.equal(answer.status, status, what)
        if (status === 200) continue
        assert.equal(answer.headers['last-modified'], place.lastModified, what)
        assert.equal(answer.headers['etag'], `"${etag}"`, what)
        assert.match(answer.headers['x-amz-version-id']!, /^[0-9a-f]{32}$/, what)
        if (status === 304) assert.equal(answer.headers['content-length'], undefined)
      }
      // For a copy there is no 304, and what failed tells of the source.
      const copied = status === 304 ? 412 : status
      const source = {
        ...headersOf('x-amz-copy-source-', row, place.lastModified),
        'x-amz-copy-source': '/bucket/existing',
      }
      for (const answer of [
        await s3.ask('PUT', '/bucket/copy', { headers: source }),
        await s3.ask('PUT', `/bucket/parts?partNumber=1&uploadId=${place.uploadId}`, { headers: source }),
      ]) {
        assert.equal(answer.status, copied, what)
        if (copied === 200) continue
        assert.equal(answer.code, 'PreconditionFailed', what)
        assert.equal(answer.headers['etag'], `"${etag}"`, what)
        assert.match(texts(answer.text, 'Condition')[0]!, /^x-amz-copy-source-If-/, what)
      }
    }
  })

test('where nothing is there a read finds nothing, whatever its conditions', async () => {
  await using s3 = (await withKeys()).s3
  const asked: Record<string, string>[] = [
    { 'if-match': '*' },
    { 'if-none-match': '*' },
    { 'if-unmodified-since': past },
  ]
  for (const key of ['missing', 'deleted'])
    for (const headers of asked)
      for (const method of ['GET', 'HEAD'])
        assert.equal((await s3.ask(method, `/bucket/${key}`, { headers })).status, 404)
})

const lenient: [headers: Record<string, string>, status: number][] = [
  [{ 'if-match': '*' }, 200],
  [{ 'if-match': etag }, 200],
  [{ 'if-match': `"a", "${etag}"` }, 200],
  [{ 'if-none-match': '*' }, 304],
  [{ 'if-none-match': etag }, 304],
  [{ 'if-none-match': `W/"${etag}"` }, 304],
  [{ 'if-none-match': `"a", "${etag}"` }, 304],
  [{ 'if-modified-since': 'yesterday' }, 200],
  [{ 'if-unmodified-since': 'yesterday' }, 200],
  [{ 'if-modified-since': 'Sun, 06 Nov 2994 08:49:37 GMT' }, 200],
]

for (const [headers, status] of lenient)
  test(`a read with ${JSON.stringify(headers)} is answered ${status}`, async () => {
    await using s3 = (await withKeys()).s3
    assert.equal((await s3.ask('GET', '/bucket/existing', { headers })).status, status)
  })

type Key = 'missing' | 'deleted' | 'existing'
const nothing: readonly Key[] = ['missing', 'deleted']
const every: readonly Key[] = ['missing', 'deleted', 'existing']
const there: readonly Key[] = ['existing']
type WriteRow = [keys: readonly Key[], headers: Record<string, string>, status: number, code?: string]

// Sources: S3 User Guide, conditional writes; the AIStor page for CreateMultipartUpload.
const writeRows: WriteRow[] = [
  [nothing, { 'if-none-match': '*' }, 200],
  [there, { 'if-none-match': '*' }, 412, 'PreconditionFailed'],
  [every, { 'if-none-match': `"${etag}"` }, 501, 'NotImplemented'],
  [every, { 'if-none-match': '*', 'if-match': '*' }, 501, 'NotImplemented'],
  [nothing, { 'if-match': '*' }, 404, 'NoSuchKey'],
  [nothing, { 'if-match': `"${etag}"` }, 404, 'NoSuchKey'],
  [there, { 'if-match': '*' }, 200],
  [there, { 'if-match': `"${etag}"` }, 200],
  [there, { 'if-match': etag }, 200],
  [there, { 'if-match': '"other"' }, 412, 'PreconditionFailed'],
  [there, { 'if-match': `"other", "${etag}"` }, 412, 'PreconditionFailed'],
  // Times are no conditions of a write.
  [every, { 'if-modified-since': past, 'if-unmodified-since': past }, 200],
]

const writes: Record<string, (place: Place, key: Key, headers: Record<string, string>) => Promise<Answered>> =
  {
    PutObject: ({ s3 }, key, headers) => s3.ask('PUT', `/bucket/${key}`, { body: 'new', headers }),
    CopyObject: ({ s3 }, key, headers) =>
      s3.ask('PUT', `/bucket/${key}`, {
        headers: {
          ...headers,
          'x-amz-copy-source': '/bucket/existing',
          'x-amz-metadata-directive': 'REPLACE',
        },
      }),
    CreateMultipartUpload: ({ s3 }, key, headers) => s3.ask('POST', `/bucket/${key}?uploads`, { headers }),
    CompleteMultipartUpload: async ({ s3 }, key, headers) => {
      const begun = await s3.ask('POST', `/bucket/${key}?uploads`)
      const path = `/bucket/${key}?uploadId=${texts(begun.text, 'UploadId')[0]}`
      const part = await s3.ask('PUT', `${path}&partNumber=1`, { body: 'new' })
      const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers['etag']}</ETag></Part></CompleteMultipartUpload>`
      const answer = await s3.ask('POST', path, { body, headers })
      // A refused completion leaves the upload as it was; one that was done is answered again, whatever is there now.
      const parts = await s3.ask('GET', path)
      assert.equal(parts.status, answer.status === 200 ? 404 : 200)
      if (answer.status === 200) assert.equal((await s3.ask('POST', path, { body, headers })).status, 200)
      return answer
    },
  }

for (const [operation, write] of Object.entries(writes))
  for (const [keys, headers, status, code] of writeRows)
    test(`${operation} with ${JSON.stringify(headers)} where the key is ${keys}: ${status}`, async () => {
      for (const key of keys) {
        const place = await withKeys()
        await using s3 = place.s3
        const answer = await write(place, key, headers)
        assert.deepEqual([answer.status, answer.code], [status, code], `${key} ${answer.text}`)
        if (status === 412) {
          assert.equal(answer.headers['etag'], `"${etag}"`)
          assert.equal(answer.headers['last-modified'], place.lastModified)
          assert.equal(texts(answer.text, 'Condition')[0]!.toLowerCase(), Object.keys(headers)[0])
        }
        if (status === 200) continue
        const after = await s3.ask('GET', `/bucket/${key}`)
        assert.equal(after.status === 200 ? after.text : after.status, key === 'existing' ? 'bytes' : 404)
      }
    })

test('PutObject is refused before its body is read', async () => {
  await using s3 = (await withKeys()).s3
  let read = 0
  const headers = { 'if-none-match': '*', 'content-length': String(10 * 65_536), host: 's3.test:9000' }
  const answer = await s3.carry({
    method: 'PUT',
    rawUrl: '/bucket/existing',
    rawHeaders: Object.entries(headers),
    body: (async function* () {
      for (; read < 10; read++) yield new Uint8Array(65_536)
    })(),
    secure: false,
    signal: new AbortController().signal,
  })
  assert.equal(answer.status, 412)
  assert.equal(read, 0)
})

const deleteRows: WriteRow[] = [
  [every, {}, 204],
  [there, { 'if-match': '*' }, 204],
  [there, { 'if-match': `"${etag}"` }, 204],
  [there, { 'if-match': '"other"' }, 412, 'PreconditionFailed'],
  [nothing, { 'if-match': '*' }, 404, 'NoSuchKey'],
  [nothing, { 'if-match': `"${etag}"` }, 404, 'NoSuchKey'],
  [every, { 'if-none-match': '*' }, 501, 'NotImplemented'],
  [every, { 'x-amz-if-match-size': '5' }, 501, 'NotImplemented'],
  [every, { 'x-amz-if-match-last-modified-time': past }, 501, 'NotImplemented'],
]

for (const [keys, headers, status, code] of deleteRows)
  test(`DeleteObject with ${JSON.stringify(headers)} where the key is ${keys}: ${status}`, async () => {
    for (const key of keys) {
      const place = await withKeys()
      await using s3 = place.s3
      const answer = await s3.ask('DELETE', `/bucket/${key}`, { headers })
      assert.deepEqual([answer.status, answer.code], [status, code], key)
      const after = await s3.ask('HEAD', `/bucket/${key}`)
      assert.equal(after.status, key === 'existing' && status !== 204 ? 200 : 404)
    }
  })

test('with a version id a condition of a delete is asked of that version', async () => {
  const place = await withKeys()
  await using s3 = place.s3
  const older = (await s3.ask('HEAD', '/bucket/existing')).headers['x-amz-version-id']
  await s3.ask('PUT', '/bucket/existing', { body: 'newer' })
  const path = `/bucket/existing?versionId=${older}`
  const remove = (tag: string) => s3.ask('DELETE', path, { headers: { 'if-match': tag } })
  const refused = await remove(`"${md5('newer')}"`)
  assert.deepEqual([refused.status, refused.code], [412, 'PreconditionFailed'])
  assert.equal((await remove(`"${etag}"`)).status, 204)
  assert.equal((await remove('*')).code, 'NoSuchVersion')
  assert.equal((await s3.ask('GET', '/bucket/existing')).text, 'newer')
})

const entry = (key: string, condition: string): string => `<Object><Key>${key}</Key>${condition}</Object>`
const entryRows: [keys: readonly Key[], condition: string, code?: string][] = [
  [every, ''],
  [there, '<ETag>*</ETag>'],
  [there, `<ETag>&quot;${etag}&quot;</ETag>`],
  [there, `<ETag>${etag}</ETag>`],
  [there, '<ETag>other</ETag>', 'PreconditionFailed'],
  [nothing, '<ETag>*</ETag>', 'NoSuchKey'],
  [nothing, `<ETag>${etag}</ETag>`, 'NoSuchKey'],
  [every, '<Size>5</Size>', 'NotImplemented'],
  [every, `<LastModifiedTime>${past}</LastModifiedTime>`, 'NotImplemented'],
]

async function deleteMany(s3: S3InMemory, ...entries: string[]): Promise<Answered> {
  const body = `<Delete>${entries.join('')}</Delete>`
  const digest = createHash('md5').update(body).digest('base64')
  return s3.ask('POST', '/bucket?delete', { body, headers: { 'content-md5': digest } })
}

for (const [keys, condition, code] of entryRows)
  test(`DeleteObjects with ${condition} where the key is ${keys}: ${code ?? 'deleted'}, and others are deleted`, async () => {
    for (const key of keys) {
      const place = await withKeys()
      await using s3 = place.s3
      await s3.ask('PUT', '/bucket/beside', { body: 'x' })
      const answer = await deleteMany(s3, entry(key, condition), entry('beside', ''))
      assert.equal(answer.status, 200)
      assert.equal(/<Error>.*?<Code>(.*?)</s.exec(answer.text)?.[1], code, key)
      assert.equal((await s3.ask('HEAD', '/bucket/beside')).status, 404)
      assert.equal((await s3.ask('HEAD', `/bucket/${key}`)).status, key === 'existing' && code ? 200 : 404)
    }
  })

test('S3 Express mode deletes by size and by time', async () => {
  await using s3 = await S3InMemory.open({ profile: 'express' })
  await s3.ask('PUT', '/bucket')
  const put = async () => {
    await s3.ask('PUT', '/bucket/k', { body: 'bytes' })
    const { headers } = await s3.ask('HEAD', '/bucket/k')
    return { lastModified: headers['last-modified']!, opaqueEtag: headers['etag']! }
  }
  const { lastModified, opaqueEtag } = await put()
  const del = async (headers: Record<string, string>, key = 'k') => {
    const answer = await s3.ask('DELETE', `/bucket/${key}`, { headers })
    return [answer.status, texts(answer.text, 'Condition')[0] ?? answer.code]
  }
  const size = 'x-amz-if-match-size'
  const time = 'x-amz-if-match-last-modified-time'
  assert.deepEqual(await del({ [size]: '4' }), [412, size])
  assert.deepEqual(await del({ [time]: past }), [412, time])
  assert.deepEqual(await del({ [size]: 'x' }), [400, 'InvalidArgument'])
  assert.deepEqual(await del({ [time]: 'x' }), [400, 'InvalidArgument'])
  assert.deepEqual(await del({ [size]: '4', [time]: past }, 'missing'), [204, undefined])
  assert.deepEqual(await del({ [size]: '5', [time]: lastModified, 'if-match': opaqueEtag }), [204, undefined])
  assert.equal((await s3.ask('HEAD', '/bucket/k')).status, 404)
  const again = await put()
  const wrong = await deleteMany(s3, entry('k', '<Size>4</Size>'))
  assert.match(wrong.text, /<Error>.*PreconditionFailed/s)
  const iso = new Date(again.lastModified).toISOString()
  const right = await deleteMany(s3, entry('k', `<Size>5</Size><LastModifiedTime>${iso}</LastModifiedTime>`))
  assert.doesNotMatch(right.text, /<Error>/)
  assert.equal((await s3.ask('HEAD', '/bucket/k')).status, 404)
})

test('of many who write if nothing is there one wins', async () => {
  await using s3 = (await withKeys()).s3
  const bodies = Array.from({ length: 40 }, (_, at) => `body ${at}`)
  const answers = await Promise.all(
    bodies.map((body) => s3.ask('PUT', '/bucket/missing', { body, headers: { 'if-none-match': '*' } })),
  )
  const won = bodies.filter((_, at) => answers[at]!.status === 200)
  assert.equal(won.length, 1)
  assert.ok(answers.every(({ status }) => status === 200 || status === 412))
  assert.equal((await s3.ask('GET', '/bucket/missing')).text, won[0])
})

test('of many who replace what they know one wins, and none replaces what it does not know', async () => {
  await using s3 = (await withKeys()).s3
  let known = etag
  for (let round = 0; round < 5; round++) {
    const bodies = Array.from({ length: 8 }, (_, at) => `round ${round} body ${at}`)
    const headers = { 'if-match': `"${known}"` }
    const answers = await Promise.all(
      bodies.map((body) => s3.ask('PUT', '/bucket/existing', { body, headers })),
    )
    const won = answers.filter(({ status }) => status === 200)
    assert.equal(won.length, 1)
    known = won[0]!.headers['etag']!.slice(1, -1)
    assert.equal(md5((await s3.ask('GET', '/bucket/existing')).text), known)
  }
})

test('asking whether an ETag is the one there needs the right to read', async () => {
  const denied = new Set<string>()
  await using s3 = await S3InMemory.open({
    authenticate: () => owner,
    authorize: ({ action }) => !denied.has(action),
  })
  await s3.ask('PUT', '/bucket')
  await s3.ask('PUT', '/bucket/k', { body: 'bytes' })
  denied.add('s3:GetObject')
  const headers = { 'if-match': `"${etag}"` }
  assert.equal((await s3.ask('PUT', '/bucket/k', { body: 'bytes', headers })).code, 'AccessDenied')
  assert.equal((await s3.ask('DELETE', '/bucket/k', { headers })).code, 'AccessDenied')
  assert.match((await deleteMany(s3, entry('k', `<ETag>${etag}</ETag>`))).text, /<Error>.*AccessDenied/s)
  assert.equal((await s3.ask('DELETE', '/bucket/k', { headers: { 'if-match': '*' } })).status, 204)
})
