// restic: a backup kept in a bucket, checked to the last byte, and restored.
import assert from 'node:assert/strict'
import { appendFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
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

test('restic, into a bucket with object lock', { skip: unless(restic, 'restic') }, async (t) => {
  const { url, region, accessKeyId, secretAccessKey, folder } = await openWorkplace(t)
  const env = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: region,
    RESTIC_REPOSITORY: `s3:${url}/locked/repository`,
    RESTIC_PASSWORD: 'correct horse',
    RESTIC_CACHE_DIR: join(folder, 'cache'),
  }
  const backUp = (...args) => run(restic, args, { env, cwd: folder })
  const credentials = { accessKeyId, secretAccessKey }
  const client = new s3.S3Client({ endpoint: url, region, forcePathStyle: true, credentials })
  t.after(() => client.destroy())
  const Bucket = 'locked'
  await client.send(new s3.CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }))
  const DefaultRetention = { Mode: 'COMPLIANCE', Days: 1 }
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } }
  await client.send(new s3.PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }))
  const source = join(folder, 'source')
  await mkdir(source)
  await writeFileNamed(join(source, 'kept'), 'kept', 3_000_000)
  const versions = async () => {
    const { Versions, IsTruncated } = await client.send(new s3.ListObjectVersionsCommand({ Bucket }))
    assert.equal(IsTruncated, false)
    return Versions
  }

  await t.test('it backs up, forgets and prunes as ever', async () => {
    await backUp('init')
    await backUp('backup', 'source')
    await appendFile(join(source, 'kept'), 'changed')
    await backUp('backup', 'source')
    await backUp('forget', '--keep-last', '1', '--prune')
    assert.match(await backUp('check', '--read-data'), /no errors were found/)
  })

  await t.test('and nothing that it wrote can be removed for good', async () => {
    const all = await versions()
    const noncurrent = all.filter(({ IsLatest }) => !IsLatest)
    assert.ok(noncurrent.length > 0, 'what was pruned is there')
    const Objects = all.map(({ Key, VersionId }) => ({ Key, VersionId }))
    const { Errors } = await client.send(
      new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects }, BypassGovernanceRetention: true }),
    )
    const files = Errors.filter(({ Code }) => Code === 'AccessDenied')
    assert.equal(files.length, all.length)
    assert.equal((await versions()).length, all.length)
  })
})
