import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once, setMaxListeners } from 'node:events'
import type { ServerResponse } from 'node:http'
import test, { type TestContext } from 'node:test'
import { type OutgoingVersion, ReplicationError } from '@aquifer/engine'
import { asAquifer, type FakeS3, fakeS3, type Got, isHead, refuse, type Script, version } from './fake-s3.js'

const { signal } = new AbortController()
setMaxListeners(0, signal)
const MIB = 1024 ** 2

interface Entry {
  readonly key: string
  readonly versionId: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Reads what went in one request. */
function entriesOf({ body }: Got): Entry[] {
  const entries: Entry[] = []
  for (let at = 0; at < body.byteLength; ) {
    const [saidBytes, sizeBytes] = [body.readUInt32BE(at), body.readUInt32BE(at + 4)]
    const from = at + 8 + saidBytes
    const said = JSON.parse(body.subarray(at + 8, from).toString('utf8'))
    entries.push({ ...said, body: body.subarray(from, from + sizeBytes) })
    at = from + sizeBytes
  }
  assert.equal(
    Buffer.concat(entries.map((entry) => entry.body)).byteLength,
    entries.reduce((sum, entry) => sum + entry.body.byteLength, 0),
  )
  return entries
}

const isOfMany = ({ method, url }: Got): boolean => method === 'POST' && url === '/copies?aquifer-replicas='
const idOf = ({ url }: Got): string => /versionId=(\w+)/.exec(url)![1]!
const nameOf = (number: number): string => number.toString(16).padStart(32, '0')

function numbered(number: number, text = `bytes ${number}`, given: Parameters<typeof version>[1] = {}) {
  return version(Buffer.from(text), { key: `a/${number}`, versionId: nameOf(number), ...given })
}

const granted = ({ versionId }: { versionId: string }): object => ({ status: 200, versionId })

function answer(response: ServerResponse, lines: readonly object[]): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

/** An Aquifer that takes many in one request; what it does with them is its script's, what comes alone it takes. */
const asTaker = (ofMany: Script, alone: Script = takeAlone): Script =>
  asAquifer((got, ...rest) => (isOfMany(got) ? ofMany : alone)(got, ...rest), { takesReplicas: true })

const takeAlone: Script = (got, response) => response.writeHead(200, { 'x-amz-version-id': idOf(got) }).end()
const takeAll: Script = (got, response) => answer(response, entriesOf(got).map(granted))

const put = ({ target }: FakeS3, ...versions: OutgoingVersion[]) =>
  Promise.all(versions.map((each) => target.put(each, { signal })))

const told = ({ got }: FakeS3): string[] =>
  got
    .filter((each) => !isHead(each))
    .map((each) => (isOfMany(each) ? `${entriesOf(each).length}` : each.method))

const outcomes = async (asked: Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(asked)).map((each) =>
    each.status === 'fulfilled'
      ? 'taken'
      : each.reason instanceof ReplicationError
        ? each.reason.code
        : each.reason.name,
  )

/** What a server hears of a request beside what is said of the version. */
const ofTheRequest = new Set([
  ...['accept', 'authorization', 'connection', 'content-length', 'host', 'user-agent'],
  ...['x-amz-content-sha256', 'x-amz-date'],
])

test('versions that are asked for together arrive in one request, each with the very headers of its PUT', async (t) => {
  const etag = createHash('md5').update('bytes 2').digest('hex')
  const lastModified = new Date('2026-02-01T00:00:00.001Z')
  const versions = [
    numbered(1, '', { key: 'ü/\'"\n💧' }),
    numbered(2, 'bytes 2', {
      ...{ tags: { 'a b': 'ü&=' }, changed: { tags: lastModified, legalHold: lastModified } },
      info: {
        ...{ etag, lastModified, contentType: 'text/plain', metadata: { camera: 'ä  b', __proto__x: '' } },
        ...{ legalHold: true, retention: { mode: 'compliance', retainUntil: lastModified } },
        checksums: { crc32: 'AAAAAA==' },
      },
    }),
    numbered(3, 'x'.repeat(65_536)),
  ]
  const alone = await fakeS3(t, asAquifer(takeAlone))
  const together = await fakeS3(t, asTaker(takeAll))
  await put(alone, ...versions)
  assert.deepEqual(await put(together, ...versions), [{}, {}, {}])
  assert.deepEqual(told(together), ['3'])
  const request = together.got.at(-1)!
  assert.equal(request.headers['content-type'], 'application/vnd.aquifer.replicas')
  assert.equal(request.headers['x-minio-source-replication-request'], 'true')
  assert.equal(request.headers['content-length'], String(request.body.byteLength))
  assert.equal(
    request.headers['x-amz-content-sha256'],
    createHash('sha256').update(request.body).digest('hex'),
  )
  for (const [index, entry] of entriesOf(request).entries()) {
    const { key, versionId } = versions[index]!
    assert.deepEqual([entry.key, entry.versionId], [key, versionId])
    const single = alone.got.find((got) => got.method === 'PUT' && idOf(got) === versionId)!
    const said = Object.entries(single.headers).filter(([name]) => !ofTheRequest.has(name))
    assert.deepEqual({ ...entry.headers }, Object.fromEntries(said))
    assert.ok(entry.body.equals(single.body))
  }
})

test('one that is asked for alone is a PUT', async (t) => {
  const server = await fakeS3(t, asTaker(takeAll))
  for (let i = 0; i < 3; i++) await put(server, numbered(i))
  assert.deepEqual(told(server), ['PUT', 'PUT', 'PUT'])
})

test('a target that does not say that it takes them, what is large and what has parts get requests of their own', async (t) => {
  const aquifer = await fakeS3(t, asAquifer(takeAlone))
  const plain = await fakeS3(t, (got, response) =>
    isHead(got)
      ? response.writeHead(200, { 'x-aquifer-takes-replicas': 'true' }).end()
      : response.writeHead(200, { 'x-amz-version-id': 'its own' }).end(),
  )
  for (const server of [aquifer, plain]) {
    await put(server, numbered(1), numbered(2))
    assert.deepEqual(told(server), ['PUT', 'PUT'])
  }
  const taker = await fakeS3(t, asTaker(takeAll))
  await put(taker, numbered(1, 'x'.repeat(65_537)), numbered(2, 'x'.repeat(65_537)))
  assert.deepEqual(told(taker), ['PUT', 'PUT'])
})

test('each gets its own answer, as that of its PUT', async (t) => {
  const locked = 'Access Denied because object protected by object lock.'
  const lines = [
    granted({ versionId: nameOf(0) }),
    { status: 412, code: 'PreconditionFailed', message: 'gone' },
    { status: 403, code: 'AccessDenied', message: locked },
    { status: 403, code: 'AccessDenied', message: 'Access Denied' },
    { status: 400, code: 'BadDigest', message: 'no' },
    { status: 503, code: 'SlowDown' },
    granted({ versionId: nameOf(1) }),
    { status: 200 },
  ]
  const server = await fakeS3(
    t,
    asTaker(
      (_, response) => answer(response, lines),
      (_, response) => refuse(response, 400, 'ReplicationPermissionCheck'),
    ),
  )
  const asked = lines.map((_, index) => server.target.put(numbered(index), { signal }))
  assert.deepEqual(await outcomes(asked), [
    ...['taken', 'taken', 'Locked', 'Refused', 'Refused', 'Unreachable'],
    ...['InvalidBucketState', 'InvalidBucketState'],
  ])
  await assert.rejects(asked[4]!, /PUT "a\/4" in bucket "copies" at .* was answered 400 BadDigest: no/)
})

const wholeFailures: Readonly<Record<string, Script>> = {
  'is refused as if it were none': (_, response) => refuse(response, 400, 'InvalidRequest'),
  'is of no operation there': (_, response) => refuse(response, 501, 'NotImplemented'),
  'is of no method there': (_, response) => refuse(response, 405, 'MethodNotAllowed'),
  'is refused by something before it': (_, response) => response.writeHead(413).end('<html>'),
  'fails there': (_, response) => refuse(response, 500, 'InternalError'),
  'is refused for now': (_, response) => refuse(response, 503, 'SlowDown'),
  'has an answer that is none': (_, response) => response.end('<html>\n</html>'),
  'has no answer for some': (got, response) => answer(response, entriesOf(got).slice(1).map(granted)),
  'has an answer that breaks off': (_, response, request) => {
    response.writeHead(200, { 'content-length': '1000' }).write('{"status":200,')
    request.socket.destroySoon()
  },
  'has a connection that breaks off': (_, __, request) => request.socket.destroy(),
  'has no answer': () => {},
}

for (const [name, script] of Object.entries(wholeFailures))
  test(`where the request ${name}, each goes alone`, async (t) => {
    const server = await fakeS3(t, asTaker(script), { idleTimeoutMs: 60 })
    assert.deepEqual(await put(server, numbered(1), numbered(2), numbered(3)), [{}, {}, {}])
    // A connection that was kept and turns out to be closed has it sent once more.
    const sent = told(server)
    assert.deepEqual(sent.slice(sent.lastIndexOf('3')), ['3', 'PUT', 'PUT', 'PUT'])
    assert.ok(sent.length <= 5)
  })

test('a server that is no longer such an Aquifer is asked once', async (t) => {
  for (const status of [400, 405, 501]) {
    let takesReplicas = true
    const server = await fakeS3(t, (got, ...rest) =>
      asAquifer(
        (got, response) => {
          takesReplicas = false
          if (isOfMany(got)) refuse(response, status, 'No')
          else takeAlone(got, response, rest[1])
        },
        { takesReplicas },
      )(got, ...rest),
    )
    for (let i = 0; i < 3; i++) await put(server, numbered(2 * i), numbered(2 * i + 1))
    assert.deepEqual(told(server), ['2', ...Array.from({ length: 6 }, () => 'PUT')])
  }
})

test('a connection that breaks off at one version holds up no other, and that one is not among others again', async (t) => {
  const breaks: Script = (_, __, { socket }) => void socket.destroy()
  const bad = nameOf(2)
  const server = await fakeS3(
    t,
    asTaker(
      (got, ...rest) =>
        (entriesOf(got).some(({ versionId }) => versionId === bad) ? breaks : takeAll)(got, ...rest),
      (got, ...rest) => (idOf(got) === bad ? breaks : takeAlone)(got, ...rest),
    ),
  )
  const ask = (...numbers: number[]) =>
    outcomes(numbers.map((each) => server.target.put(numbered(each), { signal })))
  assert.deepEqual(await ask(1, 2, 3), ['taken', 'Unreachable', 'taken'])
  server.got.length = 0
  assert.deepEqual(await ask(4, 2, 5), ['taken', 'Unreachable', 'taken'])
  const together = server.got.filter(isOfMany).map((got) => entriesOf(got).map(({ key }) => key))
  assert.deepEqual(together, [['a/4', 'a/5']])
})

test('what cannot be read here fails alone', async (t) => {
  const server = await fakeS3(t, asTaker(takeAll))
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('by')
    throw new RangeError('the disk')
  }
  const versions = [numbered(1), numbered(2, 'bytes', { open: broken }), numbered(3)]
  const asked = versions.map((each) => server.target.put(each, { signal }))
  assert.deepEqual(await outcomes(asked), ['taken', 'RangeError', 'taken'])
  assert.deepEqual(told(server), ['2'])
})

