/**
 * One file of a data directory is damaged, at rest: a bit, 4 KiB of zeros, its end cut off, gone, or put back as it
 * was earlier. Then the store may refuse to open, or say of an object that it cannot be read, or mend itself; it
 * may not give other bytes, miss a key, show a short list, or take the process down with it.
 *
 * `AQUIFER_OFFSETS`: how many places of each kind of file are struck by each damage. 1 by default; the long run
 * has 100. `AQUIFER_SEED` decides the store and the places.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, describe } from 'node:test'
import { seededRandom } from '@aquifer/engine/testing'
import { Apart } from './apart.js'
import { type DamageName, damages } from './damaged-files.js'
import { sizeFrom, tellFigures } from './figures.js'
import type { Answer, State, Stroke } from './strike.js'

const offsets = sizeFrom('AQUIFER_OFFSETS', 1)
const seed = sizeFrom('AQUIFER_SEED', Date.now() % 1_000_000)
const random = seededRandom(seed)

const root = await mkdtemp(join(tmpdir(), 'aquifer-corruption-'))
const apart = new Apart(new URL('./strike.js', import.meta.url))
after(async () => {
  await apart[Symbol.asyncDispose]()
  await rm(root, { recursive: true, force: true })
})
const answers: Record<Answer, number> = { refused: 0, told: 0, mended: 0 }
after(() => tellFigures('corruption', answers))

const states: readonly State[] = ['closed', 'killed']
const kindsOf = new Map<State, Map<string, string[]>>()
for (const state of states) kindsOf.set(state, await apart.call('prepare', { root, state, seed }))

for (const [state, kinds] of kindsOf) {
  const strike = (stroke: Omit<Stroke, 'root' | 'state'>) =>
    apart.call<Answer | undefined>('strike', { root, state, ...stroke })
  describe(`a store that was ${state} (seed ${seed})`, () => {
    test('is whole to begin with', async () => {
      assert.equal(await strike({ file: '', seed }), 'mended')
    })
    for (const [kind, files] of kinds) {
      test(`never answers wrongly when a file is damaged: ${kind}`, async () => {
        for (const name of Object.keys(damages) as DamageName[]) {
          for (let time = damages[name].hasPlaces ? offsets : 1; time > 0; time--) {
            const file = files[Math.floor(random() * files.length)]!
            const stroke = { file, damage: name, seed: Math.floor(random() * 2 ** 32) }
            const answer = await strike(stroke).catch((error) => {
              throw new Error(`AQUIFER_SEED=${seed}: ${name} in ${file}: ${error}`, { cause: error })
            })
            if (answer !== undefined) answers[answer]++
          }
        }
      })
    }
  })
}
