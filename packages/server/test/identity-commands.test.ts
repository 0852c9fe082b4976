import assert from 'node:assert/strict'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { type Signer, signMessage } from '../../http-adapter/dist-test/signing-client.js'
import { run } from './run-command.js'
import { Running, signerOf, startServer, temporaryDirectory } from './running-server.js'

const SECRET = 'alices-own-secret-key'

/** A stopped server's directory, with its keys made. */
async function stoppedServer(t: TestContext): Promise<string> {
  const directory = await temporaryDirectory(t)
  const { running } = await startServer(t, directory)
  running.process.kill('SIGTERM')
  await running.ended
  return directory
}

for (const where of ['in a stopped one’s directory', 'in a running one by its URL'] as const)
  test(`users, keys, groups and policies of a server are administered ${where}`, async (t) => {
    const directory = await stoppedServer(t)
    const isRunning = where.startsWith('in a running')
    const server = isRunning ? await startServer(t, directory) : undefined
    const place = ['--data', directory, ...(server ? ['--url', server.url.href] : [])]
    const told: string[] = []
    const aquifer = async (words: string, options = {}) => {
      const { exitCode, out, err } = await run([...words.split(' '), ...place], options)
      told.push(out, err)
      return { exitCode, out, err }
    }
    const json = async (words: string, options = {}) => {
      const { exitCode, out, err } = await aquifer(`${words} --json`, options)
      assert.equal(exitCode, 0, err)
      return out.trim() === ''
        ? []
        : out
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
    }

    const added = await aquifer(`user add alice --access-key ALICE --secret-key ${SECRET} --policy readwrite`)
    assert.equal(added.exitCode, 0, added.err)
    assert.match(added.out, new RegExp(`Access key +ALICE\\n +Secret key +${SECRET}\\n`))
    told.length = 0 // That was the once.
    const again = await aquifer('user add alice')
    assert.equal(again.exitCode, 7)
    assert.match(again.err, /The user "alice" is there already\.\n {2}Choose another name/)
    assert.equal((await aquifer('user add ALICE --access-key ALICE')).exitCode, 7)

    const [{ user, keys }] = await json('user show alice')
    assert.deepEqual(user.policies, ['readwrite'])
    assert.deepEqual(
      keys.entries.map((key: { accessKeyId: string }) => key.accessKeyId),
      ['ALICE'],
    )
    assert.equal((await json('user list')).length, 1)

    const policyPath = `${directory}.json`
    t.after(() => rm(policyPath, { force: true }))
    const document = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Sid: 'NoDeletes', Effect: 'Deny', Action: 's3:DeleteObject', Resource: '*' }],
    })
    await writeFile(policyPath, document)
    assert.equal((await aquifer(`policy add no-deletes ${policyPath}`)).exitCode, 0)
    assert.equal((await aquifer(`policy add no-deletes -`, { input: document })).exitCode, 7)
    assert.equal((await aquifer(`policy add no-deletes - --replace`, { input: document })).exitCode, 0)
    assert.equal((await aquifer(`policy add worse -`, { input: '{}' })).exitCode, 7)
    await json('group add staff')
    await json('group attach staff --policy no-deletes')
    await json('group attach staff --user alice')
    const [{ members }] = await json('group show staff')
    assert.deepEqual(members, ['alice'])

    const may = await aquifer('policy explain s3:PutObject photos/a --key ALICE')
    assert.match(may.out, /^alice may s3:PutObject on arn:aws:s3:::photos\/a\.\n.*statement 0 of readwrite/)
    const mayNot = await aquifer('policy explain s3:DeleteObject photos/a --user alice')
    assert.match(
      mayNot.out,
      /^alice may not s3:DeleteObject.*\n.*denied by "NoDeletes", statement 0 of no-deletes/,
    )
    const anybody = await aquifer('policy explain s3:GetObject photos/a')
    assert.match(anybody.out, /^Who does not sign may not/)
    for (const [slip, said] of [
      ['s3:GetObjekt photos/a --user alice', /There is no action "s3:GetObjekt"/],
      ['s3:GetObject photos --user alice', /s3:GetObject is asked of an object/],
      ['s3:ListBucket photos/a --user alice', /s3:ListBucket is asked of a bucket/],
      ['s3:GetObject photos/a --context aws:SourceIpp=192.0.2.1', /no condition key "aws:SourceIpp"/],
    ] as const) {
      const refused = await aquifer(`policy explain ${slip}`)
      assert.equal(refused.exitCode, 7, slip)
      assert.match(refused.err, said)
    }

    const [{ accessKey: service }] = await json('key add alice --policy-file - --expires 90d', {
      input: document.replace('Deny', 'Allow').replace('DeleteObject', 'GetObject'),
    })
    assert.equal(service.kind, 'service')
    assert.equal((await json('key list --user alice')).length, 2)
    await json(`key disable ${service.accessKeyId}`)
    assert.match((await aquifer(`key show ${service.accessKeyId}`)).out, /\(disabled\)/)
    await json(`key enable ${service.accessKeyId}`)
    const [{ accessKey: rotated }] = await json(`key rotate ${service.accessKeyId}`)
    assert.notEqual(rotated.secretAccessKey, service.secretAccessKey)
    await json(`key remove ${service.accessKeyId}`)
    assert.equal((await aquifer(`key show ${service.accessKeyId}`)).exitCode, 7)

    assert.equal((await aquifer('policy remove no-deletes')).exitCode, 7, 'it is attached')
    assert.equal((await aquifer('policy remove readonly')).exitCode, 7, 'it is built in')
    await json('group detach staff --policy no-deletes')
    await json('group detach staff --user alice')
    await json('group remove staff')
    await json('policy remove no-deletes')
    assert.equal((await json('policy list')).length, 4)
    await json('user detach alice --policy readwrite')
    await json('user attach alice --policy readonly')
    await json('user disable alice')
    await json('user enable alice')
    await json('user remove alice')
    assert.deepEqual(await json('user list'), [])
    assert.equal((await aquifer('user show alice')).exitCode, 7)

    assert.ok(!told.some((text) => text.includes(SECRET)), 'a secret is told once')
    if (server) {
      assert.ok(!server.running.err.includes(SECRET) && !server.running.out.includes(SECRET))
      assert.match(server.running.err, /"action":"user\/add".*"msg":"administration"/)
      server.running.process.kill('SIGTERM')
      await server.running.ended
    }
    for (const path of await readdir(directory, { recursive: true, withFileTypes: true }))
      if (path.isFile()) {
        const bytes = await readFile(join(path.parentPath, path.name))
        assert.ok(!bytes.includes(SECRET), `${path.name} has no secret in the clear`)
      }
  })

