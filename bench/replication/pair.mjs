// Two servers, one of which carries a bucket over to the other.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { requestSigner } from '../../scripts/sign-request.mjs'
import { startServer } from '../../scripts/start-server.mjs'
import { openConnection } from '../load/connection.mjs'
import { freePort } from '../speed/servers/program.mjs'

const main = fileURLToPath(new URL('../../packages/server/dist/main.js', import.meta.url))
const credentials = {
  accessKeyId: 'AQUIFERBENCH',
  secretAccessKey: 'a-secret-of-the-benchmark',
  region: 'us-east-1',
}

/** A server that can be stopped and started again at the same port. */
class Server {
  #running
  #directory
  #port
  #sign
  #flags

  static async start(directory, flags = []) {
    const server = new Server()
    server.#directory = directory
    server.#flags = flags
    server.#port = String(await freePort())
    await server.start()
    return server
  }

  async start() {
    const words = ['--port', this.#port, '--log', 'warn', '--allow-calls-to', '127.0.0.1']
    this.#running = await startServer({
      command: [process.execPath, ...this.#flags, main, 'serve', this.#directory, ...words],
      env: {
        AQUIFER_ROOT_ACCESS_KEY: credentials.accessKeyId,
        AQUIFER_ROOT_SECRET_KEY: credentials.secretAccessKey,
      },
    })
    this.#sign = requestSigner({ url: this.url, ...credentials })
  }

  get url() {
    return this.#running.url
  }

  get pid() {
    return this.#running.pid
  }

  stop() {
    return this.#running.stop()
  }

  connect() {
    return openConnection(new URL(this.url))
  }

  async ask(connection, method, path, { query = '', body = Buffer.alloc(0), headers = {} } = {}) {
    const payloadHash = createHash('sha256').update(body).digest('hex')
    const signed = Object.entries({ ...this.#sign(method, path, { query, payloadHash }), ...headers })
    const lines = signed.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const head = `${method} ${path}${query && `?${query}`} HTTP/1.1\r\n${lines}content-length: ${body.length}\r\n\r\n`
    const answer = await connection.ask(head, body, { keepsText: true })
    if (answer.status >= 400 && method !== 'HEAD')
      throw new Error(`${method} ${path} was answered ${answer.status}: ${answer.text}`)
    return answer
  }

  async once(...asked) {
    const connection = await this.connect()
    try {
      return await this.ask(connection, ...asked)
    } finally {
      connection.close()
    }
  }

  async createBucket(name) {
    await this.once('PUT', `/${name}`)
    const body = Buffer.from('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>')
    await this.once('PUT', `/${name}`, { query: 'versioning=', body })
  }

  async replicate(bucket, to) {
    const { region: _, ...key } = credentials
    const target = { endpoint: new URL(to.url).origin, bucket, ...key }
    const rule = { deleteMarkers: true, versionDeletes: true }
    const body = Buffer.from(JSON.stringify({ bucket, target, rule }))
    await this.once('POST', '/-/admin/replicate/add', { body })
  }

  /** What it says of its only target. */
  async status() {
    const { text } = await this.once('POST', '/-/admin/replicate/status', { body: Buffer.from('{}') })
    return JSON.parse(text).targets[0]
  }
}

/** Both servers, each with a bucket that is carried over and the source with one that is not. */
export async function startPair(directory, flags) {
  const source = await Server.start(join(directory, 'source'), flags)
  const target = await Server.start(join(directory, 'target'), flags)
  try {
    await arrange(source, target)
  } catch (error) {
    await Promise.allSettled([source.stop(), target.stop()])
    throw error
  }
  return { source, target }
}

async function arrange(source, target) {
  await source.createBucket('plain')
  await source.createBucket('carried')
  await target.createBucket('carried')
  await source.replicate('carried', target)
}
