import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { type Disk, nodeDisk } from '@aquifer/engine/stores'
import { rootCredentials } from './credentials.js'
import { CommandFailure } from './failure.js'

const none = { accessKeyId: undefined, secretAccessKey: undefined }

async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-credentials-'))
  t.after(() => rm(directory, { recursive: true }))
  return directory
}

const refusal = (message: RegExp) => (error: unknown) =>
  error instanceof CommandFailure && error.exitCode === 6 && message.test(error.message)

test('the pair made at the first start is the pair of every later start', async (t) => {
  const directory = await temporaryDirectory(t)
  const first = await rootCredentials(directory, none)
  const second = await rootCredentials(directory, none)
  assert.match(first.accessKeyId, /^AQ[A-Z2-7]{18}$/)
  assert.match(first.secretAccessKey, /^[A-Za-z0-9]{40}$/)
  assert.deepEqual([second.accessKeyId, second.secretAccessKey], [first.accessKeyId, first.secretAccessKey])
  const path = join(directory, 'root-credentials')
  assert.deepEqual(first.origin, { from: 'file', path, isNew: true })
  assert.deepEqual(second.origin, { from: 'file', path, isNew: false })
})

test('two stores have two pairs', async (t) => {
  const one = await rootCredentials(await temporaryDirectory(t), none)
  const other = await rootCredentials(await temporaryDirectory(t), none)
  assert.notEqual(one.accessKeyId, other.accessKeyId)
  assert.notEqual(one.secretAccessKey, other.secretAccessKey)
})

test('the file is for its owner alone, and has the form of an AWS shared credentials file', async (t) => {
  const directory = await temporaryDirectory(t)
  const made = await rootCredentials(directory, none)
  const path = join(directory, 'root-credentials')
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => !line.startsWith('#'))
  assert.deepEqual(lines, [
    '[default]',
    `aws_access_key_id = ${made.accessKeyId}`,
    `aws_secret_access_key = ${made.secretAccessKey}`,
    '',
  ])
})

test('a file that others can read is refused, with what to do', {
  skip: process.platform === 'win32',
}, async (t) => {
  const directory = await temporaryDirectory(t)
  await rootCredentials(directory, none)
  for (const mode of [0o640, 0o604, 0o622, 0o777]) {
    await chmod(join(directory, 'root-credentials'), mode)
    await assert.rejects(rootCredentials(directory, none), refusal(/can be read by other users/))
  }
})

test('a given pair is taken as it is and leaves the directory alone', async (t) => {
  const directory = await temporaryDirectory(t)
  const given = { accessKeyId: 'given', secretAccessKey: 'given-secret' }
  assert.deepEqual(await rootCredentials(directory, given), { ...given, origin: { from: 'environment' } })
  assert.deepEqual(await readdir(directory), [])
})

test('half a pair is refused rather than completed from the file', async (t) => {
  const directory = await temporaryDirectory(t)
  await assert.rejects(rootCredentials(directory, { ...none, accessKeyId: 'half' }), refusal(/Only one of/))
  await assert.rejects(
    rootCredentials(directory, { ...none, secretAccessKey: 'half-secret' }),
    refusal(/Only one of/),
  )
})

test('a file without a pair is refused rather than replaced', async (t) => {
  const directory = await temporaryDirectory(t)
  const path = join(directory, 'root-credentials')
  await writeFile(path, '[default]\naws_access_key_id = only\n', { mode: 0o600 })
  await assert.rejects(rootCredentials(directory, none), refusal(/holds no key pair/))
  assert.match(await readFile(path, 'utf8'), /only/)
})

test('the pair is whole and synced before it has its name, and its name before it is used', async (t) => {
  const directory = await temporaryDirectory(t)
  const steps: string[] = []
  const watched: Disk = {
    ...nodeDisk,
    async open(path, mode) {
      const file = await nodeDisk.open(path, mode)
      return {
        read: (buffer, offset) => file.read(buffer, offset),
        write: (bytes, offset) => file.write(bytes, offset).then(() => void steps.push('write')),
        truncate: (sizeBytes) => file.truncate(sizeBytes),
        sync: () => file.sync().then(() => void steps.push('sync')),
        size: () => file.size(),
        close: () => file.close(),
      }
    },
    rename: (from, to) => nodeDisk.rename(from, to).then(() => void steps.push('rename')),
    syncDirectory: (path) => nodeDisk.syncDirectory(path).then(() => void steps.push('sync directory')),
  }
  await rootCredentials(directory, none, watched)
  assert.deepEqual(steps, ['write', 'sync', 'rename', 'sync directory'])
})

test('what a crash left of an unfinished file is no obstacle', async (t) => {
  const directory = await temporaryDirectory(t)
  await writeFile(join(directory, 'root-credentials.unfinished'), 'aws_acc')
  await rootCredentials(directory, none)
  assert.deepEqual(await readdir(directory), ['root-credentials'])
})