test('a user may do with its key what its policies allow, and nothing else', async (t) => {
  const directory = await stoppedServer(t)
  const add = (words: string) => run([...words.split(' '), '--data', directory])
  await add(`user add alice --access-key ALICE --secret-key ${SECRET} --policy readonly`)
  await run([
    ...`user add bob --access-key BOBBY --secret-key ${SECRET} --policy readwrite --data`.split(' '),
    ...[directory, '--display-name', 'Bob B.'],
  ])
  const { url } = await startServer(t, directory)
  const ask = async (accessKeyId: string, method: string, path: string, body = '') => {
    const { headers } = signMessage(
      { accessKeyId, secretAccessKey: SECRET },
      {
        form: 'header',
        method,
        host: url.host,
        path,
        payload: 'unsigned',
        date: new Date(),
        body: Buffer.from(body),
      },
    )
    const sent = Object.fromEntries([...headers].filter(([name]) => name.toLowerCase() !== 'host'))
    const answer = await fetch(new URL(path, url), { method, headers: sent, ...(body && { body }) })
    return { status: answer.status, text: await answer.text() }
  }
  assert.deepEqual(await ask('BOBBY', 'PUT', '/photos'), { status: 200, text: '' })
  assert.deepEqual(await ask('BOBBY', 'PUT', '/photos/a', 'x'), { status: 200, text: '' })
  assert.equal((await ask('ALICE', 'GET', '/photos/a')).text, 'x')
  assert.equal((await ask('ALICE', 'PUT', '/photos/a', 'y')).status, 403)
  const shown = /<Owner><ID>([0-9a-f]{64})<\/ID><DisplayName>Bob B\.<\/DisplayName><\/Owner>/
  const [, id] = shown.exec((await ask('ALICE', 'GET', '/photos')).text) ?? []
  const { out } = await run(['user', 'show', 'bob', '--json', '--data', directory, '--url', url.href])
  assert.equal(id, JSON.parse(out).user.id, 'the owner is shown by id and display name')
  assert.equal((await ask('ALICE', 'DELETE', '/photos')).status, 403)
})

