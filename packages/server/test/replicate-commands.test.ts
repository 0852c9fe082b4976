import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { run } from './run-command.js'
import { Running, type S3Client, signerOf, startServer, temporaryDirectory } from './running-server.js'

const SECRET = 'the-secret-of-the-carrier'
const calls = ['--allow-calls-to', '127.0.0.1']
interface Site {
  readonly url: URL
  readonly client: S3Client
  /** Where its keys are. */
  readonly directory: string
  stop(): Promise<void>
}

/** A server with the bucket `photos`, and a user whose key may do what the documentation says and no more. */
async function site(t: TestContext, words: readonly string[] = calls): Promise<Site> {
  const directory = await temporaryDirectory(t)
  const { url, client, running } = await startServer(t, directory, words)
  const stop = async () => {
    running.process.kill('SIGTERM')
    assert.equal(await running.ended, 0)
    assert.ok(!running.err.includes(SECRET) && !running.out.includes(SECRET), 'it logs no secret')
  }
  const made: Site = { url, client, directory, stop }
  const locked = { 'x-amz-bucket-object-lock-enabled': 'true' }
  assert.equal((await client.ask('PUT', '/photos', '', locked)).status, 200)
  const policy = join(directory, 'carrier.json')
  await writeFile(policy, await documentedPolicy())
  await done(made, `policy add carrier ${policy}`)
  await done(made, `user add carrier --access-key CARRIER --secret-key ${SECRET} --policy carrier`)
  return made
}

const documentedPolicy = async (): Promise<string> => {
  const text = await readFile(new URL('../../../docs/replication.md', import.meta.url), 'utf8')
  return /```json\n(\{\n {2}"Version": "2012-10-17".*?)```/s.exec(text)![1]!
}

const aquifer = ({ url, directory }: Site, words: string, options = {}) =>
  run([...words.split(' '), '--url', url.href, '--data', directory], options)

async function done(at: Site, words: string, options = {}): Promise<string> {
  const { exitCode, out, err } = await aquifer(at, words, options)
  assert.equal(exitCode, 0, `${words}: ${err}`)
  return out
}

const json = async (at: Site, words: string) =>
  (await done(at, `${words} --json`))
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

const add = (from: Site, to: { url: URL }, words = '') =>
  done(
    from,
    `replicate add s3://photos --target ${new URL('photos', to.url)} --access-key CARRIER --secret-key -${words}`,
    { input: SECRET },
  )

