// The main job on real input: a tree of thousands of files and a large one, by aws-cli, through a sudden death.
import assert from 'node:assert/strict'
import { cp, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { awsCli, awsCliConcurrency, connectAwsCli } from './aws-cli.mjs'
import { assertSameFiles, filesBelow, sha256, sha256OfFile, writeFileNamed } from './harness/bytes.mjs'
import { unless } from './harness/programs.mjs'
import { openWorkplace } from './harness/workplace.mjs'

const treeFiles = 3_000
const largeBytes = 300 * 1024 * 1024
const acknowledgedBeforeDeath = 300
const bucket = 'main-job'

test('aws-cli: a tree of files and one of 300 MiB', { skip: unless(awsCli, 'aws-cli') }, async (t) => {
  const place = await openWorkplace(t)
  const tree = join(place.folder, 'tree')
  const large = join(place.folder, 'large.bin')
  const down = join(place.folder, 'down')
  await gatherTree(tree)
  await writeFileNamed(large, 'large', largeBytes)
  const treePaths = await filesBelow(tree)
  assert.ok(treePaths.length >= treeFiles)
  t.diagnostic(`${treePaths.length} files in the tree`)
  let aws = await connectAwsCli(place)

  const sync = (from, to, options) =>
    aws(['s3', 'sync', '--no-progress', '--no-follow-symlinks', from, to], options)
  const copy = (from, to) => aws(['s3', 'cp', '--no-progress', from, to])

  await t.test('both go up', async () => {
    await aws(['s3', 'mb', `s3://${bucket}`])
    await sync(tree, `s3://${bucket}/tree`)
    await copy(large, `s3://${bucket}/large.bin`)
    assert.deepEqual(
      (await place.witness.list(bucket)).sort(),
      ['large.bin', ...treePaths.map((path) => `tree/${path}`)].sort(),
    )
    assert.match((await place.witness.head(bucket, 'large.bin')).ETag, /-\d+"$/)
  })

  await t.test('a second sync finds nothing to do', async () => {
    assert.equal(await sync(tree, `s3://${bucket}/tree`), '')
  })

  await t.test('both come back into an empty folder byte-equal', async () => {
    await mkdir(down)
    await sync(`s3://${bucket}/tree`, join(down, 'tree'))
    assert.equal(await assertSameFiles(join(down, 'tree'), tree), treePaths.length)
    await copy(`s3://${bucket}/large.bin`, join(down, 'large.bin'))
    assert.equal(await sha256OfFile(join(down, 'large.bin')), await sha256OfFile(large))
  })

  const acknowledged = new Set()
  await t.test('the server dies in the middle of a second upload', async () => {
    // Slow enough that it is still under way when the server goes, however busy the machine.
    const slowAws = await connectAwsCli(place, { max_bandwidth: '2MB/s', max_concurrent_requests: '1' })
    const largeUpload = slowAws(['s3', 'cp', '--no-progress', large, `s3://${bucket}/second/large.bin`])
    const largeEnded = largeUpload.then(
      () => true,
      () => true,
    )
    while ((await place.witness.partsUnderWay(bucket)) === 0)
      if (await Promise.race([largeEnded, pause(200, false)])) break
    let killed
    const treeUpload = sync(tree, `s3://${bucket}/second`, {
      onLine(line) {
        const key = /^upload: .* to s3:\/\/main-job\/(.*)$/.exec(line)?.[1]
        if (key === undefined) return
        acknowledged.add(key)
        if (acknowledged.size === acknowledgedBeforeDeath) killed = place.killServer()
      },
    })
    const outcomes = await Promise.allSettled([treeUpload, largeUpload])
    await killed
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected'],
      'both were under way',
    )
    t.diagnostic(`${acknowledged.size} uploads were acknowledged before the end`)
  })

  await t.test(
    'started again, it has all that was acknowledged, byte-equal, and nothing in part',
    async () => {
      await place.restartServer()
      aws = await connectAwsCli(place)
      const listed = await place.witness.list(bucket, 'second/')
      const unacknowledged = listed.filter((key) => !acknowledged.has(key))
      t.diagnostic(`${unacknowledged.length} uploads were stored whole though their answer was lost`)
      assert.ok(
        unacknowledged.length <= awsCliConcurrency,
        'only what was in flight may be there unacknowledged',
      )
      assert.ok(!listed.includes('second/large.bin'))
      assert.deepEqual(
        [...acknowledged].filter((key) => !listed.includes(key)),
        [],
      )
      await place.witness.getMany(bucket, listed, sameAsIn(tree, 'second/'))
      await place.witness.getMany(
        bucket,
        treePaths.map((path) => `tree/${path}`),
        sameAsIn(tree, 'tree/'),
      )
      await copy(`s3://${bucket}/large.bin`, join(down, 'again.bin'))
      assert.equal(await sha256OfFile(join(down, 'again.bin')), await sha256OfFile(large))
    },
  )

  await t.test('the upload that died can be seen and given up', async () => {
    const { Uploads } = JSON.parse(await aws(['s3api', 'list-multipart-uploads', '--bucket', bucket]))
    assert.deepEqual(
      Uploads.map(({ Key }) => Key),
      ['second/large.bin'],
    )
    const of = ['--bucket', bucket, '--key', 'second/large.bin', '--upload-id', Uploads[0].UploadId]
    const { Parts = [] } = JSON.parse(await aws(['s3api', 'list-parts', ...of]))
    t.diagnostic(`${Parts.length} of its parts were acknowledged`)
    await aws(['s3api', 'abort-multipart-upload', ...of])
    const after = JSON.parse((await aws(['s3api', 'list-multipart-uploads', '--bucket', bucket])) || '{}')
    assert.deepEqual(after.Uploads ?? [], [])
  })

  await t.test('the second upload done again completes the tree', async () => {
    await sync(tree, `s3://${bucket}/second`)
    assert.equal((await place.witness.list(bucket, 'second/')).length, treePaths.length)
  })
})

function sameAsIn(folder, prefix) {
  return async (key, bytes) =>
    assert.equal(sha256(bytes), sha256(await readFile(join(folder, key.slice(prefix.length)))), key)
}

/** Packages as pnpm laid them out, whole, until there are files enough. Their symbolic links stay links. */
async function gatherTree(folder) {
  const store = fileURLToPath(new URL('node_modules/.pnpm', import.meta.url))
  await mkdir(folder)
  for (const name of (await readdir(store)).sort()) {
    if ((await filesBelow(folder)).length >= treeFiles) return
    await cp(join(store, name), join(folder, name), { recursive: true, verbatimSymlinks: true })
  }
}
