import { once } from 'node:events'
import { resolve } from 'node:path'
import type { Engine } from '@aquifer/engine'
import { banner } from './banner.js'
import { rootCredentials } from './credentials.js'
import { eventTargets } from './events/event-targets.js'
import { readNotifyTargets } from './events/read-notify-targets.js'
import { Front } from './front.js'
import { adminEndpoint } from './identity/admin-endpoint.js'
import { root } from './identity/known-keys.js'
import { lambdaWebhooks } from './lambda-webhooks.js'
import type { Log } from './log.js'
import { openEngine } from './open-engine.js'
import { configuredProvider } from './openid/configured-provider.js'
import { rootHandler } from './root-handler.js'
import { sealingKeySource } from './sealing-key.js'
import type { Environment } from './settings/read-settings.js'
import type { ServeSettings } from './settings/serve-settings.js'

export interface ServeSurroundings {
  log: Log
  stdout: NodeJS.WriteStream
  /** For what has variables of its own beside the settings, such as functions behind Object Lambda. */
  environment: Environment
  /** Fires when the server is to stop. */
  stopping: AbortSignal
}

/** Serves until told to stop; resolves when every acknowledged write is safe and the directory is free again. */
export async function serve(
  settings: ServeSettings,
  { log, stdout, stopping, environment }: ServeSurroundings,
): Promise<void> {
  const directory = resolve(settings.directory)
  const { host, port, domain: domains, leastRate } = settings
  const lambdas = lambdaWebhooks(environment, settings.allowCallsTo)
  const webIdentities = configuredProvider(settings, log)
  const notifyTargets = readNotifyTargets(environment, settings)
  const front = await Front.listen({ host, port, domains, leastRate, log })
  try {
    const sealingKey = sealingKeySource(directory, settings.sealingKey)
    const url = urlOf(host, front.port) + settings.basePath
    const targets = await eventTargets(notifyTargets, {
      message: { endpoint: settings.publicUrl || url, region: settings.region },
      allowed: settings.allowCallsTo,
    })
    await using engine = await openEngine(directory, {
      sealingKey,
      lifecycleDaySeconds: settings.lifecycleDaySeconds,
      eventTargets: targets,
    })
    const credentials = await rootCredentials(directory, {
      accessKeyId: settings.rootAccessKey,
      secretAccessKey: settings.rootSecretKey,
    })
    await reserveRootNames(engine, credentials.accessKeyId, log)
    front.serve(rootHandler(engine, credentials, settings, log, { lambdas, webIdentities, stopping }), {
      admin: adminEndpoint(engine, credentials, settings, log),
      healthOf: () => engine.health(),
    })
    stdout.write(banner({ url, directory, region: settings.region, credentials, onTerminal: stdout.isTTY }))
    const { now, isHeldBack } = engine.lockTime()
    if (isHeldBack)
      log.warn(
        { retentionsEndBy: now, clock: new Date() },
        'the clock is far ahead of the last time seen: retentions end by that until "aquifer clock confirm"',
      )
    log.info({ url, directory, profile: settings.profile }, 'ready')

    if (!stopping.aborted) await once(stopping, 'abort')
    log.info({ signal: stopping.reason }, 'stopping: running requests may finish')
    const cut = await front.drain(settings.drainTimeout * 1_000)
    if (cut > 0) log.warn({ requests: cut }, 'requests were cut off: they ran longer than --drain-timeout')
  } finally {
    await front.drain(0)
  }
  log.info('stopped')
}

/** No user and no key may be taken for root's. One that was there before root got the name is not heard any more. */
async function reserveRootNames({ identities }: Engine, accessKeyId: string, log: Log): Promise<void> {
  for (const name of [accessKeyId, root.displayName]) identities.reserve(name)
  const isTaken = await identities.keys.get(accessKeyId).then(
    () => true,
    () => false, // Most likely there is none; whatever else is wrong shows in the first request.
  )
  if (isTaken) log.warn({ accessKeyId }, "a user's access key has the id of root's, and is refused")
}

/** As a client on this machine would write it. */
function urlOf(host: string, port: number): string {
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const name = isEverywhere ? '127.0.0.1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
