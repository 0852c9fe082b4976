// What every test here starts from: an empty folder, a server over an empty directory, and a witness.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServer } from '../../scripts/start-server.mjs'
import { openWitness } from './witness.mjs'

const main = fileURLToPath(new URL('../../packages/server/dist/main.js', import.meta.url))
const credentials = { accessKeyId: 'AQUIFERCLIENTTESTS', secretAccessKey: 'a+secret/with=odd%characters' }
const region = 'us-east-1'

/**
 * Everything is gone when the test ends. With S3_ENDPOINT set, the scenarios run against that server instead:
 * a way to tell a wrong scenario from a wrong server.
 * @param {string[]} [settings] More flags of the server.
 */
export async function openWorkplace(t, settings = []) {
  const endings = []
  t.after(() => runFromLast(endings))
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-clients-'))
  endings.push(() => rm(folder, { recursive: true, force: true }))
  const data = join(folder, 'data')
  await mkdir(data)

  const serve = () =>
    startServer({
      command: [process.execPath, main, 'serve', data, '--port', '0', ...settings],
      env: {
        AQUIFER_ROOT_ACCESS_KEY: credentials.accessKeyId,
        AQUIFER_ROOT_SECRET_KEY: credentials.secretAccessKey,
      },
    })
  const elsewhere = process.env.S3_ENDPOINT
  let server = elsewhere === undefined ? await serve() : undefined
  let witness = openWitness({ url: elsewhere ?? server.url, region, ...credentials })
  endings.push(async () => {
    witness.close()
    await server?.stop()
  })

  return {
    ...credentials,
    region,
    folder,
    get url() {
      return elsewhere ?? server.url
    },
    get witness() {
      return witness
    },
    /** What is to be undone at the end, before the server stops and the folder goes. */
    atEnd: (undo) => endings.push(undo),
    serverOutput: () => server?.output() ?? '',
    killServer: () => server.kill(),
    async restartServer() {
      server = await serve()
      witness.close()
      witness = openWitness({ url: server.url, region, ...credentials })
    },
  }
}

async function runFromLast(endings) {
  const end = endings.pop()
  if (end === undefined) return
  try {
    await end()
  } finally {
    await runFromLast(endings)
  }
}
