import { fileURLToPath } from 'node:url'
import { freePort, startProgram } from './program.mjs'

const main = fileURLToPath(new URL('./bare-node.child.mjs', import.meta.url))

/** What Node's own HTTP server reaches when it does next to nothing: the ceiling for anything over it. */
export const bareNode = {
  name: 'bare Node',
  isInstalled: () => true,
  async start(directory) {
    const url = `http://127.0.0.1:${await freePort()}`
    const server = await startProgram({
      command: [process.execPath, main, directory, new URL(url).port],
      url,
    })
    return { ...server, url }
  },
}
