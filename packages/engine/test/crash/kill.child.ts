/** Works on a store until it is killed. Arguments: directory, history file, seed. Says `open` when it begins. */
import { openSync, writeSync } from 'node:fs'
import { Engine } from '@aquifer/engine'
import { History, RecordedEngine } from '@aquifer/engine/testing'
import { openStores } from './stores.js'
import { useSmallBounds, Workload } from './workload.js'

useSmallBounds()
process.stdin.on('end', () => process.exit(1)).resume() // Nobody is left to kill it.
const [directory = '', historyFile = '', seed = ''] = process.argv.slice(2)
// What is written outlives the process: only the machine could lose it.
const file = openSync(historyFile, 'a')
const history = new History({ write: (line) => writeSync(file, line) })
const engine = await Engine.open({ stores: await openStores(directory), background: true })
writeSync(1, 'open\n')
const workload = new Workload(new RecordedEngine(engine, history), {
  seed: Number(seed),
  keys: 40,
  writers: 8,
  listers: 2,
  largeBytes: 300_000,
})
await workload.prepare()
await workload.run(new AbortController().signal)
