import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { Engine } from '@aquifer/engine'
import { Running, startServer, temporaryDirectory } from './running-server.js'

const commands = ['verify', 'stat', 'rebuild-index']

async function run(t: TestContext, words: readonly string[], environment: Record<string, string> = {}) {
  const running = new Running(t, words, environment)
  const exitCode = await running.ended
  return { exitCode, out: running.out, err: running.err }
}

/** A closed store with an object on its record's row, one in a blob, a copy of that, and an upload with a part. */
async function store(t: TestContext): Promise<string> {
  const directory = await temporaryDirectory(t)
  await using engine = await Engine.open({ directory })
  await engine.createBucket('photos')
  const photos = engine.bucket('photos')
  await photos.put('small', Buffer.from('the small one'))
  await photos.put('another', Buffer.from('another'))
  await photos.put('large', randomBytes(300_000))
  await photos.copy({ key: 'large' }, 'copy of\nlarge')
  await (await photos.createUpload('half')).putPart(1, randomBytes(100_000))
  return directory
}

async function flip(path: string, at: number): Promise<void> {
  await using file = await open(path, 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, at)
  byte[0]! ^= 1
  await file.write(byte, 0, 1, at)
}

/** The file that holds the large object: of the two it is the larger. */
async function damageLargeBlob(directory: string): Promise<void> {
  const blobs = join(directory, 'blobs')
  for (const name of await readdir(blobs, { recursive: true })) {
    const { size } = await stat(join(blobs, name))
    if (size > 300_000) return flip(join(blobs, name), 1_000)
  }
  assert.fail('no blob is that large')
}

/** In the journal's one segment, so many bytes behind the place of this text. */
async function damageSegment(directory: string, text: string, distance: number): Promise<void> {
  const path = join(directory, 'journal', '0000000001.segment')
  await using file = await open(path, 'r')
  const at = (await file.readFile()).indexOf(text)
  assert.notEqual(at, -1)
  await flip(path, at + distance)
}

const jsonLines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('a sound store is told to be sound', async (t) => {
  const directory = await store(t)
  const { exitCode, out, err } = await run(t, ['verify', directory])
  assert.deepEqual([exitCode, err], [0, ''])
  assert.match(out, /^Nothing is damaged: 5 objects and parts, \d+ KiB read back\.\n$/)
  const json = await run(t, ['verify', directory], { AQUIFER_JSON: 'true' })
  const [{ bytes, ...summary }, ...more] = jsonLines(json.out)
  assert.deepEqual([summary, more], [{ type: 'summary', findings: 0, records: 5 }, []])
  assert.ok(bytes > 700_000)
})

test('verify names what a damaged blob costs, each object that uses it and no other, and ends with 3', async (t) => {
  const directory = await store(t)
  await damageLargeBlob(directory)
  const { exitCode, out, err } = await run(t, ['verify', directory])
  assert.equal(exitCode, 3)
  const names = out.split('\n').map((line) => line.split(': CorruptBlob: ')[0])
  assert.deepEqual(names, ['photos/copy of\\nlarge', 'photos/large', ''])
  assert.match(err, /^aquifer: The store in .* is damaged: 2 findings\.\n {2}\S/)

  const json = await run(t, ['verify', '--json', directory])
  assert.equal(json.exitCode, 3)
  const [first, second, summary] = jsonLines(json.out)
  assert.deepEqual(
    [first, second].map(({ type, what, code, bucket, key }) => [type, what, code, bucket, key]),
    [
      ['finding', 'object', 'CorruptBlob', 'photos', 'copy of\nlarge'],
      ['finding', 'object', 'CorruptBlob', 'photos', 'large'],
    ],
  )
  assert.equal(summary.findings, 2)
})

test('verify names the object whose bytes are damaged in the journal', async (t) => {
  const directory = await store(t)
  await damageSegment(directory, 'the small one', 3)
  const { exitCode, out } = await run(t, ['verify', directory])
  assert.equal(exitCode, 3)
  assert.match(out, /^photos\/small: CorruptRecord: .*\n$/)
})