/** What is asked for is done, its body told by its digest, as object lock wants it. */
async function did(at: Site, method: string, path: string, body = '', headers: Record<string, string> = {}) {
  const digest = { 'content-md5': createHash('md5').update(body).digest('base64') }
  const answer = await at.client.ask(method, path, body, { ...digest, ...headers })
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`)
  return { id: answer.headers['x-amz-version-id'] }
}

/** Asks until it is so. */
async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const patience = AbortSignal.timeout(30_000)
  while (!(await isSo())) {
    assert.ok(!patience.aborted, `it never came to be that ${what}`)
    await delay(20)
  }
}

const statusOf = async (at: Site, path: string) => {
  const { status, headers } = await at.client.ask('HEAD', path)
  return { status, of: headers['x-amz-replication-status'], id: headers['x-amz-version-id'] }
}

const has = (at: Site, path: string, id: string | string[] | undefined) => async () =>
  (await statusOf(at, path)).id === id

test('two servers replicate both ways by the commands, with keys that may do what the documentation says', async (t) => {
  const [here, there] = [await site(t), await site(t)]
  const said = await add(here, there)
  assert.match(said, /^arn:minio:replication:us-east-1:[0-9a-f-]{36}:photos\n/)
  assert.match(said, /version ids +kept there/)
  assert.match(said, /rule .* of priority 1\n/)
  assert.ok(!said.includes(SECRET))
  await add(there, here)

  const { id } = await did(here, 'PUT', '/photos/a', 'one', { 'x-amz-tagging': 'of=2025' })
  await eventually('the other side has it', has(there, '/photos/a', id))
  assert.equal((await statusOf(there, '/photos/a')).of, 'REPLICA')
  await eventually('it is known here', async () => (await statusOf(here, '/photos/a')).of === 'COMPLETED')

  const back = await did(there, 'PUT', '/photos/a', 'two')
  await eventually('what is written there comes here', has(here, '/photos/a', back.id))
  assert.equal((await here.client.ask('GET', '/photos/a')).text, 'two')
  assert.equal((await here.client.ask('GET', `/photos/a?versionId=${id}`)).text, 'one')

  const tagging = '<Tagging><TagSet><Tag><Key>of</Key><Value>2026</Value></Tag></TagSet></Tagging>'
  await did(there, 'PUT', `/photos/a?tagging&versionId=${id}`, tagging)
  await eventually('tags of a replica come back', async () =>
    (await here.client.ask('GET', `/photos/a?tagging&versionId=${id}`)).text.includes('<Value>2026</Value>'),
  )
  await did(here, 'DELETE', '/photos/a')
  await eventually(
    'the delete marker is there',
    async () => (await statusOf(there, '/photos/a')).status === 404,
  )
  await did(there, 'DELETE', `/photos/a?versionId=${id}`)
  await eventually(
    'the removed version is gone here',
    async () => (await here.client.ask('GET', `/photos/a?versionId=${id}`)).status === 404,
  )

  const held = await did(here, 'PUT', '/photos/held', 'x', { 'x-amz-object-lock-legal-hold': 'ON' })
  await eventually('it is there', has(there, '/photos/held', held.id))
  const holdOf = async (at: Site) =>
    (await at.client.ask('HEAD', '/photos/held')).headers['x-amz-object-lock-legal-hold']
  assert.equal(await holdOf(there), 'ON')
  const free = '<LegalHold><Status>OFF</Status></LegalHold>'
  await did(there, 'PUT', '/photos/held?legal-hold', free)
  await eventually('the hold ends on this side as well', async () => (await holdOf(here)) === 'OFF')

  const governed = (days: number) =>
    `<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>${new Date(Date.now() + days * 86_400_000).toISOString()}</RetainUntilDate></Retention>`
  await did(here, 'PUT', '/photos/held?retention', governed(9))
  const until = async (at: Site) =>
    Date.parse(
      String((await at.client.ask('HEAD', '/photos/held')).headers['x-amz-object-lock-retain-until-date']),
    )
  await eventually('it is retained there', async () => (await until(there)) > Date.now())
  await did(here, 'PUT', '/photos/held?retention', governed(1), {
    'x-amz-bypass-governance-retention': 'true',
  })
  await eventually('and for a shorter time', async () => (await until(there)) === (await until(here)))

  const large = await did(here, 'PUT', '/photos/large', 'x'.repeat(33 * 1_024 ** 2), {
    'x-amz-tagging': 'size=large',
  })
  await eventually('what goes in parts is there', has(there, '/photos/large', large.id))
  assert.match((await there.client.ask('GET', '/photos/large?tagging')).text, /<Key>size<.*<Value>large</)

  const [listed] = await json(here, 'replicate list s3://photos')
  const [{ targets, rules }] = listed.buckets
  assert.equal(targets.length, 1)
  assert.equal(rules[0].destination.arn, targets[0].arn)
  assert.ok(!JSON.stringify(listed).includes(SECRET))
  const arn = targets[0].arn
  await eventually('nothing waits', async () => (await json(here, 'replicate status'))[0].waiting === 0)
  const [status] = await json(here, 'replicate status s3://photos --check')
  assert.deepEqual([status.arn, status.isOnline, status.failures, status.check], [arn, true, 0, 'ok'])
  assert.ok(status.completed.versions >= 2)
  assert.match(await done(here, 'replicate status'), /lag +median \d/)

  const slower = await json(here, `replicate update ${arn} --bandwidth 1M --concurrency 2`)
  assert.deepEqual([slower[0].target.bandwidthLimit, slower[0].target.concurrency], [1_048_576, 2])
  const [unbound] = await json(here, 'replicate update s3://photos --bandwidth 0')
  assert.equal(unbound.target.bandwidthLimit, undefined)
  assert.match(await done(here, 'replicate failures'), /^No version was given up/)
  assert.match(await done(here, 'replicate redrive s3://photos'), /^0 versions will be tried again/)
  assert.match(await done(here, 'replicate remove s3://photos'), /:photos is removed\./)
  assert.match(await done(here, 'replicate list'), /^Nothing is replicated\.\n$/)
  assert.equal((await here.client.ask('GET', '/photos?replication')).status, 404)
  for (const at of [here, there]) {
    await at.stop()
    for (const path of await readdir(at.directory, { recursive: true, withFileTypes: true }))
      if (path.isFile()) {
        const bytes = await readFile(join(path.parentPath, path.name))
        assert.ok(!bytes.includes(SECRET), `${path.name} has no secret in the clear`)
      }
  }
})

test('a rule comes beside those that are there, above them, and each target goes with its own', async (t) => {
  const [here, there] = [await site(t), await site(t)]
  await add(here, there, ' --id first --prefix in/')
  await add(here, there, ' --id second --tags keep=yes,of=2026 --storage-class STANDARD')
  await add(here, there, ' --target-only')
  const [{ buckets }] = await json(here, 'replicate list')
  const [{ targets, rules }] = buckets
  assert.equal(targets.length, 3)
  assert.deepEqual(
    rules.map((rule: Record<string, unknown>) => [rule.id, rule.priority, rule.filter, rule.deleteMarkers]),
    [
      ['first', 1, { prefix: 'in/' }, 'enabled'],
      ['second', 2, { tags: { keep: 'yes', of: '2026' } }, 'disabled'],
    ],
  )
  const same = await aquifer(
    here,
    `replicate add s3://photos --target ${new URL('photos', there.url)} --access-key CARRIER --secret-key ${SECRET} --id first`,
  )
  assert.equal(same.exitCode, 7, 'two rules of an id')
  assert.equal(
    (await json(here, 'replicate list'))[0].buckets[0].targets.length,
    3,
    'its target is not left behind',
  )
  const again = await aquifer(
    here,
    `replicate add s3://photos --target ${new URL('photos', there.url)} --access-key CARRIER --secret-key ${SECRET} --tags of=2026,keep=yes`,
  )
  assert.equal(again.exitCode, 7, 'each version would go twice')
  assert.match(again.err, /"second" has the same versions go there already, by the target arn:.*update/s)
  assert.equal((await json(here, 'replicate list'))[0].buckets[0].targets.length, 3)
  const several = await aquifer(here, 'replicate remove s3://photos')
  assert.equal(several.exitCode, 7)
  assert.match(several.err, /The bucket has 3 targets\.\n {2}Name one: arn:/)
  const first = rules[0].destination.arn
  assert.match(await done(here, `replicate remove ${first}`), /rule +first/)
  const [{ buckets: rest }] = await json(here, 'replicate list s3://photos')
  assert.deepEqual(
    rest[0].rules.map(({ id }: { id: string }) => id),
    ['second'],
  )
  await done(here, 'replicate remove s3://photos --all')
  assert.match(await done(here, 'replicate list'), /Nothing is replicated/)
  const gone = await aquifer(here, `replicate remove ${first}`)
  assert.equal(gone.exitCode, 7)
  assert.match(gone.err, /There is no replication target.*\n {2}"aquifer replicate list" tells/)
})

