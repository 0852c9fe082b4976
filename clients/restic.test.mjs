// restic: a backup kept in a bucket, checked to the last byte, and restored.
import assert from 'node:assert/strict'
import { appendFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { assertSameFiles, writeFileNamed } from './harness/bytes.mjs'
import { findProgram, run, unless } from './harness/programs.mjs'
import { openWorkplace } from './harness/workplace.mjs'

const restic = findProgram('restic')

test('restic', { skip: unless(restic, 'restic') }, async (t) => {
  const { url, region, accessKeyId, secretAccessKey, folder, witness } = await openWorkplace(t)
  const env = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: region,
    RESTIC_REPOSITORY: `s3:${url}/restic/repository`,
    RESTIC_PASSWORD: 'correct horse',
    RESTIC_CACHE_DIR: join(folder, 'cache'),
  }
  const source = join(folder, 'source')
  const backUp = (...args) => run(restic, args, { env, cwd: folder })
  await mkdir(join(source, 'below'), { recursive: true })
  for (const [name, sizeBytes] of [
    ['empty', 0],
    ['small', 1_000],
    ['below/large', 30 * 1024 * 1024],
  ])
    await writeFileNamed(join(source, name), name, sizeBytes)

  await t.test('init makes a repository, and the bucket for it', async () => {
    await backUp('init')
    assert.ok((await witness.list('restic', 'repository/')).includes('repository/config'))
  })

  await t.test('two backups and a check of every byte', async () => {
    await backUp('backup', 'source')
    await appendFile(join(source, 'small'), 'changed')
    await backUp('backup', 'source')
    assert.match(await backUp('check', '--read-data'), /no errors were found/)
  })

  await t.test('the newest is restored byte-equal with an empty cache', async () => {
    await rm(env.RESTIC_CACHE_DIR, { recursive: true })
    await backUp('restore', 'latest', '--target', 'restored')
    assert.equal(await assertSameFiles(join(folder, 'restored/source'), source), 3)
  })

  await t.test('forgetting all but the newest frees what it held, and the rest stays whole', async () => {
    await backUp('forget', '--keep-last', '1', '--prune')
    assert.equal((await witness.list('restic', 'repository/snapshots/')).length, 1)
    assert.match(await backUp('check', '--read-data'), /no errors were found/)
  })
})
