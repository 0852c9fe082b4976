import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

/** A socket on which a test says exactly what it wants to, and hears exactly what comes. */
export class RawClient implements AsyncDisposable {
  readonly socket: Socket
  readonly port: number
  #heard = ''
  #isOver = false
  #wake: (() => void) | undefined

  private constructor(socket: Socket, port: number) {
    this.socket = socket
    this.port = port
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#heard += text
      this.#wake?.()
    })
    const over = (): void => {
      this.#isOver = true
      this.#wake?.()
    }
    socket.on('close', over)
    socket.on('end', over)
    socket.on('error', over)
  }

  static async connect(server: Server): Promise<RawClient> {
    const { port } = server.address() as AddressInfo
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    return new RawClient(socket, port)
  }

  say(...lines: readonly string[]): void {
    this.socket.write(lines.join('\r\n'), 'latin1')
  }

  /** Waits until what was heard holds this, and gives all that was heard so far. */
  async hear(wanted: string): Promise<string> {
    while (!this.#heard.includes(wanted)) {
      if (this.#isOver) throw new Error(`The connection ended after ${JSON.stringify(this.#heard)}.`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#heard
  }

  /** All there is until the server ends the connection. */
  async hearAll(): Promise<string> {
    while (!this.#isOver)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return this.#heard
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
  }
}

/** Listens on a free port of this machine. */
export async function listening(server: Server): Promise<Server & AsyncDisposable> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(server, {
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
