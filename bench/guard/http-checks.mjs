import { rm } from 'node:fs/promises'
import { freshDirectory } from '../report/fresh-directory.mjs'
import { cpuMs } from '../report/process.mjs'
import { load } from '../speed/load.mjs'
import { startServers } from '../speed/start-servers.mjs'

const SECONDS = 0.6
const small = { bucket: 'bench', prefix: 'small-', sizeBytes: 4_096, keys: 1_500, concurrency: 32 }

const checks = [
  { name: 'PUT of 4 KiB beside bare Node', work: 'put', floor: 0.055 },
  { name: 'GET of 4 KiB beside bare Node', work: 'get', floor: 0.075 },
  { name: 'HEAD beside bare Node', work: 'head', floor: 0.08 },
  { name: 'LIST of 1,000 beside the same bytes from memory', work: 'list', floor: 0.003, concurrency: 4 },
]

/** The server as it is started, and a bare Node server; what one request costs each of the processor. */
export async function withHttpChecks(carry) {
  const directory = await freshDirectory('guard')
  const servers = []
  try {
    await startServers({
      into: servers,
      directory,
      peers: [],
      isLeftOut: (name) => !['Aquifer', 'bare Node'].includes(name),
    })
    const [ours, bare] = servers
    await load({ ...orderOf(ours, { work: 'put' }), seconds: 0, count: small.keys })
    return await carry(
      checks.map(({ name, floor, ...order }) => ({
        name,
        what: 'processor',
        floor,
        limit: () => costOf(bare, order),
        ours: () => costOf(ours, order),
      })),
    )
  } finally {
    await Promise.allSettled(servers.map((server) => server.stop()))
    await rm(directory, { recursive: true, force: true })
  }
}

const orderOf = ({ url, credentials }, order) => ({ url, credentials, ...small, ...order })

async function costOf(server, order) {
  const before = cpuMs(server.pid)
  const { requests } = await load({ ...orderOf(server, order), seconds: SECONDS })
  return (cpuMs(server.pid) - before) / requests
}
