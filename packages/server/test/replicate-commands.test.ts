import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { run } from './run-command.js'
import { Running, type S3Client, startServer, temporaryDirectory } from './running-server.js'

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

/** Asks until it is so. */
async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const patience = AbortSignal.timeout(30_000)
  while (!(await isSo())) {
    assert.ok(!patience.aborted, `it never came to be that ${what}`)
    await delay(20)
  }
}

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
