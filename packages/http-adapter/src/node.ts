import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { TLSSocket } from 'node:tls'
import { type LeastRate, LeastRateGuard } from './least-rate.js'
import { limits } from './limits.js'
import { awaitsContinue, findWholeBody, readBody } from './node-body.js'
import { Departures } from './node-departures.js'
import { drain, hasUnreadBody } from './node-drain.js'
import { framingFault } from './node-framing.js'
import { Outbox } from './node-outbox.js'
import { refusals, refuseInS3sWords } from './node-refusals.js'
import type { AdapterRequest, AdapterResponse, S3Handler } from './request.js'

export type NodeListener = (request: IncomingMessage, response: ServerResponse) => void

export interface NodeListenerOptions {
  /** Clients that send or take a body more slowly than this are given up. @defaultValue 1 KiB/s over 30 s */
  readonly leastRate?: Partial<LeastRate> | 'none'
}

/**
 * The handler for a Node server or whatever mounts on one, such as Express: use it for `request` and, so that a
 * client hears `100 Continue` only once it has been let in, for `checkContinue` too.
 */
export function toNodeListener(handler: S3Handler, { leastRate }: NodeListenerOptions = {}): NodeListener {
  const guard = leastRate === 'none' ? undefined : new LeastRateGuard({ ...limits.leastRate, ...leastRate })
  const refuse = refusals()
  const refused = new WeakSet<Socket>()
  const departures = new Departures()
  const outbox = new Outbox()
  return (request, response) => {
    // Node has read on by the time the connection closes.
    if (refused.has(request.socket)) return
    const fault = framingFault(request)
    if (fault !== undefined) {
      refused.add(request.socket)
      const { status, headers, body } = refuse(fault)
      response.writeHead(status, headers).end(body)
      return
    }
    serve(handler, request, response, { signal: departures.signalOf(request.socket), guard, outbox }).catch(
      () => {
        // The client has gone, or the stored bytes failed their checksum after the length was promised: cutting the
        // connection is all that can be said now. The handler's log has the cause.
        response.destroy()
      },
    )
  }
}

async function serve(
  handler: S3Handler,
  request: IncomingMessage,
  response: ServerResponse,
  client: Client,
): Promise<void> {
  // A client that resets its connection is heard of by its answer's end; nobody else listens here.
  request.on('error', ignore)
  response.on('error', ignore)
  const answer = await handler(toAdapterRequest(request, response, client))
  if (response.destroyed) return discard(answer)
  if (!hasUnreadBody(request)) return send(response, answer, client)
  await sendEarly(request, response, answer, client)
}

/** Who takes an answer. */
interface Client {
  /** Fires when the connection is gone, with all that was still to be sent. */
  readonly signal: AbortSignal
  readonly guard: LeastRateGuard | undefined
  readonly outbox: Outbox
}

const ignore = (): void => {}

function toAdapterRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { signal, guard }: Client,
): AdapterRequest {
  const { rawHeaders, socket } = request
  const headers: [string, string][] = []
  for (let at = 0; at < rawHeaders.length; at += 2) headers.push([rawHeaders[at]!, rawHeaders[at + 1]!])
  // Express leaves of the URL what follows the mount path, and keeps the URL that was signed here.
  const { originalUrl } = request as IncomingMessage & { originalUrl?: string }
  return {
    method: request.method ?? 'GET',
    rawUrl: originalUrl ?? request.url ?? '/',
    rawHeaders: headers,
    body: readBody(request, response, guard),
    findWholeBody: (sizeBytes) => findWholeBody(request, sizeBytes),
    secure: (socket as Partial<TLSSocket>).encrypted === true,
    signal,
    borrowsChunks: sendsItself(response),
    ...(socket.remoteAddress === undefined ? {} : { remoteAddress: socket.remoteAddress }),
  }
}

async function send(
  response: ServerResponse,
  { status, headers, body }: AdapterResponse,
  client: Client,
): Promise<void> {
  if (body === undefined) return client.outbox.send(response, { status, headers })
  if (body instanceof Uint8Array) return client.outbox.send(response, { status, headers, body })
  response.writeHead(status, headers)
  await sendChunks(body, response, client)
  response.end()
}

/** Whether what is written goes to the socket: a compressing middleware, say, would keep chunks and tell nobody when. */
const sendsItself = (response: ServerResponse): boolean => response.write === ServerResponse.prototype.write

/**
 * A chunk at a time, each gone before the next is asked for: of a client that takes his bytes slowly, one waits here,
 * and its memory is free again as soon as it is sent. It is another's then: nobody leaves here while the connection
 * may still send from it.
 */
async function sendChunks(
  body: AsyncIterable<Uint8Array>,
  response: ServerResponse,
  { signal, guard }: Client,
): Promise<void> {
  if (!sendsItself(response)) return pipeline(body, response, { end: false })
  let leave: (error: Error) => void = () => {}
  const gone = () => leave(new Error('The client went away before the answer was sent to its end.'))
  signal.addEventListener('abort', gone)
  // Not by the answer: one that waits for another on its connection has no socket yet.
  const exchange = guard?.begin(() => response.req.socket.destroy())
  try {
    for await (const chunk of body) {
      exchange?.wait(chunk.byteLength)
      await new Promise<void>((resolve, reject) => {
        leave = reject
        if (signal.aborted) return gone()
        response.write(chunk, (error) => (error ? reject(error) : resolve()))
      })
      exchange?.moved(chunk.byteLength)
    }
  } finally {
    exchange?.end()
    signal.removeEventListener('abort', gone)
  }
}

/**
 * Answers a request whose body is still coming. A small rest is read and thrown away, and the connection lives on.
 * Otherwise the whole answer goes out first, then more is read for a while, so that the client sees it: closing a
 * socket with unread bytes in it resets the connection, and the answer is lost.
 */
async function sendEarly(
  request: IncomingMessage,
  response: ServerResponse,
  answer: AdapterResponse,
  client: Client,
): Promise<void> {
  const announcedBytes = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY)
  if (announcedBytes <= limits.drainKeepAliveMaxBytes && !awaitsContinue(request, response)) {
    request.resume()
    return send(response, answer, client)
  }
  const { status, headers, body } = answer
  response.writeHead(status, { ...headers, connection: 'close' })
  if (body instanceof Uint8Array) response.write(body)
  else if (body === undefined) response.flushHeaders()
  else await sendChunks(body, response, client)
  await drain(request, { maxBytes: limits.drainMaxBytes, maxMs: limits.drainMaxMs })
  response.end()
}

async function discard({ body }: AdapterResponse): Promise<void> {
  if (body !== undefined && !(body instanceof Uint8Array)) await body[Symbol.asyncIterator]().return?.()
}

/**
 * A Node server for the handler, with the bounds such a server needs: no limit on how long one body may take, but
 * one on silence.
 */
export function createNodeServer(
  handler: S3Handler,
  { leastRate, ...options }: ServerOptions & NodeListenerOptions = {},
): Server {
  const server = createServer({
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.requestHeadersMaxBytes,
    // The listener sees to it: Node would refuse this request and hand over the next on the connection.
    requireHostHeader: false,
    ...options,
  })
  server.timeout = limits.idleTimeoutMs
  const listener = toNodeListener(handler, leastRate === undefined ? {} : { leastRate })
  server.on('request', listener)
  server.on('checkContinue', listener)
  refuseInS3sWords(server)
  return server
}
