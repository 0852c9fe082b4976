// Loads one server with one kind of request for a while; a process of its own, so that it takes nothing of the server's.
// usage: node load/main.mjs '{"url", "credentials", "work", …}'      Prints a line of JSON: see `answer` below.
import { createHash, randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { requestSigner } from '../../scripts/sign-request.mjs'
import { openConnection } from './connection.mjs'

/**
 * @type {{ url: string, credentials?: { accessKeyId: string, secretAccessKey: string, region: string },
 *   work: 'put' | 'get' | 'head' | 'list', bucket: string, prefix: string, sizeBytes: number, keys: number,
 *   concurrency: number, seconds: number, count?: number, payload?: 'signed' | 'unsigned' }}
 * `keys`: how many keys are used. With `count` that many requests are made, else as many as `seconds` allow.
 * `payload`: whether the signature covers the SHA-256 of the body, which the server then has to compute.
 */
const order = JSON.parse(process.argv[2])
const { url, credentials, work, bucket, prefix, sizeBytes, keys, concurrency, seconds, count, payload } =
  order
const LISTED = 1_000

const { host } = new URL(url)
const sign = credentials === undefined ? undefined : requestSigner({ url, ...credentials })
const body = work === 'put' ? randomBytes(sizeBytes) : undefined
const payloadHash =
  payload === 'unsigned'
    ? 'UNSIGNED-PAYLOAD'
    : createHash('sha256')
        .update(body ?? '')
        .digest('hex')

let next = 0
let bytes = 0
const tookMs = []

const target = () =>
  work === 'list'
    ? { method: 'GET', path: `/${bucket}`, query: `list-type=2&max-keys=${LISTED}&prefix=${prefix}` }
    : { method: work.toUpperCase(), path: `/${bucket}/${prefix}${next++ % keys}`, query: '' }

function headOf({ method, path, query }) {
  const headers = sign?.(method, path, { query, payloadHash }) ?? { host }
  let head = `${method} ${path}${query === '' ? '' : `?${query}`} HTTP/1.1\r\n`
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`
  return `${head}${body === undefined ? '' : `content-length: ${sizeBytes}\r\n`}\r\n`
}

async function ask(connection, options) {
  const asked = target()
  const { status, text, bytes: received } = await connection.ask(headOf(asked), body, options)
  if (status !== 200) throw new Error(`${asked.method} ${asked.path} was answered ${status}: ${text}`)
  if (work === 'get' && received !== sizeBytes)
    throw new Error(`${asked.path} has ${received} bytes where ${sizeBytes} were stored`)
  return { text, bytes: body?.length ?? received }
}

async function client(connection, until) {
  while (count === undefined ? performance.now() < until : next < count) {
    const began = performance.now()
    const { bytes: moved } = await ask(connection) // First: what the others add while one waits must not be lost.
    bytes += moved
    tookMs.push(performance.now() - began)
  }
}

const connections = await Promise.all(Array.from({ length: concurrency }, () => openConnection(new URL(url))))
if (work === 'list') {
  const { text } = await ask(connections[0], { keepsText: true })
  const listed = text.split('<Key>').length - 1
  if (listed !== LISTED)
    throw new Error(`${listed} objects were listed where ${LISTED} were asked for: ${text.slice(0, 500)}`)
}
const began = performance.now()
const cpu = process.cpuUsage()
await Promise.all(connections.map((connection) => client(connection, began + seconds * 1_000)))
const tookSeconds = (performance.now() - began) / 1_000
const { user, system } = process.cpuUsage(cpu)
for (const connection of connections) connection.close()

tookMs.sort((one, other) => one - other)
const at = (share) => tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * share))]
const answer = {
  requests: tookMs.length,
  bytes,
  tookSeconds,
  perSecond: tookMs.length / tookSeconds,
  mibPerSecond: bytes / 2 ** 20 / tookSeconds,
  p50Ms: at(0.5),
  p99Ms: at(0.99),
  /** How much of one processor the generator used: near 1 it was the limit itself. */
  busy: (user + system) / 1e6 / tookSeconds,
}
console.log(JSON.stringify(answer))
