import { createReadStream } from 'node:fs'
import type { Given } from '../command.js'
import { CommandFailure } from '../failure.js'
import type { Terminal } from '../progress-bar.js'
import { type Environment, readSettings } from '../settings/read-settings.js'
import { administration } from './administration.js'
import type { IdentityCommand } from './identity-command.js'
import type { AdministeredSettings } from './identity-settings.js'

const INPUT_MAX_BYTES = 1024 ** 2

/** Carries out a command that administers identities. */
export async function administer(
  command: IdentityCommand,
  given: Given,
  environment: Environment,
  { stdin, stdout, stderr }: { stdin: AsyncIterable<Uint8Array>; stdout: Terminal; stderr: Terminal },
): Promise<void> {
  const settings = readSettings(command.settings, given, environment) as AdministeredSettings
  await command.carryOut(settings, {
    ask: administration(settings),
    json: settings.json,
    say: (line) => {
      stdout.write(`${line}\n`)
    },
    out: stdout,
    progress: stderr,
    readInput: async () => (await readBounded(stdin)).replace(/\r?\n$/, ''),
    readText: (path) => (path === '-' ? readBounded(stdin) : readFile(path)),
  })
}

async function readFile(path: string): Promise<string> {
  try {
    return await readBounded(createReadStream(path))
  } catch (error) {
    if (error instanceof CommandFailure) throw error
    const message = `${path} cannot be read: ${(error as Error).message}.`
    throw new CommandFailure('usage', message, 'Name a file that this user can read.', { cause: error })
  }
}

async function readBounded(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of source) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > INPUT_MAX_BYTES)
      throw new CommandFailure('usage', 'The input is longer than 1 MiB.', 'No policy may be that long.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
