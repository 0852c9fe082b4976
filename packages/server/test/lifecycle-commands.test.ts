import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { Engine } from '@aquifer/engine'
import { Running, startServer, temporaryDirectory } from './running-server.js'

/** A stopped server's directory whose bucket has rules, an object, old versions and an upload. */
async function ruled(t: TestContext): Promise<string> {
  const directory = join(await temporaryDirectory(t), 'data')
  await using engine = await Engine.open({ directory, background: false })
  await engine.createBucket('logs', { objectLock: true })
  const logs = engine.bucket('logs')
  await logs.put('2026/a', Buffer.from('old'))
  await logs.put('2026/a', Buffer.from('new'), { legalHold: true })
  await logs.createUpload('2026/a')
  await logs.setConfiguration('lifecycle', {
    rules: [
      { id: 'others', status: 'enabled', filter: { prefix: '2025/' }, expiration: { days: 1 } },
      { id: 'old', status: 'enabled', noncurrentVersionExpiration: { noncurrentDays: 5 } },
      { id: 'uploads', status: 'enabled', abortIncompleteMultipartUpload: { daysAfterInitiation: 3 } },
    ],
  })
  return directory
}

async function aquifer(t: TestContext, words: readonly string[]): Promise<string> {
  const running = new Running(t, words)
  assert.equal(await running.ended, 0, running.err)
  return running.out
}

for (const where of ['in a stopped one’s directory', 'in a running one by its URL'] as const)
  test(`what rules do is explained, told beforehand and done, ${where}`, async (t) => {
    const directory = await ruled(t)
    const server = where.startsWith('in a running') ? await startServer(t, directory) : undefined
    const place = ['--data', directory, ...(server ? ['--url', server.url.href] : [])]
    const explained = await aquifer(t, ['lifecycle', 'explain', 's3://logs/2026/a', ...place])
    assert.match(explained, /^version \w{32} \(current\), of 20/m)
    assert.match(explained, /nothing will become of it by itself\n +others: its prefix is another/)
    assert.match(explained, /^ +it goes for good after 20\S+T00:00:00.000Z, by rule old$/m)
    assert.match(explained, /^upload \w{32}, of .*\n +it is aborted after \S+, by rule uploads$/m)
    const inTenDays = new Date(Date.now() + 10 * 86_400_000).toISOString()
    const sweep = ['lifecycle', 'sweep', '--now', inTenDays, ...place]
    const told = await aquifer(t, [...sweep, '--dry-run', '--json'])
    const actions = told
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(actions.map(({ action, ruleId }) => [action, ruleId]).sort(), [
      ['abort-upload', 'uploads'],
      ['remove-noncurrent', 'old'],
    ])
    assert.match(await aquifer(t, ['lifecycle', 'sweep', ...place]), /^0 things done\.\n$/)
    const done = await aquifer(t, sweep)
    assert.match(done, /^remove-noncurrent {2}s3:\/\/logs\/2026\/a {2}\w+ {2}rule old {2}due /m)
    assert.match(done, /\n2 things done\.\n$/)
    assert.match(
      await aquifer(t, ['lifecycle', 'explain', 's3://logs/b', ...place]),
      /nothing under the key b/,
    )
  })

test('what is no object’s address is refused', async (t) => {
  const running = new Running(t, ['lifecycle', 'explain', 'logs/a', '--data', '/nowhere'])
  assert.equal(await running.ended, 2)
  assert.match(running.err, /must be s3:\/\/bucket\/key/)
})
