// s3fs: a bucket mounted as a folder.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { bytesNamed, sha256OfFile, writeFileNamed } from './harness/bytes.mjs'
import { findProgram, run, unless } from './harness/programs.mjs'
import { openWorkplace } from './harness/workplace.mjs'

const s3fs = findProgram('s3fs')
const mountTimeoutMs = 20_000
const largeBytes = 24 * 1024 * 1024 + 1

test('s3fs', { skip: unless(s3fs, 's3fs') || withoutFuse() }, async (t) => {
  const place = await openWorkplace(t)
  const { folder, witness } = place
  await witness.createBucket('mounted')
  const mountpoint = join(folder, 'mount')
  await mkdir(mountpoint)
  const unmount = await mount(place, mountpoint)
  place.atEnd(unmount)
  const at = (name) => join(mountpoint, name)
  const bytes = bytesNamed('s3fs', 100_000)

  await t.test('a file written is an object, and an object is a file', async () => {
    await writeFile(at('written.bin'), bytes)
    assert.ok((await witness.get('mounted', 'written.bin')).equals(bytes))
    await witness.put('mounted', 'stored.bin', bytes)
    assert.ok((await readFile(at('stored.bin'))).equals(bytes))
  })

  await t.test('a large file goes up in parts and is read back', async () => {
    const local = join(folder, 'large')
    await writeFileNamed(local, 'large', largeBytes)
    await writeFileNamed(at('large.bin'), 'large', largeBytes)
    assert.match((await witness.head('mounted', 'large.bin')).ETag, /-\d+"$/)
    assert.equal(await sha256OfFile(at('large.bin')), await sha256OfFile(local))
  })

  await t.test('folders are made, listed and removed', async () => {
    await mkdir(at('folder'))
    await writeFile(at('folder/ü 日本+b.txt'), 'odd')
    assert.deepEqual(await readdir(at('folder')), ['ü 日本+b.txt'])
    await rm(at('folder'), { recursive: true })
    assert.deepEqual(await witness.list('mounted', 'folder'), [])
  })

  await t.test('modes and times are kept as metadata', async () => {
    await chmod(at('written.bin'), 0o640)
    await utimes(at('written.bin'), 1_000_000, 1_000_000)
    const { mode, mtimeMs } = await stat(at('written.bin'))
    assert.equal(mode & 0o777, 0o640)
    assert.equal(mtimeMs, 1_000_000_000)
    assert.ok((await witness.get('mounted', 'written.bin')).equals(bytes))
  })

  await t.test('renaming moves the object, a large one too', async () => {
    await rename(at('written.bin'), at('renamed.bin'))
    await rename(at('large.bin'), at('large-renamed.bin'))
    assert.deepEqual(await witness.list('mounted'), ['large-renamed.bin', 'renamed.bin', 'stored.bin'])
    assert.equal(await sha256OfFile(at('large-renamed.bin')), await sha256OfFile(join(folder, 'large')))
  })
})

/** Why the kernel would mount nothing for us, or false. */
function withoutFuse() {
  try {
    closeSync(openSync('/dev/fuse', 'r+'))
    return false
  } catch (error) {
    return `FUSE is not at hand (${error.code})`
  }
}

async function mount({ url, region, accessKeyId, secretAccessKey }, mountpoint) {
  const options = [
    `url=${url}`,
    `endpoint=${region}`,
    'use_path_request_style',
    'sigv4',
    'multipart_size=5',
    'multipart_copy_size=10',
    'retries=1',
  ]
  const child = spawn(s3fs, ['mounted', mountpoint, '-f', ...options.flatMap((option) => ['-o', option])], {
    env: { ...process.env, AWSACCESSKEYID: accessKeyId, AWSSECRETACCESSKEY: secretAccessKey },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const outside = (await stat(join(mountpoint, '..'))).dev
  for (const began = Date.now(); (await stat(mountpoint)).dev === outside; await pause(100))
    if (child.exitCode !== null || Date.now() - began > mountTimeoutMs) {
      child.kill('SIGKILL')
      throw new Error(`s3fs mounted nothing.\n${output}`)
    }
  return async () => {
    await run('fusermount', ['-u', mountpoint])
    await ended
  }
}
