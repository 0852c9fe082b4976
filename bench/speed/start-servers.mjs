import { join } from 'node:path'
import { requestSigner } from '../../scripts/sign-request.mjs'
import { show } from '../report/progress.mjs'
import { aquifer } from './servers/aquifer.mjs'
import { bareNode } from './servers/bare-node.mjs'
import { garage, s3rver, s3sFs } from './servers/peers.mjs'

/** Starts every server that is there, each on a directory of its own, and makes the bucket; `into` gets them one by one. */
export async function startServers({ into, directory, peers, isLeftOut }) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))
  const others = [s3sFs, garage, s3rver, ...peers]
  for (const candidate of [aquifer, bareNode, ...others]) {
    const { name } = candidate
    const isPeer = others.includes(candidate)
    if (isLeftOut(name)) continue
    if (!candidate.isInstalled()) {
      console.log(
        `${name} is not installed and left out: \`bench/peers/install ${name.toLowerCase()}\` installs it.`,
      )
      continue
    }
    show(`starting ${name}`)
    try {
      const server = await candidate.start(join(directory, `server-${into.length}`))
      into.push({ ...server, name, isPeer, isCeiling: candidate === bareNode })
      if (server.credentials !== undefined) await createBucket(server)
    } catch (error) {
      if (!isPeer) throw error
      if (into.at(-1).name === name) await into.pop().stop()
      console.log(`${name} is left out: ${error.message}`)
    }
  }
  show()
}

async function createBucket({ url, credentials }) {
  const sign = requestSigner({ url, ...credentials })
  const { host: _, ...headers } = sign('PUT', '/bench')
  const answer = await fetch(`${url}/bench`, { method: 'PUT', headers })
  if (!answer.ok && answer.status !== 409)
    throw new Error(`${url} made no bucket: ${answer.status} ${await answer.text()}`)
}
