import assert from 'node:assert/strict'
import test from 'node:test'
import { runCommand } from '../command.js'
import type { Desk } from '../identity/identity-command.js'
import { type Environment, readSettings } from '../settings/read-settings.js'

const ARN = 'arn:minio:replication:us-east-1:00000000-0000-4000-8000-000000000001:photos'
const target = {
  ...{ arn: ARN, sourceBucket: 'photos', endpoint: 'http://backup.example:9000', bucket: 'photos' },
  ...{ accessKeyId: 'CARRIER', keepsVersionIds: true, concurrency: 16 },
}

/** Runs a command before a server that answers these, and tells what it was asked. */
async function run(
  words: string,
  {
    env = {},
    input = '',
    answers = {},
  }: { env?: Environment; input?: string; answers?: Record<string, unknown> } = {},
) {
  const asked: [action: string, input: unknown][] = []
  const told = { out: '', err: '' }
  const misplaced = () => assert.fail('it is another command')
  const screen = { isTTY: false, write: (text: string) => (told.err += text) }
  const exitCode = await runCommand(
    words.split(' '),
    {
      ...{ serve: misplaced, verify: misplaced, stat: misplaced, rebuildIndex: misplaced },
      ...{
        confirmClock: misplaced,
        explainSignature: misplaced,
        resealKeys: misplaced,
        discardKeys: misplaced,
      },
      async administer(command, given, environment) {
        const settings = readSettings(command.settings, given, environment) as never as { json: boolean }
        const desk: Desk = {
          async ask(action, input) {
            asked.push([action, JSON.parse(JSON.stringify(input))])
            return (answers[action] ?? assert.fail(`nobody expects ${action}`)) as never
          },
          json: settings.json,
          say: (line) => {
            told.out += `${line}\n`
          },
          ...{ out: screen, progress: screen },
          readInput: async () => input,
          readText: misplaced,
        }
        await command.carryOut(settings as never, desk)
      },
    },
    { out: (text) => (told.out += text), err: (text) => (told.err += text) },
    env,
  )
  return { exitCode, asked, ...told }
}

const added = { 'replicate/add': { target } }
const add = 'replicate add s3://photos --target http://backup.example:9000/photos'
const all = { deleteMarkers: true, versionDeletes: true, existingObjects: true, replicaModifications: true }

test('a target is added with a rule that carries over everything, and its secret comes by each way', async () => {
  const given = [
    [`${add} --access-key CARRIER --secret-key of-the-carrier`, {}],
    [`${add} --access-key CARRIER --secret-key -`, { input: 'of-the-carrier' }],
    [add, { env: { AQUIFER_TARGET_ACCESS_KEY: 'CARRIER', AQUIFER_TARGET_SECRET_KEY: 'of-the-carrier' } }],
  ] as const
  for (const [words, options] of given) {
    const { exitCode, asked, out, err } = await run(words, { answers: added, ...options })
    assert.equal(exitCode, 0, err)
    const keys = { accessKeyId: 'CARRIER', secretAccessKey: 'of-the-carrier' }
    const remote = { endpoint: 'http://backup.example:9000', bucket: 'photos', ...keys }
    assert.deepEqual(asked, [['replicate/add', { bucket: 'photos', target: remote, rule: all }]])
    assert.ok(out.startsWith(`${ARN}\n`))
    assert.ok(!out.includes('of-the-carrier'))
  }
})