test('who asks to administer must sign, in the headers and over the body, and be allowed each action', async (t) => {
  const directory = await stoppedServer(t)
  const root = await signerOf(directory)
  const add = (words: string, options = {}) => run([...words.split(' '), '--data', directory], options)
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['admin:CreateServiceAccount', 'admin:ListUsers'], Resource: '*' },
    ],
  })
  await add('policy add some -', { input: policy })
  await add(`user add boss --access-key BOSS --secret-key ${SECRET} --policy admin`)
  await add(`user add some --access-key SOME --secret-key ${SECRET} --policy some`)
  await add(`user add none --access-key NONE --secret-key ${SECRET} --policy readwrite`)
  await add(`key add boss --access-key BOSSY --secret-key ${SECRET} --policy-file -`, { input: policy })
  const { url } = await startServer(t, directory)

  const ask = async (
    signer: Signer | undefined,
    action: string,
    input: object,
    payload: 'hashed' | 'unsigned' = 'hashed',
  ) => {
    const path = `/-/admin/${action}`
    const body = JSON.stringify(input)
    const headers =
      signer === undefined
        ? []
        : signMessage(signer, {
            form: 'header',
            method: 'POST',
            host: url.host,
            path,
            payload,
            date: new Date(),
            body: Buffer.from(body),
          }).headers
    const sent = Object.fromEntries([...headers].filter(([name]) => name.toLowerCase() !== 'host'))
    const answer = await fetch(new URL(path, url), { method: 'POST', headers: sent, body })
    const answered = (await answer.json()) as { error?: { code: string } }
    return { status: answer.status, code: answered.error?.code, answered }
  }
  const keyOf = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: SECRET })

  assert.equal((await ask(undefined, 'user/list', {})).status, 403)
  assert.equal((await ask(root, 'user/list', {}, 'unsigned')).status, 403, 'not over the body')
  assert.equal(
    (await ask({ ...root, secretAccessKey: SECRET }, 'user/list', {})).code,
    'SignatureDoesNotMatch',
  )
  assert.equal((await ask(root, 'user/list', {})).status, 200)
  assert.equal((await ask(keyOf('BOSS'), 'user/list', {})).status, 200)
  assert.equal((await ask(keyOf('SOME'), 'user/list', {})).status, 200)
  assert.equal((await ask(keyOf('NONE'), 'user/list', {})).code, 'AccessDenied')
  assert.equal((await ask(keyOf('SOME'), 'user/add', { name: 'x' })).code, 'AccessDenied')
  assert.equal((await ask(keyOf('SOME'), 'key/add', { user: 'boss' })).code, 'AccessDenied', 'for another')
  assert.equal((await ask(keyOf('SOME'), 'key/add', { user: 'some' })).status, 200, 'for itself')
  assert.equal((await ask(keyOf('BOSS'), 'key/add', { user: 'some' })).status, 200)
  assert.equal((await ask(keyOf('BOSSY'), 'key/add', { user: 'boss' })).code, 'AccessDenied', 'a service key')

  assert.equal((await ask(root, 'user/add', { name: 'x', id: 'mine' })).code, 'InvalidRequest')
  assert.equal((await ask(root, 'user/add', { name: root.accessKeyId })).code, 'EntityAlreadyExists')
  assert.equal((await ask(root, 'user/add', { name: 'root' })).code, 'EntityAlreadyExists')
  assert.equal(
    (await ask(root, 'key/add', { user: 'boss', accessKeyId: root.accessKeyId })).code,
    'EntityAlreadyExists',
  )
  assert.equal((await ask(root, 'constructor', {})).code, 'NotImplemented')
  assert.equal((await ask(root, 'user/add', { name: 'y'.repeat(300_000) })).code, 'MaxMessageLengthExceeded')
  const read = await fetch(new URL('/-/admin/user/list', url))
  assert.equal(read.status, 403)
})

