// rclone in a versioned bucket: old versions by the names it gives them, as of a time, and cleaned up.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { findProgram, unless } from './harness/programs.mjs'
import { openWorkplace } from './harness/workplace.mjs'
import { connectRclone } from './rclone.mjs'

const rclone = findProgram('rclone')

/** What is written from then on has another time than what was written before. */
async function nextMillisecond() {
  const begun = Date.now()
  while (Date.now() <= begun) await setImmediate()
}

test('rclone: a versioned bucket', { skip: unless(rclone, 'rclone') }, async (t) => {
  const place = await openWorkplace(t)
  const here = connectRclone(rclone, place)
  const { witness, folder } = place
  const linesOf = async (...args) => (await here(...args)).split('\n').filter((line) => line !== '')
  await witness.createBucket('kept')

  await t.test('it turns versioning on, and sees that it is', async () => {
    await here('backend', 'versioning', 'here:kept', 'Enabled')
    assert.match(await here('backend', 'versioning', 'here:kept'), /Enabled/)
  })

  const names = { old: /^a-v[\d-]+\.txt$/, current: 'a.txt' }

  await t.test('--s3-versions lists old versions, and reads one', async () => {
    await witness.put('kept', 'a.txt', Buffer.from('first'))
    await nextMillisecond() // It names versions by their times.
    await witness.put('kept', 'a.txt', Buffer.from('second'))
    assert.deepEqual(await linesOf('lsf', 'here:kept'), [names.current])
    const listed = await linesOf('--s3-versions', 'lsf', 'here:kept')
    assert.equal(listed.length, 2)
    const old = listed.find((name) => names.old.test(name))
    assert.ok(old !== undefined && listed.includes(names.current), listed.join(' '))
    await here('--s3-versions', 'copyto', `here:kept/${old}`, join(folder, 'old'))
    assert.equal((await readFile(join(folder, 'old'))).toString(), 'first')
  })

  await t.test('--s3-version-at shows the bucket as it was', async () => {
    await nextMillisecond()
    const then = new Date().toISOString()
    await nextMillisecond()
    await witness.put('kept', 'b.txt', Buffer.from('later'))
    await here('deletefile', 'here:kept/a.txt')
    assert.deepEqual(await linesOf('lsf', 'here:kept'), ['b.txt'])
    const listed = await linesOf('--s3-version-at', then, 'lsf', 'here:kept')
    assert.equal(listed.length, 1, listed.join(' '))
    assert.match(listed[0], /^a/)
  })

  await t.test('cleanup-hidden removes old versions and markers, and nothing else', async () => {
    await here('backend', 'cleanup-hidden', 'here:kept')
    assert.deepEqual(await linesOf('--s3-versions', 'lsf', 'here:kept'), ['b.txt'])
    assert.equal((await witness.get('kept', 'b.txt')).toString(), 'later')
    await here('deletefile', 'here:kept/b.txt')
    await here('backend', 'cleanup-hidden', 'here:kept')
    await here('rmdir', 'here:kept')
  })
})