/** Whatever was sent before has arrived when it has been answered. */
const roundTrip = ({ target }: FakeS3) => target.remove({ key: 'a/b', versionId: nameOf(99) }, { signal })

async function heldUp(t: TestContext) {
  const underWay: { response: ServerResponse; got: Got }[] = []
  let arrived = (): void => {}
  const server = await fakeS3(
    t,
    asTaker((got, response) => {
      underWay.push({ got, response })
      arrived()
    }),
  )
  const arrival = async (count: number): Promise<void> => {
    while (underWay.length < count)
      await new Promise<void>((resolve) => {
        arrived = resolve
      })
  }
  const answerAll = (): void => {
    for (const { got, response } of underWay.splice(0)) takeAll(got, response, undefined as never)
  }
  return { ...server, underWay, arrival, answerAll }
}

test('who leaves is let go at once, and the others get their answers', async (t) => {
  const server = await heldUp(t)
  const leaving = new AbortController()
  const stays = [1, 2].map((each) => server.target.put(numbered(each), { signal }))
  const leaves = server.target.put(numbered(3), { signal: leaving.signal })
  await server.arrival(1)
  leaving.abort()
  await assert.rejects(leaves, { name: 'AbortError' })
  server.answerAll()
  assert.deepEqual(await outcomes(stays), ['taken', 'taken'])
})

