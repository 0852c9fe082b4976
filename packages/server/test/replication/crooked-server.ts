import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { Engine, type RemoteBucket } from '@aquifer/engine'
import { createS3Handler, toNodeListener } from '@aquifer/http-adapter'

export const BUCKET = 'photos'

/** What is done with a request instead of answering it; `false`: it is answered after all. */
export type Trouble = (request: IncomingMessage, response: ServerResponse) => boolean

/** An Aquifer in memory over real HTTP, whose troubles come and go. */
export class CrookedServer {
  readonly engine: Engine
  readonly port: number
  secretAccessKey = 'the-secret'
  trouble: Trouble = () => false
  readonly #server: Server

  private constructor(engine: Engine, server: Server) {
    this.engine = engine
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async start(t: TestContext): Promise<CrookedServer> {
    const engine = await Engine.open()
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const crooked = new CrookedServer(engine, server)
    const handler = createS3Handler(engine, {
      credentials: {
        findCredentials: () => ({
          secretAccessKey: crooked.secretAccessKey,
          ownerId: 'owner',
          displayName: 'Owner',
        }),
      },
    })
    const listener = toNodeListener(handler)
    server.on('request', (request, response) => {
      if (!crooked.trouble(request, response)) listener(request, response)
    })
    t.after(async () => {
      server.closeAllConnections()
      server.close()
      await engine.close()
    })
    return crooked
  }

  /** How its bucket is reached. */
  get remote(): RemoteBucket {
    return {
      endpoint: `http://127.0.0.1:${this.port}`,
      bucket: BUCKET,
      accessKeyId: 'AKIA',
      secretAccessKey: this.secretAccessKey,
    }
  }

  /** Whoever hangs is let go. */
  cut(): void {
    this.#server.closeAllConnections()
  }
}
