import { fileURLToPath } from 'node:url'
import { freePort, startProgram } from './program.mjs'

const main = fileURLToPath(new URL('../../../packages/server/dist/main.js', import.meta.url))
const credentials = {
  accessKeyId: 'AQUIFERBENCH',
  secretAccessKey: 'a-secret-of-the-benchmark',
  region: 'us-east-1',
}

export const aquifer = {
  name: 'Aquifer',
  isInstalled: () => true,
  /** As anybody would start it, but for the log of requests. */
  async start(directory) {
    const url = `http://127.0.0.1:${await freePort()}`
    const { port } = new URL(url)
    const server = await startProgram({
      command: [process.execPath, main, 'serve', directory, '--port', port, '--log', 'warn'],
      env: {
        AQUIFER_ROOT_ACCESS_KEY: credentials.accessKeyId,
        AQUIFER_ROOT_SECRET_KEY: credentials.secretAccessKey,
      },
      url,
    })
    return { ...server, url, credentials }
  },
}