test('each flag of a rule and of a target goes where it belongs', async () => {
  const keys = '--access-key CARRIER --secret-key of-the-carrier'
  const rule = async (flags: string, expected: object, environment: Environment = {}) => {
    const { exitCode, asked, err } = await run(`${add} ${keys} ${flags}`, {
      answers: added,
      env: environment,
    })
    assert.equal(exitCode, 0, err)
    assert.deepEqual((asked[0]![1] as { rule: object }).rule, { ...all, ...expected }, flags)
  }
  await rule('--prefix 2026/ --priority 7 --id mine', { prefix: '2026/', priority: 7, id: 'mine' })
  await rule('--storage-class STANDARD_IA', { storageClass: 'STANDARD_IA' })
  await rule('--tags keep=yes,of=2026', { tags: { keep: 'yes', of: '2026' }, deleteMarkers: false })
  await rule('--no-delete-markers', { deleteMarkers: false })
  await rule('--no-version-deletes', { versionDeletes: false })
  await rule('--no-existing-objects', { existingObjects: false })
  await rule('--no-replica-modifications', { replicaModifications: false })
  await rule('--json', { versionDeletes: false }, { AQUIFER_VERSION_DELETES: 'false' })
  const { asked } = await run(
    `${add} ${keys} --bandwidth 20M --concurrency 4 --target-region eu-1 --virtual-host --target-only`,
    { answers: added },
  )
  const { target: remote, rule: none } = asked[0]![1] as { target: Record<string, unknown>; rule?: object }
  assert.equal(none, undefined)
  assert.deepEqual(
    [remote.bandwidthLimit, remote.concurrency, remote.region, remote.addressing],
    [20 * 1_024 ** 2, 4, 'eu-1', 'virtual-host'],
  )
})