test('what was there already is carried over by a resync, which tells how far it is', async (t) => {
  const [here, there] = [await site(t), await site(t)]
  for (const key of ['a', 'b', 'c']) await here.client.ask('PUT', `/photos/${key}`, key)
  await add(here, there, ' --no-existing-objects')
  const refused = await aquifer(here, 'replicate resync s3://photos')
  assert.equal(refused.exitCode, 7)
  assert.match(refused.err, /--no-existing-objects|existing objects/i)
  await done(here, 'replicate remove s3://photos')
  await add(here, there)
  const none = await aquifer(here, 'replicate resync s3://photos --status --no-wait')
  if (none.exitCode !== 0) assert.match(none.err, /No resync of .* was ever begun/)
  const said = await done(here, 'replicate resync s3://photos')
  assert.match(said, /completed, begun \S+, ended \S+/)
  await eventually('all of it is there', async () => {
    const listed = await there.client.ask('GET', '/photos?list-type=2')
    return ['a', 'b', 'c'].every((key) => listed.text.includes(`<Key>${key}</Key>`))
  })
  const [begun] = await json(here, 'replicate resync s3://photos --no-wait --older-than 10d')
  assert.equal(begun.arn, (await json(here, 'replicate status'))[0].arn)
  const [last] = await json(here, 'replicate resync s3://photos --status')
  assert.equal(last.resyncId, begun.resyncId)
  await eventually(
    'it has ended',
    async () => (await json(here, 'replicate resync s3://photos --status'))[0].status === 'completed',
  )

  await there.stop()
  assert.match(await done(here, 'replicate resync s3://photos --no-wait'), /ongoing, begun/)
  const twice = await aquifer(here, 'replicate resync s3://photos')
  assert.equal(twice.exitCode, 7)
  assert.match(twice.err, /A resync of the target is going on/)
  assert.match(await done(here, 'replicate resync s3://photos --cancel'), /canceled, begun/)
  await here.client.ask('PUT', '/photos/d', 'd')
  await eventually('its silence is told', async () =>
    /does not answer\).*last error +\S+ could not be called/s.test(await done(here, 'replicate status')),
  )
})

