/**
 * Engines that carry over to each other in a simulation that a seed decides, killed between any two of their steps.
 *
 * `AQUIFER_SCHEDULES`: how many, 60 by default. `AQUIFER_SEED`: the first; a failure names the one that fails.
 */
import test from 'node:test'
import { sizeFrom, tellFigures } from '../crash/figures.js'
import { runSchedule } from './model/schedule.js'
import type { Traits } from './model/simulated-server.js'

const schedules = sizeFrom('AQUIFER_SCHEDULES', 60)
const firstSeed = sizeFrom('AQUIFER_SEED', 1)

async function runAll(
  what: string,
  count: number,
  first: number,
  fixed: Partial<Traits> = {},
): Promise<void> {
  const seen = { schedules: 0, kills: 0, steps: 0, versions: 0 }
  // What is loaded on the way comes in its own time: a seed decides everything from the second schedule of a process on.
  await runSchedule(0)
  try {
    for (let seed = first; seen.schedules < count; seed++, seen.schedules++) {
      const { kills, steps, versions } = await runSchedule(seed, fixed)
      seen.kills += kills
      seen.steps += steps
      seen.versions += versions
    }
  } finally {
    tellFigures(what, seen)
  }
}

test('stores that carry over to each other become the same, whenever they are killed and whichever way is closed', () =>
  runAll('schedules of stores that carry over to each other', schedules, firstSeed))

test('so does a third that both carry over to, and that carries over nothing', () =>
  // The first has one that once ended otherwise.
  runAll('the same with a backup', Math.ceil(schedules / 4), firstSeed + 159, {
    servers: 3,
    hasBackup: true,
  }))