test('who leaves while others are under way does not go', async (t) => {
  const server = await heldUp(t)
  const asked: Promise<unknown>[] = []
  for (const number of [1, 2]) {
    asked.push(...[0, 10].map((more) => server.target.put(numbered(number + more), { signal })))
    await server.arrival(number)
  }
  const leaving = new AbortController()
  const leaves = server.target.put(numbered(3), { signal: leaving.signal })
  const stays = [4, 5].map((each) => server.target.put(numbered(each), { signal }))
  await roundTrip(server)
  leaving.abort()
  await assert.rejects(leaves, { name: 'AbortError' })
  server.answerAll()
  await server.arrival(1)
  server.answerAll()
  assert.deepEqual(await outcomes([...asked, ...stays]), Array(6).fill('taken'))
  assert.deepEqual(told(server), ['2', '2', 'DELETE', '2'])
})

test('who has left before it goes does not go', async (t) => {
  const server = await fakeS3(t, asTaker(takeAll))
  await put(server, numbered(0))
  const leaving = new AbortController()
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('byte')
    leaving.abort()
    yield Buffer.from('s')
  }
  const leaves = server.target.put(numbered(1, 'bytes', { open }), { signal: leaving.signal })
  const asked = [leaves, ...[2, 3].map((each) => server.target.put(numbered(each), { signal }))]
  assert.deepEqual(await outcomes(asked), ['AbortError', 'taken', 'taken'])
  assert.deepEqual(told(server), ['PUT', '2'])
})

