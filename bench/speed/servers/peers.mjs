import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram, freePort, startProgram } from './program.mjs'

const keys = { accessKeyId: 'AQUIFERBENCH', secretAccessKey: 'a-secret-of-the-benchmark' }

/** Objects as files, in Rust. Syncs nothing. */
export const s3sFs = {
  name: 's3s-fs',
  isInstalled: () => findProgram('s3s-fs') !== undefined,
  async start(directory) {
    mkdirSync(directory, { recursive: true })
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const command = [
      ...[findProgram('s3s-fs'), '--host', '127.0.0.1', '--port', String(port)],
      ...['--access-key', keys.accessKeyId, '--secret-key', keys.secretAccessKey, directory],
    ]
    return { ...(await startProgram({ command, url })), url, credentials: { ...keys, region: 'us-east-1' } }
  },
}

/** Objects as files, for tests, in Node. Syncs nothing. */
export const s3rver = {
  name: 's3rver',
  isInstalled: () => findProgram('s3rver') !== undefined,
  async start(directory) {
    mkdirSync(directory, { recursive: true })
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const command = [
      findProgram('s3rver'),
      '--directory',
      directory,
      '--address',
      '127.0.0.1',
      '--port',
      String(port),
      '--silent',
    ]
    const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER', region: 'us-east-1' }
    return { ...(await startProgram({ command, url })), url, credentials }
  },
}

/** A distributed store, in Rust. Here one node, no replicas; told to sync its metadata and its data. */
export const garage = {
  name: 'Garage',
  isInstalled: () => findProgram('garage') !== undefined,
  async start(directory) {
    mkdirSync(directory, { recursive: true })
    const [port, rpcPort] = [await freePort(), await freePort()]
    const url = `http://127.0.0.1:${port}`
    const config = join(directory, 'garage.toml')
    writeFileSync(
      config,
      [
        `metadata_dir = "${join(directory, 'meta')}"`,
        `data_dir = "${join(directory, 'data')}"`,
        'replication_factor = 1',
        'metadata_fsync = true',
        'data_fsync = true',
        `rpc_bind_addr = "127.0.0.1:${rpcPort}"`,
        `rpc_secret = "${'0123456789abcdef'.repeat(4)}"`,
        '[s3_api]',
        's3_region = "garage"',
        `api_bind_addr = "127.0.0.1:${port}"`,
      ].join('\n'),
    )
    const program = findProgram('garage')
    const server = await startProgram({ command: [program, '-c', config, 'server'], url })
    const tell = (...args) =>
      execFileSync(program, ['-c', config, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    const node = tell('node', 'id', '--quiet').trim().split('@')[0]
    tell('layout', 'assign', '-z', 'here', '-c', '10G', node)
    tell('layout', 'apply', '--version', '1')
    const made = tell('key', 'create', 'bench')
    const accessKeyId = /Key ID: +(\S+)/.exec(made)[1]
    const secretAccessKey = /Secret key: +(\S+)/.exec(made)[1]
    tell('key', 'allow', '--create-bucket', 'bench')
    return { ...server, url, credentials: { accessKeyId, secretAccessKey, region: 'garage' } }
  },
}

/** Any server that is running already: `NAME=URL,ACCESS-KEY,SECRET-KEY[,REGION]`. */
export function running(description) {
  const match = /^([^=]+)=([^,]+),([^,]+),([^,]+)(?:,([^,]+))?$/.exec(description)
  if (match === null) throw new TypeError(`"${description}" is not NAME=URL,ACCESS-KEY,SECRET-KEY[,REGION].`)
  const [, name, url, accessKeyId, secretAccessKey, region = 'us-east-1'] = match
  return {
    name,
    isInstalled: () => true,
    start: async () => ({ url, credentials: { accessKeyId, secretAccessKey, region }, stop: async () => {} }),
  }
}
