/**
 * The power goes at moments of chance, in the midst of many writers, under the journal store and under the whole
 * engine: what each cut may leave is opened and held against what callers were told by then.
 *
 * `AQUIFER_CUTS`: how many, 20,000 by default, of which the engine, whose every opening looks at far more, sees one in
 * fifty. The long run has 300,000. `AQUIFER_SEED`: the first life's seed; a failure names the one that fails.
 */
import test from 'node:test'
import { Apart } from './apart.js'
import { sizeFrom, tellFigures } from './figures.js'

const wanted = sizeFrom('AQUIFER_CUTS', 20_000)
const firstSeed = sizeFrom('AQUIFER_SEED', 1)
const ENGINE_SHARE = 0.02

interface Lives {
  readonly module: URL
  readonly name: 'live' | 'liveKv'
  readonly fails: boolean
  readonly cuts: number
}

async function liveMany(title: string, { module, name, fails, cuts }: Lives): Promise<void> {
  await using apart = new Apart(module)
  const all: Record<string, number> = { lives: 0, cuts: 0 }
  try {
    for (let seed = firstSeed; all.cuts! < cuts; seed++) {
      const seen = await apart.call<Record<string, number>>(name, { seed, fails }).catch((error) => {
        throw new Error(`AQUIFER_SEED=${seed} AQUIFER_CUTS=1: ${error.message}`)
      })
      for (const [what, count] of Object.entries({ ...seen, lives: 1 })) all[what] = (all[what] ?? 0) + count
    }
  } finally {
    tellFigures(title, all)
  }
}

const journal = {
  module: new URL('./kv-live.js', import.meta.url),
  name: 'liveKv',
  cuts: (wanted * (1 - ENGINE_SHARE)) / 2,
} as const
const engine = {
  module: new URL('./live.js', import.meta.url),
  name: 'live',
  cuts: (wanted * ENGINE_SHARE) / 2,
} as const

test('through power cuts, kills and closes the journal keeps every acknowledged commit, and no other appears', () =>
  liveMany('power cuts under the journal', { ...journal, fails: false }))

test('so it is when the disk and the index fail on the way, too', () =>
  liveMany('power cuts under a journal on a failing disk', { ...journal, fails: true }))

test('through power cuts and kills an engine loses nothing, and nothing appears', () =>
  liveMany('power cuts under the engine', { ...engine, fails: false }))

test('so it is for an engine whose disk and index fail on the way', () =>
  liveMany('power cuts under an engine on a failing disk', { ...engine, fails: true }))
