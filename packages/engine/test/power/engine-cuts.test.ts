/**
 * The power goes under an engine at work on real files and the real LevelDB, with checkpoints and compaction, again
 * and again on the same directory: two outcomes of each cut are held against what callers were told.
 *
 * `AQUIFER_ENGINE_CUTS`: how many, 20 by default; the long run has 500. `AQUIFER_SEED` decides the load.
 */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { History, parseEvents, seededRandom } from '@aquifer/engine/testing'
import { sizeFrom, tellFigures } from '../crash/figures.js'
import { useSmallBounds } from '../crash/workload.js'
import { examineLeft } from './engine-left.js'
import { usePowerCuts } from './use-power-cuts.js'

const cuts = sizeFrom('AQUIFER_ENGINE_CUTS', 20)
const seed = sizeFrom('AQUIFER_SEED', Date.now() % 1_000_000)
const OUTCOMES = 2

useSmallBounds()
const script = new URL('./engine.workload.js', import.meta.url)
const { power, skip } = await usePowerCuts()
const scratch = await mkdtemp(join(tmpdir(), 'aquifer-cuts-'))
test.after(() => rm(scratch, { recursive: true, force: true }))

test(`an engine on real files loses nothing when the power goes (seed ${seed})`, { skip }, async () => {
  const random = seededRandom(seed)
  const history = new History()
  let acknowledged = 0
  let done = 0
  try {
    for (; done < cuts; done++) {
      const historyFile = join(scratch, `history-${done}`)
      const last = Math.floor(random() ** 2 * 400)
      const { wasKilled, lines, stderr } = await power!.run({
        script,
        args: [historyFile, 'work', String(seed + done)],
        onLine: (line, kill) => line === `acknowledged ${last + 1}` && kill(),
      })
      assert.ok(wasKilled, stderr)
      acknowledged += lines.length
      if (existsSync(historyFile)) history.add(parseEvents(await readFile(historyFile, 'utf8')))
      for (let outcome = 1; outcome <= OUTCOMES; outcome++) {
        await power!.cut(Math.floor(random() * 2 ** 32))
        const told = outcome === OUTCOMES ? history : history.copy()
        const where = `cut ${done + 1}, outcome ${outcome}`
        assert.deepEqual(await examineLeft(power!.path, told), [], where)
      }
    }
  } finally {
    tellFigures('power cuts under a real engine', { cuts: done, outcomes: done * OUTCOMES, acknowledged })
  }
})
