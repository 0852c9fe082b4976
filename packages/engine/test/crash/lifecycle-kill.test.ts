/**
 * A process under load, whose objects go by rules of days that last a second, is killed again and again: nothing is gone
 * that was not due or was locked, and all that is due goes in the end.
 *
 * `AQUIFER_LIFECYCLE_KILLS`: how often, 4 by default; the long run has 300. `AQUIFER_SEED` decides when.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Engine } from '@aquifer/engine'
import { findViolations, seededRandom } from '@aquifer/engine/testing'
import { sizeFrom, tellFigures } from './figures.js'
import { startChild } from './start-child.js'
import { openStores } from './stores.js'

interface Told {
  bucket: string
  key: string
  versionId?: string
  mayGoMs?: number
}

const kills = sizeFrom('AQUIFER_LIFECYCLE_KILLS', 4)
const seed = sizeFrom('AQUIFER_SEED', Date.now() % 1_000_000)
const random = seededRandom(seed)
const child = new URL('./lifecycle-kill.child.js', import.meta.url)
const lifecycleDaySeconds = 1

test(`nothing goes by a rule that was not due or was locked, through kills (seed ${seed})`, async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'aquifer-lifecycle-kill-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  const directory = join(root, 'data')
  const toldFile = join(root, 'told')
  await setRules(directory)
  const seen = { kills: 0, acknowledged: 0, 'gone when killed': 0 }
  for (let round = 0; round < kills; round++) {
    const life = startChild(child, [directory, toldFile, String(round)])
    await Promise.race([once(life.process.stdout, 'data'), life.ended])
    await Promise.race([new Promise((resolve) => setTimeout(resolve, 300 + random() * 2_200)), life.ended])
    assert.equal(life.process.exitCode, null, life.complaint())
    life.process.kill('SIGKILL')
    await life.ended
    const killedMs = Date.now()
    const told = existsSync(toldFile) ? parse(await readFile(toldFile, 'utf8')) : []
    seen.kills++
    seen.acknowledged = told.length
    seen['gone when killed'] = await examine(directory, told, killedMs)
  }
  tellFigures('rules through kills', seen)
})

async function setRules(directory: string): Promise<void> {
  const engine = await Engine.open({ stores: await openStores(directory), lifecycleDaySeconds })
  await engine.createBucket('plain')
  await engine.createBucket('versioned')
  await engine.createBucket('locked', { objectLock: true })
  await engine.bucket('versioned').setConfiguration('versioning', 'enabled')
  for (const bucket of ['plain', 'versioned', 'locked'])
    await engine.bucket(bucket).setConfiguration('lifecycle', {
      rules: [
        { id: 'due', status: 'enabled', filter: { prefix: 'due/' }, expiration: { days: 1 } },
        { id: 'old', status: 'enabled', noncurrentVersionExpiration: { noncurrentDays: 1 } },
      ],
    })
  await engine.close()
}

/** The last line may be cut short: it was never told. */
const parse = (text: string): Told[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))

/** How many have gone. Then all that is due goes, and what nothing lets go is there still. */
async function examine(directory: string, told: readonly Told[], killedMs: number): Promise<number> {
  const stores = await openStores(directory)
  const asFound = await findViolations({ ...stores, bytes: false, lifecycleDaySeconds })
  assert.deepEqual(asFound, [])
  const engine = await Engine.open({ stores, background: false, lifecycleDaySeconds })
  try {
    const isThere = async ({ bucket, key, versionId }: Told) =>
      engine
        .bucket(bucket)
        .head(key, bucket === 'locked' ? { versionId: versionId! } : {})
        .then(
          () => true,
          () => false,
        )
    let gone = 0
    for (const each of told) {
      if (await isThere(each)) continue
      gone++
      assert.notEqual(each.bucket, 'locked', `a locked version of ${each.key} is gone`)
      assert.ok(each.mayGoMs !== undefined && each.mayGoMs < killedMs, `${each.key} went too early`)
    }
    const now = new Date(Date.now() + 60_000)
    for await (const _ of engine.sweep({ now }));
    for (const each of told) {
      const isDue = each.mayGoMs !== undefined && each.bucket !== 'locked'
      assert.equal(await isThere(each), !isDue, `${each.bucket}/${each.key}`)
    }
    await engine.reclaim()
    assert.deepEqual(await findViolations({ ...stores, bytes: false, lifecycleDaySeconds }), [])
    return gone
  } finally {
    await engine.close()
  }
}