for (const [words, said] of [
  ['replicate add photos --target http://a:9/b', /<s3-url> must be s3:\/\/bucket, and is "photos"/],
  ['replicate add s3://photos', /--target is missing: it says where versions go/],
  [
    'replicate add s3://photos --target http://a:9',
    /--target must be the endpoint with the bucket as its path/,
  ],
  ['replicate add s3://photos --target ftp://a/b', /--target must be the endpoint/],
  ['replicate add s3://photos --target http://u:p@a/b', /--target must be the endpoint/],
  [add, /--access-key is missing/],
  [`${add} --access-key A`, /--secret-key is missing/],
  [`${add} --access-key A --secret-key B --bandwidth 20m/s`, /--bandwidth must be bytes a second/],
  [`${add} --access-key A --secret-key B --tags keep`, /--tags must be key=value/],
  ['replicate resync s3://photos --older-than 10', /--older-than must be a time such as/],
  ['replicate remove photos', /must be a target's ARN or s3:\/\/bucket/],
  ['replicate update s3://photos', /There is nothing to change/],
  [
    'replicate update s3://photos --endpoint http://a/b',
    /--endpoint must be an http or https URL without a path/,
  ],
  ['replicate redrive --id 7', /--id is of one target/],
  ['replicate resync s3://photos --status --cancel', /--status and --cancel/],
  ['replicate resync s3://photos --cancel --older-than 2d', /--older-than is of a resync that begins/],
] as const)
  test(`"${words}" is refused, saying why`, async () => {
    const { exitCode, err } = await run(words)
    assert.equal(exitCode, 2)
    assert.match(err, said)
  })

const listed = (...targets: object[]) => ({
  'replicate/list': { buckets: [{ bucket: 'photos', targets, rules: [] }] },
})

test('a bucket stands for its target where it has one, and for none or several the way out is told', async () => {
  const removed = { 'replicate/remove': { arn: ARN, rules: ['mine'] } }
  const { asked, out } = await run('replicate remove s3://photos', {
    answers: { ...listed(target), ...removed },
  })
  assert.deepEqual(asked.at(-1), ['replicate/remove', { arn: ARN }])
  assert.match(out, /:photos is removed\.\n {2}rule +mine\n/)
  const none = await run('replicate remove s3://photos', { answers: listed() })
  assert.equal(none.exitCode, 7)
  assert.match(none.err, /The bucket "photos" has no targets/)
  const two = { answers: { ...listed(target, { ...target, arn: `${ARN}2` }), ...removed } }
  const several = await run('replicate remove s3://photos', two)
  assert.equal(several.exitCode, 7)
  assert.match(several.err, /has 2 targets\.\n {2}Name one: arn:/)
  assert.equal((await run('replicate remove s3://photos --all', two)).asked.length, 3)
})

test('how a target fares is told in words, and for programs as one object a line', async () => {
  const since = new Date(Date.now() - 5_000).toISOString()
  const status = {
    ...{ ...target, isOnline: false, waiting: 1_234, waitingSince: since, failures: 2 },
    ...{ completed: { versions: 10, bytes: 2_048 }, failed: { versions: 1, bytes: 5 } },
    ...{ lagMs: { median: 12, p99: 1_500, max: 3_000 }, check: 'it lets nobody in' },
    lastError: { message: 'nobody answers', at: since, nextTry: since },
    resync: {
      ...{ arn: ARN, resyncId: 'r', status: 'ongoing', started: since, key: 'a/b' },
      ...{ completed: { versions: 3, bytes: 9 }, failed: { versions: 0, bytes: 0 } },
    },
  }
  const answers = { 'replicate/status': { targets: [status] } }
  const { out, asked } = await run('replicate status s3://photos --check', { answers })
  assert.deepEqual(asked, [['replicate/status', { bucket: 'photos', check: true }]])
  assert.match(out, /to +http:\/\/backup.example:9000\/photos \(does not answer\)/)
  assert.match(out, /waiting +1,234 versions, the oldest for 5\S* s/)
  assert.match(out, /lag +median 12 ms, p99 1.5 s, at most 3 s/)
  assert.match(out, /completed +10 versions, 2.00 KiB/)
  assert.match(out, /tries failed +1\n/)
  assert.match(out, /given up +2 versions: "aquifer replicate failures"/)
  assert.match(out, /last error +nobody answers/)
  assert.match(out, /resync +ongoing, begun \S+; 3 versions, 9 bytes; up to the key a\/b/)
  assert.match(out, /check +it lets nobody in/)
  assert.deepEqual(JSON.parse((await run('replicate status --json', { answers })).out), status)
  assert.match(
    (await run('replicate status', { answers: { 'replicate/status': { targets: [] } } })).out,
    /no target/,
  )
})

test('where versions go, said in the environment for "add", is no target whose failures are asked for', async () => {
  const env = { AQUIFER_TARGET: 'http://backup.example:9000/photos' }
  const answers = { 'replicate/failures': { entries: [], isTruncated: false } }
  const { exitCode, asked } = await run('replicate failures', { env, answers })
  assert.deepEqual([exitCode, asked], [0, [['replicate/failures', {}]]])
  const named = await run('replicate failures', { env: { AQUIFER_TARGET_ARN: ARN }, answers })
  assert.deepEqual(named.asked, [['replicate/failures', { arn: ARN }]])
})

test('the variable beside a flag that says no is shown with the value that says so', async () => {
  const { out } = await run('replicate add --help')
  assert.match(out, /--no-delete-markers.*AQUIFER_DELETE_MARKERS=false\)/s)
})

test('that nothing was given up is said to a person, once for all targets', async () => {
  const none = { 'replicate/failures': { entries: [], isTruncated: false } }
  const two = listed(target, { ...target, arn: `${ARN}2` })
  const { out } = await run('replicate failures s3://photos', { answers: { ...two, ...none } })
  assert.equal(out, 'No version was given up.\n')
  const { out: json } = await run('replicate failures --json', { answers: none })
  assert.deepEqual(JSON.parse(json), none['replicate/failures'])
})

test('keys that would steer the terminal do not', async () => {
  const failure = {
    arn: ARN,
    id: '7',
    bucket: 'photos',
    key: 'a\u001b[2Jb',
    versionId: '0',
    attempts: 50,
    error: 'no',
  }
  const answers = { 'replicate/failures': { entries: [failure], isTruncated: true } }
  const { out } = await run('replicate failures', { answers })
  assert.match(out, /^s3:\/\/photos\/a\\u001b\[2Jb\n.*\nThere are more\.\n$/s)
})
