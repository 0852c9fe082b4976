import type { OpenEngine } from '@aquifer/engine'
import type { RootCredentials } from './credentials.js'
import { Front, type Listening } from './front.js'
import { adminEndpoint } from './identity/admin-endpoint.js'
import { lambdaWebhooks } from './lambda-webhooks.js'
import type { Log } from './log.js'
import { configuredProvider } from './openid/configured-provider.js'
import { replicationConcerns } from './replication/replication-concerns.js'
import { rootHandler } from './root-handler.js'
import type { Environment } from './settings/read-settings.js'
import type { ServeSettings } from './settings/serve-settings.js'

interface Surroundings {
  readonly environment: Environment
  readonly log: Log
  /** Fires when the server is to stop. */
  readonly stopping: AbortSignal
  /** Where to listen, if it is not as the settings say. */
  readonly listening?: Listening
  readonly connectionsMax?: number
}

/** All that is done with HTTP, on one thread. */
export class S3Front {
  readonly #front: Front
  readonly #serve: (engine: OpenEngine, credentials: RootCredentials) => void

  private constructor(front: Front, serve: (engine: OpenEngine, credentials: RootCredentials) => void) {
    this.#front = front
    this.#serve = serve
  }

  /** @throws {@link CommandFailure} `usage`, `address`. */
  static async listen(
    settings: ServeSettings,
    { environment, log, stopping, listening, connectionsMax }: Surroundings,
  ): Promise<S3Front> {
    const lambdas = lambdaWebhooks(environment, settings.allowCallsTo)
    const webIdentities = configuredProvider(settings, log)
    const { host, port, domain: domains, leastRate } = settings
    const front = await Front.listen({
      ...(listening ?? { host, port }),
      domains,
      leastRate,
      log,
      ...(connectionsMax === undefined ? {} : { connectionsMax }),
    })
    return new S3Front(front, (engine, credentials) =>
      front.serve(rootHandler(engine, credentials, settings, log, { lambdas, webIdentities, stopping }), {
        admin: adminEndpoint(engine, credentials, settings, log),
        healthOf: () => engine.health(),
        concernsOf: async () => replicationConcerns(await engine.replication.status(), new Date()),
      }),
    )
  }

  get port(): number {
    return this.#front.port
  }

  /** Requests are answered from now on. */
  serve(engine: OpenEngine, credentials: RootCredentials): void {
    this.#serve(engine, credentials)
  }

  /** As {@link Front.drain}. */
  drain(timeoutMs: number): Promise<number> {
    return this.#front.drain(timeoutMs)
  }
}