test('when all have left, or the target is closed, the request is cut, and nothing is sent alone', {
  timeout: 4_000,
}, async (t) => {
  for (const isClosed of [false, true]) {
    const server = await heldUp(t)
    const leaving = new AbortController()
    const asked = [1, 2].map((each) => server.target.put(numbered(each), { signal: leaving.signal }))
    await server.arrival(1)
    const cut = once(server.underWay[0]!.response, 'close')
    if (isClosed) await server.target.close!()
    else leaving.abort()
    assert.deepEqual(await outcomes(asked), ['AbortError', 'AbortError'])
    await cut
    await roundTrip(server)
    assert.deepEqual(told(server), ['2', 'DELETE'])
  }
})

test('no request has more than 64 versions or a MiB, two are under way, and what comes meanwhile is gathered', async (t) => {
  const server = await heldUp(t)
  const isIn = (got: Got): void => {
    assert.ok(entriesOf(got).length <= 64)
    assert.ok(got.body.byteLength <= MIB)
  }
  for (const [count, text] of [
    [200, 'bytes'],
    [40, 'x'.repeat(65_536)],
  ] as const) {
    server.got.length = 0
    const asked = Array.from({ length: count }, (_, index) =>
      server.target.put(numbered(index, text), { signal }),
    )
    const done = outcomes(asked)
    for (let left = count; left > 0; ) {
      await server.arrival(Math.min(2, Math.ceil(left / 64)))
      await roundTrip(server)
      assert.ok(server.underWay.length <= 2)
      left -= server.underWay.reduce((sum, { got }) => sum + entriesOf(got).length, 0)
      server.answerAll()
    }
    assert.ok((await done).every((outcome) => outcome === 'taken'))
    server.got.filter(isOfMany).forEach(isIn)
    const numbers = server.got.filter(isOfMany).map((got) => entriesOf(got).length)
    assert.ok(numbers.length <= 6, String(numbers))
  }
})

test('a target that is silent about some takes others meanwhile', { timeout: 10_000 }, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const server = await heldUp(t)
  const asked: Promise<unknown>[] = []
  for (let number = 0; number < 3; number++) {
    asked.push(...[0, 1].map((each) => server.target.put(numbered(2 * number + each), { signal })))
    if (number < 2) await server.arrival(number + 1)
  }
  // So much time passes without an answer.
  t.mock.timers.tick(1_000)
  await server.arrival(3)
  server.answerAll()
  assert.ok((await outcomes(asked)).every((outcome) => outcome === 'taken'))
})
