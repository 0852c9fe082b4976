import { resolve } from 'node:path'
import { isEngineError } from '@aquifer/engine'
import { S3Error } from '@aquifer/http-adapter'
import { z } from 'zod'
import { findRootCredentials } from '../credentials.js'
import { CommandFailure } from '../failure.js'
import { openEngine } from '../open-engine.js'
import { replicationTargets } from '../replication/replication-targets.js'
import { sealingKeySource } from '../sealing-key.js'
import type { AdminActionName } from './admin-actions.js'
import { findAdminAction } from './admin-actions.js'
import { askServer } from './ask-server.js'
import type { AdministeredSettings } from './identity-settings.js'
import { root } from './known-keys.js'
import { helpOf, refusal } from './refusal.js'

/** Has one action carried out, and gives what it answers: JSON. */
export type Ask = (action: AdminActionName, input: object) => Promise<never>

/**
 * In a running server by its URL, or in the directory of a stopped one.
 *
 * @throws {@link CommandFailure} `refused`, `unreachable`, `credentials`, `directory`, `damaged`.
 */
export function administration(settings: AdministeredSettings): Ask {
  return (async (action, input) =>
    settings.url === undefined
      ? askDirectory(settings, action, input)
      : askServer(settings, settings.url, action, input)) as Ask
}

/** Whoever may write the directory may do all of it. */
async function askDirectory(
  { directory: given, rootAccessKey, rootSecretKey, sealingKey, allowCallsTo = [] }: AdministeredSettings,
  name: AdminActionName,
  input: object,
): Promise<unknown> {
  const directory = resolve(given)
  await using engine = await openEngine(directory, {
    background: false,
    createIfMissing: false,
    sealingKey: sealingKeySource(directory, sealingKey),
    connectReplicationTarget: replicationTargets(allowCallsTo),
  }).catch((error: unknown) => {
    throw inUse(error) ?? error
  })
  const pair = await findRootCredentials(directory, {
    accessKeyId: rootAccessKey,
    secretAccessKey: rootSecretKey,
  })
  for (const taken of [root.displayName, pair?.accessKeyId])
    if (taken !== undefined) engine.identities.reserve(taken)
  const action = findAdminAction(name)!
  const read = action.input.safeParse(input)
  if (!read.success) throw new CommandFailure('usage', z.prettifyError(read.error), helpOf(name))
  try {
    const administered = { engine, ...(pair && { rootAccessKeyId: pair.accessKeyId }) }
    // What comes out is what a server would have sent.
    return JSON.parse(JSON.stringify(await action.run(administered, read.data)))
  } catch (error) {
    if (!isEngineError(error) && !(error instanceof S3Error)) throw error
    throw refusal(name, error.code, error.message, error)
  }
}

/** A running server holds the directory, and can be asked. */
function inUse(error: unknown): CommandFailure | undefined {
  if (!(error instanceof CommandFailure) || !isEngineError(error.cause, 'EngineLocked')) return undefined
  const remedy = 'Name the server that runs there with --url, or stop it first.'
  return new CommandFailure('directory', error.message, remedy, { cause: error })
}