test('a record damaged in the journal keeps the store closed until the loss is accepted', async (t) => {
  const directory = await store(t)
  await damageSegment(directory, 'the small one', -20) // Within the rows of its frame.
  await rm(join(directory, 'index'), { recursive: true })
  const gap = /segment 1, offset \d+: \d+ bytes that were synced hold no good frame/

  const refused = await run(t, ['verify', '--json', directory])
  assert.equal(refused.exitCode, 3)
  const [finding, ...more] = jsonLines(refused.out)
  assert.deepEqual([finding.code, more], ['StoreDamaged', []])
  assert.match(finding.detail, gap)
  for (const words of [['verify'], ['stat'], ['rebuild-index'], ['serve', '--port', '0']]) {
    const { exitCode, out, err } = await run(t, [...words, directory])
    assert.deepEqual([words, exitCode, out], [words, 3, ''])
    assert.match(err, gap)
    assert.match(err, /"aquifer rebuild-index --accept-loss"/)
  }

  const accepted = await run(t, ['rebuild-index', '--accept-loss', directory])
  assert.equal(accepted.exitCode, 0)
  assert.match(accepted.out, new RegExp(`^gap in the journal: ${gap.source}\n`))
  assert.match(accepted.out, /The index is made anew from [\d.]+ KiB of journal\. 1 gap left behind/)
  assert.equal((await run(t, ['verify', directory])).exitCode, 0)
  const { running, client } = await startServer(t, directory)
  assert.equal((await client.ask('GET', '/photos/another')).text, 'another')
  assert.equal((await client.ask('GET', '/photos/small')).status, 404)
  running.process.kill()
  await running.ended
})

test('rebuild-index makes an index that finds everything', async (t) => {
  const directory = await store(t)
  await rm(join(directory, 'index', 'CURRENT'))
  const { exitCode, out, err } = await run(t, ['rebuild-index', directory])
  assert.deepEqual([exitCode, err], [0, ''])
  assert.match(out, /^The index is made anew from \d+\.\d+ KiB of journal\.\n$/)
  assert.match((await run(t, ['verify', directory])).out, /^Nothing is damaged: 5 objects and parts/)
})

test('stat tells what a store holds', async (t) => {
  const directory = await store(t)
  const { exitCode, out } = await run(t, ['stat', directory])
  assert.equal(exitCode, 0)
  for (const line of [
    /^buckets +1$/m,
    /^objects +4 +586 KiB$/m,
    /^open uploads +1 +1 part, 97\.7 KiB$/m,
    /^journal +8\.00 MiB +[\d.]+ (KiB|bytes) of it garbage$/m,
    /^index +[\d.]+ KiB$/m,
  ])
    assert.match(out, line)
  const [{ disk, ...counts }] = jsonLines((await run(t, ['stat', '--json', directory])).out)
  assert.deepEqual(
    { ...counts, deferred: 0 },
    {
      ...{ buckets: 1, objects: 4, otherVersions: 0, objectBytes: 600_020 },
      ...{ uploads: 1, parts: 1, partBytes: 100_000, deferred: 0 },
    },
  )
  assert.equal(disk.journalBytes, 8 * 1024 * 1024)
  assert.ok(disk.indexBytes > 0 && disk.garbageBytes >= 0)
})

test('a store that a server has open is left alone, and the message names who has it', async (t) => {
  const directory = await store(t)
  const { running, client } = await startServer(t, directory)
  for (const command of commands) {
    const { exitCode, out, err } = await run(t, [command, directory])
    assert.deepEqual([command, exitCode, out], [command, 4, ''])
    assert.match(
      err,
      new RegExp(`^aquifer: .*held by process ${running.process.pid} .*\n {2}Stop that process first`),
    )
  }
  assert.equal((await client.ask('GET', '/photos/small')).text, 'the small one')
  assert.equal((await client.ask('GET', '/-/ready')).text, 'ready\n')
})

test('where there is no store, none is made', async (t) => {
  const directory = join(await temporaryDirectory(t), 'nothing')
  for (const command of commands) {
    const { exitCode, err } = await run(t, [command, directory])
    assert.deepEqual([command, exitCode], [command, 4])
    assert.match(err, /^aquifer: There is no store in ".*nothing"\.\n {2}Name the directory/)
  }
  await assert.rejects(stat(directory), { code: 'ENOENT' })
})

test('clock confirm has retentions end by a clock that the engine did not believe', async (t) => {
  const directory = await temporaryDirectory(t)
  // The last time seen lies two days back.
  const clock = { now: () => Date.now() - 2 * 86_400_000, monotonic: () => performance.now() }
  {
    await using engine = await Engine.open({ directory, clock })
    await engine.createBucket('locked', { objectLock: true })
  }
  const { running } = await startServer(t, directory)
  assert.match(running.err, /retentions end by that until \\"aquifer clock confirm\\"/)
  running.process.kill('SIGTERM')
  await running.ended
  const { exitCode, out } = await run(t, ['clock', 'confirm', directory])
  assert.equal(exitCode, 0)
  assert.match(out, /was held back at .*, and is .* now\.\n$/)
  await using engine = await Engine.open({ directory })
  assert.equal(engine.lockTime().isHeldBack, false)
})
