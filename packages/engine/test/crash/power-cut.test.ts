/**
 * The engine on a simulated disk whose power goes at a moment of chance, in the midst of many writers: several
 * outcomes of each cut are opened and held against what callers were told.
 *
 * `AQUIFER_LIVES`: lives of an engine, each seen through several cuts. The long run has 20,000.
 * `AQUIFER_SEED`: the first life's seed; a failure names the one that fails.
 */
import test from 'node:test'
import { Apart } from './apart.js'
import { sizeFrom, tellFigures } from './figures.js'
import type { Seen } from './live.js'

const lives = sizeFrom('AQUIFER_LIVES', 25)
const firstSeed = sizeFrom('AQUIFER_SEED', 1)
const apart = new Apart(new URL('./live.js', import.meta.url))
test.after(() => apart[Symbol.asyncDispose]())

async function liveMany(name: string, fails: boolean): Promise<void> {
  const all = { cuts: 0, kills: 0, acknowledged: 0 }
  try {
    for (let seed = firstSeed; seed < firstSeed + lives; seed++) {
      const seen = await apart.call<Seen>('live', { seed, fails }).catch((error) => {
        throw new Error(`AQUIFER_SEED=${seed} AQUIFER_LIVES=1: ${error.message}`)
      })
      all.cuts += seen.cuts
      all.kills += seen.kills
      all.acknowledged += seen.acknowledged
    }
  } finally {
    tellFigures(name, { lives, ...all })
  }
}

test('through power cuts and kills an engine loses nothing, and nothing appears', () =>
  liveMany('simulated power cuts', false))

test('so it is when the disk and the index fail on the way, too', () =>
  liveMany('simulated power cuts of failing disks', true))
