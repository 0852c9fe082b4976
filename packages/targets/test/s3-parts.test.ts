import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import test from 'node:test'
import type { ObjectPart } from '@aquifer/engine'
import { asAquifer, asPlain, fakeS3, type Got, refuse, type Script, version, versionId } from './fake-s3.js'

const { signal } = new AbortController()
const MIB = 1024 ** 2
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')
const body = randomBytes(7 * MIB)
const sizes = [3 * MIB, 3 * MIB, MIB - 5, 5]
const parts: ObjectPart[] = sizes.map((sizeBytes, index) => ({
  ...{ partNumber: index * 2 + 1, sizeBytes },
  checksums: { sha256: `digest ${index}` },
}))
const info = { etag: 'abc-4', checksums: { sha256: 'whole-4' }, checksumType: 'composite' as const }

interface Upload {
  readonly parts: Map<number, Buffer>
  created?: Got
  completed?: Got
  aborted?: boolean
}

/** A server with one upload, that may fail before it does what it was asked. */
function uploads(fails: (got: Got) => [number, string] | undefined = () => undefined) {
  const upload: Upload = { parts: new Map() }
  const kept = { 'x-amz-version-id': versionId }
  const script: Script = (got, response) => {
    const url = new URL(got.url, 'http://x')
    const failure = fails(got)
    const number = Number(url.searchParams.get('partNumber'))
    if (failure !== undefined) return refuse(response, ...failure)
    if (got.method === 'HEAD') return response.writeHead(upload.completed ? 200 : 404, kept).end()
    if (url.searchParams.has('uploads')) {
      upload.created = got
      return response.end('<R><UploadId>an id/+</UploadId></R>')
    }
    if (url.searchParams.get('uploadId') !== 'an id/+') return response.writeHead(200, kept).end()
    if (upload.aborted || upload.completed) return refuse(response, 404, 'NoSuchUpload')
    if (got.method === 'DELETE') {
      upload.aborted = true
      return response.writeHead(204).end()
    }
    if (number > 0) {
      upload.parts.set(number, got.body)
      return response.writeHead(200, { etag: `"${md5(got.body)}"` }).end()
    }
    if (got.method === 'GET') {
      const after = Number(url.searchParams.get('part-number-marker'))
      // Two at a time, to be asked again.
      const listed = [...upload.parts].sort(([a], [b]) => a - b).filter(([at]) => at > after)
      const xml = listed
        .slice(0, 2)
        .map(
          ([at, bytes]) =>
            `<Part><PartNumber>${at}</PartNumber><ETag>&quot;${md5(bytes)}&quot;</ETag><Size>${bytes.byteLength}</Size></Part>`,
        )
      return response.end(`<L><IsTruncated>${listed.length > 2}</IsTruncated>${xml.join('')}</L>`)
    }
    upload.completed = got
    response
      .writeHead(200, kept)
      .end('<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>')
  }
  return { upload, script }
}

function noted() {
  const notes: (string | undefined)[] = []
  return { notes, note: async (text: string | undefined) => void notes.push(text) }
}

const whole = ({ parts }: Upload): Buffer =>
  Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes))
const asked = (got: readonly Got[], what: RegExp): number =>
  got.filter(({ method, url }) => what.test(`${method} ${url}`)).length

