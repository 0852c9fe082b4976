/**
 * Walks over a store until it is killed or has taken its steps. Arguments: directory, file to tell of steps in, file
 * of what is there, seed, first piece, bytes of a large body, steps. Says `.` at the end of each.
 */
import { openSync, readFileSync, writeSync } from 'node:fs'
import { Engine } from '@aquifer/engine'
import { allowSmallParts, WALKERS } from './bounds.js'
import { type State, type Told, Walker } from './walker.js'

allowSmallParts()
const [directory = '', toldFile = '', stateFile = '', ...numbers] = process.argv.slice(2)
const [seed = 0, firstPiece = 0, largeBytes = 0, steps = 0] = numbers.map(Number)
const state = JSON.parse(readFileSync(stateFile, 'utf8')) as State
// What is written outlives the process: only the machine could lose it.
const file = openSync(toldFile, 'a')
const tell = (told: Told) => {
  writeSync(file, `${JSON.stringify(told)}\n`)
  if ('end' in told) writeSync(1, '.')
}
const engine = await Engine.open({ directory })
let left = steps
await Promise.all(
  Array.from({ length: WALKERS }, async (_, walker) => {
    const options = { seed, walker, firstPiece, pieceStep: WALKERS, largeBytes, state, tell }
    const walk = new Walker(engine, options)
    while (left-- > 0) await walk.step()
  }),
)
await engine.close()
