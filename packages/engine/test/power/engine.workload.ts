/**
 * An engine over real files and the real LevelDB, under the shim. Arguments: the directory, a file for what is told,
 * then `work` and a seed, to go on until it is killed, or `play`, a scenario and its props, to carry it out once.
 */
import { openSync, writeSync } from 'node:fs'
import { deserialize } from 'node:v8'
import { History, RecordedEngine } from '@aquifer/engine/testing'
import { enter, play } from '../crash/scenarios.js'
import { useSmallBounds, Workload } from '../crash/workload.js'
import { pointScenarios } from './point-scenarios.js'
import { openOver, openSmallStores } from './small-engine.js'

useSmallBounds()
const [directory = '', historyFile = '', what = '', name = '', props = ''] = process.argv.slice(2)
const file = openSync(historyFile, 'a')
let acknowledged = 0
const history = new History({
  write(line) {
    writeSync(file, line)
    if (line.includes('"acknowledged"')) writeSync(1, `acknowledged ${++acknowledged}\n`)
  },
})
const engine = await openOver(await openSmallStores(directory), { background: what === 'work' })
const recorded = new RecordedEngine(engine, history)

if (what === 'work') {
  const workload = new Workload(recorded, {
    seed: Number(name),
    keys: 30,
    writers: 8,
    listers: 2,
    largeBytes: 30_000,
  })
  await workload.prepare()
  await workload.run(new AbortController().signal)
} else {
  await play(pointScenarios[name]!(enter(recorded, deserialize(Buffer.from(props, 'base64')))))
  await engine.close()
}