test('what was uploaded in parts goes in the same parts, with their digests, numbers and all that is said of it', async (t) => {
  const { upload, script } = uploads()
  const { target } = await fakeS3(t, asAquifer(script, { tellsVersions: true }))
  assert.deepEqual(await target.put(version(body, { parts, info, tags: { a: 'b' } }), { signal }), {})
  const { headers, url } = upload.created!
  assert.equal(url, `/copies/a/b?uploads=&versionId=${versionId}`)
  assert.equal(headers['x-minio-source-etag'], 'abc-4')
  assert.equal(headers['x-amz-tagging'], 'a=b')
  assert.equal(headers['x-amz-checksum-algorithm'], 'SHA256')
  assert.equal(headers['x-amz-checksum-type'], 'COMPOSITE')
  assert.deepEqual(
    [...upload.parts].map(([number, bytes]) => [number, bytes.byteLength]).sort(),
    [1, 3, 5, 7].map((number, index) => [number, sizes[index]]),
  )
  assert.ok(whole(upload).equals(body))
  const completion = upload.completed!.body.toString()
  assert.match(completion, /<PartNumber>7<\/PartNumber><ETag>&#34;\w+&#34;<\/ETag><ChecksumSHA256>digest 3</)
})

test('what is large and has no parts goes in parts of 16 MiB, vouched for as a whole', async (t) => {
  const { upload, script } = uploads()
  const { target } = await fakeS3(t, asAquifer(script, { tellsVersions: true }))
  const large = Buffer.alloc(32 * MIB + 1, 'x')
  const checksums = { crc32c: 'AAAAAA==' }
  await target.put(version(large, { info: { etag: md5(large), checksums } }), { signal })
  assert.deepEqual(
    [...upload.parts.values()].map(({ byteLength }) => byteLength).sort(),
    [1, 16 * MIB, 16 * MIB].sort(),
  )
  assert.equal(upload.completed!.headers['x-amz-checksum-crc32c'], 'AAAAAA==')
  assert.equal(upload.completed!.headers['x-amz-checksum-type'], 'FULL_OBJECT')
})

test('a transfer that broke off is gone on with, and what has changed meanwhile is told when it has come', async (t) => {
  let isDown = true
  const { upload, script } = uploads(({ url }) => {
    return isDown && url.includes('partNumber=5') ? [401, 'ExpiredToken'] : undefined
  })
  const { target, got } = await fakeS3(t, asAquifer(script, { tellsVersions: true }))
  const { notes, note } = noted()
  await assert.rejects(target.put(version(body, { parts, info, note }), { signal }), { code: 'AccessDenied' })
  assert.equal(notes.length, 1)
  isDown = false
  const before = upload.parts.size
  const unfinished = notes[0]!
  got.length = 0
  await target.put(version(body, { parts, info, note, unfinished, tags: { a: 'b' } }), { signal })
  assert.ok(before > 0)
  assert.equal(asked(got, /PUT.*partNumber/), 4 - before)
  assert.equal(asked(got, /uploads/), 0)
  assert.ok(whole(upload).equals(body))
  const last = got.at(-1)!
  assert.ok(last.headers['x-amz-copy-source'])
  assert.equal(last.headers['x-amz-tagging'], 'a=b')
  // Once more, the answer having been lost: it is there.
  got.length = 0
  await target.put(version(body, { parts, info, note, unfinished }), { signal })
  assert.deepEqual(
    got.map(({ method }) => method),
    ['HEAD', 'DELETE', 'PUT'],
  )
})

test('an upload that was begun with what is no longer said, and ends in vain for that, begins anew', async (t) => {
  let isEnded = false
  const { upload, script } = uploads(({ method, url }) => {
    if (isEnded || method !== 'POST' || !url.includes('uploadId')) return undefined
    isEnded = true
    upload.parts.clear()
    return [412, 'PreconditionFailed']
  })
  const { target } = await fakeS3(t, asAquifer(script, { tellsVersions: true }))
  const unfinished = JSON.stringify({ uploadId: 'an id/+', partSizeBytes: 5 * MIB, said: 'something else' })
  const { notes, note } = noted()
  await target.put(version(body, { parts, info, unfinished, note, tags: { a: 'b' } }), { signal })
  assert.equal(upload.created!.headers['x-amz-tagging'], 'a=b')
  assert.ok(upload.completed !== undefined && whole(upload).equals(body))
  assert.equal(notes[0], undefined)
  assert.match(notes[1]!, /an id/)
})

test('an upload that is not there any more begins anew', async (t) => {
  const { upload, script } = uploads()
  const { target } = await fakeS3(t, asPlain(script))
  const unfinished = JSON.stringify({ uploadId: 'an id/+', partSizeBytes: 100, said: '' })
  upload.aborted = true
  const { notes, note } = noted()
  const putting = target.put(version(body, { parts, info, unfinished, note }), { signal })
  await assert.rejects(putting, { code: 'Refused' }) // The server says so of the new one too.
  assert.ok(upload.created)
  assert.deepEqual([notes.length, notes.at(-1)], [2, undefined])
})

test('a hiccup does not cost what was sent, and a body with an error in it is one', async (t) => {
  let requests = 0
  let completions = 0
  const { upload, script } = uploads(({ method, url }) => {
    if (method === 'HEAD') return undefined
    if (++requests % 3 === 0) return [500, 'InternalError']
    const isCompletion = method === 'POST' && url.includes('uploadId')
    return isCompletion && ++completions === 1 ? [200, 'InternalError'] : undefined
  })
  const { target } = await fakeS3(t, asAquifer(script, { tellsVersions: true }))
  await target.put(version(body, { parts, info }), { signal })
  assert.ok(whole(upload).equals(body))
})

test('what the server refuses for good, or cannot be read here, leaves nothing there', async (t) => {
  const { upload, script } = uploads(({ url }) =>
    url.includes('partNumber=7') ? [400, 'BadDigest'] : undefined,
  )
  const { target } = await fakeS3(t, asAquifer(script, { tellsVersions: true }))
  const { notes, note } = noted()
  await assert.rejects(target.put(version(body, { parts, info, note }), { signal }), { code: 'Refused' })
  assert.ok(upload.aborted)
  assert.deepEqual([notes.length, notes.at(-1)], [2, undefined])
  const other = uploads()
  const { target: another } = await fakeS3(t, asAquifer(other.script, { tellsVersions: true }))
  // biome-ignore lint/correctness/useYield: it fails before it has anything.
  async function* open(): AsyncGenerator<Uint8Array> {
    throw new RangeError('the disk')
  }
  await assert.rejects(another.put(version(body, { parts, info, open }), { signal }), RangeError)
  assert.ok(other.upload.aborted)
})

test('a part that is not there as it was sent is not taken', async (t) => {
  const { upload, script } = uploads()
  const { target } = await fakeS3(
    t,
    asAquifer((got, response, request) => {
      if (!got.url.includes('partNumber=3')) return script(got, response, request)
      response.writeHead(200, { etag: `"${'0'.repeat(32)}"` }).end()
    }),
  )
  await assert.rejects(target.put(version(body, { parts, info }), { signal }), /not there as it was sent/)
  assert.ok(upload.aborted)
})
