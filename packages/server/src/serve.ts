import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { Engine } from '@aquifer/engine'
import { banner } from './banner.js'
import { rootCredentials } from './credentials.js'
import { eventTargets } from './events/event-targets.js'
import { readNotifyTargets } from './events/read-notify-targets.js'
import { CommandFailure } from './failure.js'
import { HttpThreads } from './http-threads/http-threads.js'
import { threadCount } from './http-threads/thread-count.js'
import { root } from './identity/known-keys.js'
import type { Log } from './log.js'
import { openEngine } from './open-engine.js'
import { replicationTargets } from './replication/replication-targets.js'
import { S3Front } from './s3-front.js'
import { sealingKeySource } from './sealing-key.js'
import type { Environment } from './settings/read-settings.js'
import type { ServeSettings } from './settings/serve-settings.js'

export interface ServeSurroundings {
  log: Log
  /** Where the log's lines go. */
  logLines: { write(lines: string): void }
  /** Whether a person reads them there. */
  onTerminal: boolean
  stdout: NodeJS.WriteStream
  /** For what has variables of its own beside the settings, such as functions behind Object Lambda. */
  environment: Environment
  /** Fires when the server is to stop. */
  stopping: AbortSignal
}

/** Serves until told to stop; resolves when every acknowledged write is safe and the directory is free again. */
export async function serve(settings: ServeSettings, surroundings: ServeSurroundings): Promise<void> {
  const { log, stdout, stopping } = surroundings
  const directory = resolve(settings.directory)
  const notifyTargets = readNotifyTargets(surroundings.environment, settings)
  const front = await listen(settings, surroundings)
  try {
    const sealingKey = sealingKeySource(directory, settings.sealingKey)
    const url = urlOf(settings.host, front.port) + settings.basePath
    const targets = await eventTargets(notifyTargets, {
      message: { endpoint: settings.publicUrl || url, region: settings.region },
      allowed: settings.allowCallsTo,
    })
    await using engine = await openEngine(directory, {
      sealingKey,
      lifecycleDaySeconds: settings.lifecycleDaySeconds,
      eventTargets: targets,
      connectReplicationTarget: replicationTargets(settings.allowCallsTo),
    })
    const credentials = await rootCredentials(directory, {
      accessKeyId: settings.rootAccessKey,
      secretAccessKey: settings.rootSecretKey,
    })
    await reserveRootNames(engine, credentials.accessKeyId, log)
    await front.serve(engine, credentials)
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

/** HTTP, on threads of its own or on this one. */
async function listen(
  settings: ServeSettings,
  { environment, log, logLines, onTerminal, stopping }: ServeSurroundings,
): Promise<S3Front | HttpThreads> {
  const asked = settings.httpThreads
  const { platform, versions } = process
  const count = threadCount(asked, { cores: availableParallelism(), platform, nodeVersion: versions.node })
  if (asked !== 'auto' && count < asked)
    log.warn({ httpThreads: count }, 'more threads cannot listen at one address with this Node or system')
  if (count === 0) return S3Front.listen(settings, { environment, log, stopping })
  try {
    const writeLog = (lines: string) => logLines.write(lines)
    return await HttpThreads.start(settings, { count, environment, log, writeLog, onTerminal })
  } catch (error) {
    if (error instanceof CommandFailure) throw error
    log.warn({ err: error }, 'threads for HTTP cannot be had: all is done on one')
    return S3Front.listen(settings, { environment, log, stopping })
  }
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