test('a session administers what its user may, and makes no keys', async (t) => {
  const directory = await stoppedServer(t)
  await run(
    `user add boss --access-key BOSS --secret-key ${SECRET} --policy admin --data ${directory}`.split(' '),
  )
  const { url } = await startServer(t, directory)
  const message = signMessage(
    { accessKeyId: 'BOSS', secretAccessKey: SECRET, service: 'sts' },
    {
      form: 'header',
      payload: 'hashed',
      isHashUnstated: true,
      method: 'POST',
      path: '/',
      host: url.host,
      date: new Date(),
      body: Buffer.from('Version=2011-06-15&Action=AssumeRole'),
    },
  )
  const answer = await fetch(url, {
    method: 'POST',
    headers: message.headers.filter(([name]) => !['host', 'content-length'].includes(name)),
    body: message.frames[0]!,
  })
  const text = await answer.text()
  const of = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)![1]!
  const env = {
    AQUIFER_ADMIN_ACCESS_KEY: of('AccessKeyId'),
    AQUIFER_ADMIN_SECRET_KEY: of('SecretAccessKey'),
  }
  const withToken = { env: { ...env, AQUIFER_ADMIN_SESSION_TOKEN: of('SessionToken') } }
  const ask = (words: string, options = withToken) =>
    run([...words.split(' '), '--url', url.href], options as { env: Record<string, string> })
  const listed = await ask('key list')
  assert.equal(listed.exitCode, 0, listed.err)
  assert.match(listed.out, /^ASQ\w+ {2}boss {2}temporary {2}until /m)
  for (const words of ['key add boss', 'key rotate BOSS']) {
    const refused = await ask(words)
    assert.equal(refused.exitCode, 7, words)
    assert.match(refused.err, /makes no access keys/)
  }
  assert.equal((await ask('key list', { env } as never)).exitCode, 7, 'without its token')
})

test('what went wrong is told with what to do, and by the exit code', async (t) => {
  const directory = await stoppedServer(t)
  const nowhere = await run(['user', 'list', '--url', 'http://127.0.0.1:9', '--data', directory])
  assert.equal(nowhere.exitCode, 8)
  assert.match(nowhere.err, /cannot be reached/)
  const noStore = await run(['user', 'list', '--data', join(directory, 'none')])
  assert.equal(noStore.exitCode, 4)
  const { url } = await startServer(t, directory)
  const locked = await run(['user', 'list', '--data', directory])
  assert.equal(locked.exitCode, 4)
  assert.match(locked.err, /--url/)
  const words = ['user', 'list', '--url', url.href, '--data', join(directory, 'none')]
  const noKey = await run(words)
  assert.equal(noKey.exitCode, 6)
  const env = { AQUIFER_ADMIN_ACCESS_KEY: 'NOBODY', AQUIFER_ADMIN_SECRET_KEY: SECRET }
  const nobody = await run(words, { env })
  assert.equal(nobody.exitCode, 7)
  const odd = await run(['user', 'add', 'a/b', '--data', directory, '--url', url.href])
  assert.equal(odd.exitCode, 7)
  assert.match(odd.err, /"a\/b" is no name of a user/)
})

test('secrets are sealed under another key, and work as before', async (t) => {
  const directory = await stoppedServer(t)
  const path = join(directory, 'sealing-key')
  await run(
    `user add alice --access-key ALICE --secret-key ${SECRET} --policy admin --data ${directory}`.split(' '),
  )
  const before = await readFile(path, 'utf8')
  const reseal = async (env = {}) => {
    const running = new Running(t, ['key', 'reseal', '--data', directory], env)
    assert.equal(await running.ended, 0, running.err)
  }
  await reseal()
  assert.notEqual(await readFile(path, 'utf8'), before)
  const another = Buffer.alloc(32, 5).toString('hex')
  await reseal({ AQUIFER_NEW_SEALING_KEY: another })
  const withFile = await run(['user', 'list', '--data', directory])
  assert.equal(withFile.exitCode, 6, 'the file holds the former one')
  const withOther = await run(['user', 'list', '--data', directory], {
    env: { AQUIFER_SEALING_KEY: another },
  })
  assert.equal(withOther.exitCode, 0, withOther.err)

  // And where the key is lost for good, what only it opens can be let go of.
  await rm(path)
  const lost = new Running(t, ['serve', directory, '--port', '0'])
  assert.equal(await lost.ended, 6)
  assert.match(lost.err, /aquifer key discard/)
  assert.equal(await new Running(t, ['key', 'discard', '--data', directory]).ended, 2)
  const discard = new Running(t, ['key', 'discard', '--accept-loss', '--data', directory])
  assert.equal(await discard.ended, 0, discard.err)
  assert.match(discard.out, /^1 access key removed/)
  await startServer(t, directory)
})
