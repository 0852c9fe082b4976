import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { nodeDisk } from '@aquifer/engine/stores'
import { CommandFailure } from './failure.js'
import { parseSealingKey, prepareNextKey, putNextKeyInPlace, sealingKeySource } from './sealing-key.js'

async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-sealing-'))
  t.after(() => rm(directory, { recursive: true }))
  return directory
}

const any = () => true
const only = (wanted: Uint8Array) => (key: Uint8Array) => Buffer.compare(key, wanted) === 0
const refusal = (message: RegExp) => (error: unknown) =>
  error instanceof CommandFailure && error.exitCode === 6 && message.test(error.message)

test('the key made at the first start is the key of every later start, for its owner alone', async (t) => {
  const directory = await temporaryDirectory(t)
  const made = await sealingKeySource(directory, undefined)(any)
  assert.equal(made.byteLength, 32)
  assert.deepEqual(await sealingKeySource(directory, undefined)(only(made)), made)
  assert.deepEqual(await readdir(directory), ['sealing-key'])
  if (process.platform === 'win32') return
  assert.equal((await stat(join(directory, 'sealing-key'))).mode & 0o777, 0o600)
  await chmod(join(directory, 'sealing-key'), 0o640)
  await assert.rejects(async () => sealingKeySource(directory, undefined)(any), refusal(/mode 640/))
})

test('a key from the environment is taken as it is, and no file is made', async (t) => {
  const directory = await temporaryDirectory(t)
  const given = Buffer.alloc(32, 7)
  assert.equal(await sealingKeySource(directory, given)(any), given)
  assert.deepEqual(await readdir(directory), [])
  await assert.rejects(
    async () => sealingKeySource(directory, given)(() => false),
    refusal(/AQUIFER_SEALING_KEY/),
  )
})

test('a key that is not the one is refused, and none is made where one is missing', async (t) => {
  const directory = await temporaryDirectory(t)
  await assert.rejects(
    async () => sealingKeySource(directory, undefined)(() => false),
    refusal(/is not there/),
  )
  assert.deepEqual(await readdir(directory), [])
  await sealingKeySource(directory, undefined)(any)
  await assert.rejects(
    async () => sealingKeySource(directory, undefined)(() => false),
    refusal(/is not the key/),
  )
  await writeFile(join(directory, 'sealing-key'), 'nonsense\n')
  await assert.rejects(
    async () => sealingKeySource(directory, undefined)(any),
    refusal(/holds no sealing key/),
  )
})

test('a change of the key that was interrupted is ended or forgotten, whichever the store knows', async (t) => {
  const directory = await temporaryDirectory(t)
  const former = await sealingKeySource(directory, undefined)(any)
  const next = await prepareNextKey(directory)
  assert.deepEqual(await sealingKeySource(directory, undefined)(only(former)), former)
  assert.deepEqual(await sealingKeySource(directory, undefined)(only(next)), next)
  assert.deepEqual(await sealingKeySource(directory, undefined)(only(next)), next, 'and then it is in place')
  assert.deepEqual(await readdir(directory), ['sealing-key'])
  const last = await prepareNextKey(directory)
  await putNextKeyInPlace(nodeDisk, directory)
  assert.match(
    await readFile(join(directory, 'sealing-key'), 'utf8'),
    new RegExp(`^${Buffer.from(last).toString('base64').replaceAll('+', '\\+')}$`, 'm'),
  )
})

test('a key is 32 bytes in Base64 or hexadecimal, and nothing else', () => {
  const key = Buffer.alloc(32, 0xab)
  assert.deepEqual(parseSealingKey(key.toString('base64')), key)
  assert.deepEqual(parseSealingKey(key.toString('hex')), key)
  for (const text of [
    '',
    'secret',
    key.toString('hex').slice(2),
    `${key.toString('base64')} `,
    'z'.repeat(64),
  ])
    assert.equal(parseSealingKey(text), undefined, text)
})
