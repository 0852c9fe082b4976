/**
 * A process is killed before the n-th of its syncs and renames, for every n of some scenarios, over real files and the
 * real LevelDB. Of three points one keeps all that was written, and two what a power cut at that moment may leave.
 *
 * `AQUIFER_POINTS_STEP`: the distance between the points of a scenario. 20 by default; the long run takes all, 1.
 */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { serialize } from 'node:v8'
import { History, parseEvents, RecordedEngine } from '@aquifer/engine/testing'
import { sizeFrom, tellFigures } from '../crash/figures.js'
import { setScene } from '../crash/scenarios.js'
import { useSmallBounds } from '../crash/workload.js'
import { examineLeft } from './engine-left.js'
import { pointScenarios } from './point-scenarios.js'
import { openOver, openSmallStores } from './small-engine.js'
import { usePowerCuts } from './use-power-cuts.js'

const step = sizeFrom('AQUIFER_POINTS_STEP', 20)

useSmallBounds()
const script = new URL('./engine.workload.js', import.meta.url)
const { power, skip } = await usePowerCuts()
const scratch = await mkdtemp(join(tmpdir(), 'aquifer-points-'))
test.after(() => rm(scratch, { recursive: true, force: true }))

const template = join(scratch, 'template')
const staged = new History()
const props = skip ? undefined : await stage()
let points = 0
test.after(() => tellFigures('crash points', { scenarios: Object.keys(pointScenarios).length, points }))

async function stage() {
  const engine = await openOver(await openSmallStores(template))
  const made = await setScene(new RecordedEngine(engine, staged))
  await engine.close()
  return made
}

for (const [at, name] of Object.keys(pointScenarios).entries()) {
  test(`${name}, killed before its syncs and renames, leaves nothing wrong`, { skip }, async () => {
    // Samples begin at different points, so that the steps of an opening are not always the same ones.
    for (let point = 1 + (at % step); await isStruck(name, point); point += step) points++
  })
}

/** False where the scenario came to its end without so many calls. */
async function isStruck(name: string, point: number): Promise<boolean> {
  const historyFile = join(scratch, 'history')
  await rm(historyFile, { force: true })
  await power!.clear()
  await cp(template, power!.path, { recursive: true })
  const isPowerCut = point % 3 > 0
  const { wasKilled, exitCode, stderr } = await power!.run({
    script,
    args: [historyFile, 'play', name, serialize(props).toString('base64')],
    killAt: point,
    processOnly: !isPowerCut,
  })
  assert.ok(wasKilled || exitCode === 0, stderr)
  const history = staged.copy()
  if (existsSync(historyFile)) history.add(parseEvents(await readFile(historyFile, 'utf8')))
  if (isPowerCut) await power!.cut(point)
  assert.deepEqual(await examineLeft(power!.path, history), [], `killed before call ${point}`)
  return wasKilled
}
