/**
 * One stream as a thousand objects, in a process that kills itself in the midst of their commits. Arguments: directory,
 * name of the stream, its bytes, after how many decisions about targets it dies. Ends by itself if that is never.
 */
import { Engine } from '@aquifer/engine'
import { fanOutTargets, piecesOf } from './fan-out-kill.js'
import { openStores } from './stores.js'

const [directory = '', name = '', sizeBytes = '', dieAt = ''] = process.argv.slice(2)
const engine = await Engine.open({ stores: await openStores(directory), background: true })
let isRead = false
let decided = 0
async function* source() {
  yield* piecesOf(name, Number(sizeBytes))
  isRead = true
}
const targets = fanOutTargets(name).map((target) => ({
  ...target,
  // Looked at in the decision about each target.
  get ifNoneMatch() {
    if (isRead && ++decided > Number(dieAt)) process.kill(process.pid, 'SIGKILL')
    return '*'
  },
}))
await engine.bucket('first').fanOut(source(), targets)
await engine.close()
