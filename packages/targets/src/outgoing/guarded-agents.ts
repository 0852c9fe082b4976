import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { connect, isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { AddressRule } from './address-rule.js'
import { OutgoingError } from './outgoing-error.js'

export interface AgentOptions {
  readonly isAllowed: AddressRule
  readonly connectTimeoutMs: number
  readonly connectionsMax: number
  /** PEM: a certificate of the caller's own with its key, and authorities beside the system's. */
  readonly tls?: { readonly cert?: string; readonly key?: string; readonly ca?: string }
}

type Made = (error: Error | null, socket?: Duplex) => void

/** What Node's agents hand to whoever makes their connections. */
interface Wanted {
  readonly host?: string
  readonly port?: number
  readonly servername?: string
}

/**
 * Connections that look at the address they have reached before a byte goes over them. A name is not looked up first and
 * connected to afterwards: whoever answers for it could say two things.
 */
export function guardedAgents(options: AgentOptions): { http: HttpAgent; https: HttpsAgent } {
  const common = { keepAlive: true, maxSockets: options.connectionsMax, timeout: 0 }
  const http = new HttpAgent(common)
  const https = new HttpsAgent(common)
  http.createConnection = ((wanted: Wanted, made: Made) => {
    open(connect({ host: wanted.host ?? '', port: wanted.port ?? 80 }), 'connect', wanted, options, made)
  }) as unknown as HttpAgent['createConnection']
  https.createConnection = ((wanted: Wanted, made: Made) => {
    const host = wanted.host ?? ''
    const servername = isIP(host) === 0 ? host : ''
    const socket = connectTls({ host, port: wanted.port ?? 443, servername, ...options.tls })
    open(socket, 'secureConnect', wanted, options, made)
  }) as unknown as HttpsAgent['createConnection']
  return { http, https }
}

function open(
  socket: Socket | TLSSocket,
  ready: 'connect' | 'secureConnect',
  { host }: Wanted,
  { isAllowed, connectTimeoutMs }: AgentOptions,
  made: Made,
): void {
  const fail = (error: Error): void => {
    clearTimeout(timer)
    socket.destroy()
    made(error)
  }
  const timer = setTimeout(() => {
    fail(new OutgoingError('TimedOut', `No connection to ${host} within ${connectTimeoutMs} ms.`))
  }, connectTimeoutMs)
  socket.once('error', fail)
  // The first thing that happens: over TLS before the handshake, which would already tell who is there.
  socket.once('connect', () => {
    const address = socket.remoteAddress
    if (address === undefined || isAllowed(address)) return
    fail(
      new OutgoingError(
        'AddressNotAllowed',
        `${host} leads to ${address}, where calls do not go unless the configuration allows it.`,
      ),
    )
  })
  socket.once(ready, () => {
    if (socket.destroyed) return
    clearTimeout(timer)
    socket.removeListener('error', fail)
    made(null, socket)
  })
}