test('a target that cannot be is refused, and the answer says what is wrong with it', async (t) => {
  const [here, there] = [await site(t), await site(t)]
  await there.client.ask('PUT', '/unversioned')
  await here.client.ask('PUT', '/unversioned')
  await done(there, `user add reader --access-key READER --secret-key ${SECRET} --policy readonly`)
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  const photos = new URL('photos', there.url).href
  const { accessKeyId, secretAccessKey } = await signerOf(there.directory)
  const root = `--access-key ${accessKeyId} --secret-key ${secretAccessKey}`
  const carrier = `--access-key CARRIER --secret-key ${SECRET}`
  for (const [words, said] of [
    [
      `${photos} --access-key CARRIER --secret-key not-this-one`,
      /SignatureDoesNotMatch.*"aquifer user add" prints them/s,
    ],
    [`${photos} --access-key READER --secret-key ${SECRET}`, /AccessDenied|not allowed|denied/i],
    [`${new URL('nowhere', there.url)} ${carrier}`, /bucket/i],
    [`${new URL('unversioned', there.url)} ${root}`, /no versioning.*put-bucket-versioning/s],
    [`http://127.0.0.1:${port}/photos ${carrier}`, /ECONNREFUSED.*a server runs there/s],
    [`${photos.replace('http:', 'https:')} ${carrier}`, /Say http:\/\//],
  ] as const) {
    const { exitCode, err, out } = await aquifer(here, `replicate add s3://photos --target ${words}`)
    assert.equal(exitCode, 7, `${words}: ${out}${err}`)
    assert.match(err, said, words)
    assert.ok(!err.includes(SECRET))
  }
  assert.match(
    await done(here, 'replicate list'),
    /Nothing is replicated/,
    'nothing is left of what was refused',
  )
})

test('a key that lacks one right of replication, or of locking where there is object lock, makes no target, and the answer names the right', async (t) => {
  const [here, there] = [await site(t), await site(t)]
  const policy = await documentedPolicy()
  for (const right of [
    ...['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'],
    ...['s3:PutObjectRetention', 's3:PutObjectLegalHold'],
  ]) {
    const name = right.slice('s3:'.length)
    const file = join(there.directory, `${name}.json`)
    const without = policy.replace(`"${right}",`, '')
    assert.notEqual(without, policy)
    await writeFile(file, without)
    await done(there, `policy add ${name} ${file}`)
    await done(there, `user add ${name} --access-key ${name} --secret-key ${SECRET} --policy ${name}`)
    const { exitCode, err } = await aquifer(
      here,
      `replicate add s3://photos --target ${new URL('photos', there.url)} --access-key ${name} --secret-key ${SECRET}`,
    )
    assert.equal(exitCode, 7)
    assert.match(err, new RegExp(`AccessDenied.*which takes [^.]*${right}`, 's'))
  }
  const listed = await there.client.ask('GET', '/photos?versions')
  assert.doesNotMatch(listed.text, /<Key>/, 'Nothing was written there to find that out.')
})

test('a bucket is no target of its own, and that of a copy of its store is one', async (t) => {
  const here = await site(t)
  const own = await aquifer(
    here,
    `replicate add s3://photos --target ${new URL('photos', here.url)} --access-key CARRIER --secret-key ${SECRET}`,
  )
  assert.equal(own.exitCode, 7, own.out)
  assert.match(own.err, /the very bucket.*of another server/s)
  await here.stop()
  const directory = await temporaryDirectory(t)
  await cp(here.directory, directory, { recursive: true })
  const [again, copy] = [await startServer(t, here.directory, calls), await startServer(t, directory, calls)]
  await add({ ...here, ...again }, copy)
})

test('a server calls no address of its machine that it was not allowed, and says by which setting it would', async (t) => {
  const here = await site(t, [])
  const { exitCode, err } = await aquifer(
    here,
    `replicate add s3://photos --target http://127.0.0.1:9/photos --access-key CARRIER --secret-key ${SECRET}`,
  )
  assert.equal(exitCode, 7)
  assert.match(err, /--allow-calls-to/)
})

test('in the directory of a stopped server targets are added and told of, and go on when it starts', async (t) => {
  const there = await site(t)
  const here = await site(t, [])
  await here.client.ask('PUT', '/photos/a', 'one')
  await here.stop()
  const stopped = async (words: string) => {
    const { exitCode, out, err } = await run([...words.split(' '), '--data', here.directory], {
      input: SECRET,
    })
    assert.equal(exitCode, 0, err)
    return out
  }
  const target = `--target ${new URL('photos', there.url)} --access-key CARRIER --secret-key -`
  const refused = await run([...`replicate add s3://photos ${target} --data`.split(' '), here.directory], {
    input: SECRET,
  })
  assert.match(refused.err, /--allow-calls-to/)
  await stopped(`replicate add s3://photos ${target} --allow-calls-to 127.0.0.1`)
  assert.match(await stopped('replicate list'), /rule \S+ of priority 1\n/)
  assert.match(await stopped('replicate status s3://photos'), /waiting +\d/)
  const { running } = await startServer(t, here.directory, calls)
  await eventually('it is there', async () => (await there.client.ask('GET', '/photos/a')).text === 'one')
  running.process.kill('SIGTERM')
  assert.equal(await running.ended, 0)
})

test('how targets fare is told anew until the command is stopped', async (t) => {
  const [here, there] = [await site(t), await site(t)]
  await add(here, there)
  const watching = new Running(t, [
    ...'replicate status --watch --json --data'.split(' '),
    ...[here.directory, '--url', here.url.href],
  ])
  await watching.says(/^\{.*\}\n\{.*\}\n/)
  watching.process.kill('SIGINT')
  assert.equal(await watching.ended, 'SIGINT')
})
