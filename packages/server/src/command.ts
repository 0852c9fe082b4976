import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { CommandFailure, exitCodes, exitCodesHelp } from './failure.js'
import { explainSettings } from './settings/explain-settings.js'
import type { Environment } from './settings/read-settings.js'
import {
  flagOf,
  type Setting,
  type SettingsTable,
  serveSettings,
  variableOf,
} from './settings/serve-settings.js'

export type Given = Readonly<Record<string, string | undefined>>

export interface Console {
  out(text: string): void
  err(text: string): void
}

/** What the subcommands do, once their words are understood. */
export interface Actions {
  serve(given: Given, environment: Environment): Promise<void>
  explainSignature(given: Given, environment: Environment): Promise<void>
}

/**
 * Understands the words and carries them out.
 *
 * @param words The command line without `node` and the script.
 * @returns The exit code.
 */
export async function runCommand(
  words: readonly string[],
  actions: Actions,
  console: Console,
  environment: Environment,
): Promise<number> {
  try {
    await program(actions, console, environment).parseAsync([...words], { from: 'user' })
    return 0
  } catch (error) {
    // Commander has already said what is wrong, or shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage
    if (!(error instanceof CommandFailure)) throw error
    console.err(`aquifer: ${error.message}\n  ${error.remedy}\n`)
    return error.exitCode
  }
}

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

function program(actions: Actions, console: Console, environment: Environment): Command {
  const aquifer = new Command('aquifer')
    .description('Object storage with an S3 interface, from one directory.')
    .version(version)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: console.out,
      writeErr: console.err,
      outputError: (text, write) => write(text.replace(/^error: /, 'aquifer: ')),
    })
  subcommand(aquifer, 'serve', serveSettings, (given) => actions.serve(given, environment))
    .description('Serve S3 from a data directory until SIGTERM or SIGINT. A second signal does not wait.')
    .addHelpText('after', `\n${exitCodesHelp}`)
  subcommand(aquifer, 'explain-signature', explainSettings, (given) =>
    actions.explainSignature(given, environment),
  )
    .description('Tell why the signature of a request does not match. Needs no server, and changes nothing.')
    .addHelpText('after', `\n${explainHelp}`)
  return aquifer
}

function subcommand(
  program: Command,
  name: string,
  table: SettingsTable,
  carryOut: (given: Given) => Promise<void>,
): Command {
  const command = program
    .command(name)
    .showHelpAfterError(`  "aquifer ${name} --help" lists what there is.`)
    .addHelpText('after', `\n${variablesHelp(table)}`)
    .action((...parsed: unknown[]) => carryOut(givenBy(table, parsed)))
  for (const [key, setting] of Object.entries(table)) {
    if (setting.argument !== undefined) command.argument(setting.argument, helpOf(key, setting))
    else if (setting.value !== undefined)
      command.option(`${flagOf(key)} ${setting.value}`, helpOf(key, setting))
  }
  return command
}

/** Commander hands over each argument, then the flags, then itself. */
function givenBy(table: SettingsTable, parsed: unknown[]): Given {
  const argumentNames = Object.entries(table).filter(([, { argument }]) => argument !== undefined)
  const given = argumentNames.map(([name], at) => [name, parsed[at]])
  return { ...Object.fromEntries(given), ...(parsed.at(-2) as Given) }
}

function helpOf(name: string, setting: Setting): string {
  const preset = setting.default ? `default ${setting.default}, ` : ''
  return `${setting.help} (${preset}env ${variableOf(name)})`
}

function variablesHelp(table: SettingsTable): string {
  const rows = Object.entries(table)
    .filter(([, { value, argument }]) => value === undefined && argument === undefined)
    .map(([name, { help }]) => `  ${variableOf(name).padEnd(24)}  ${help}`)
  return ['Environment alone, since a command line can be read by other users:', ...rows].join('\n')
}

const explainHelp = `It takes the request as it reached the server: the request line and the headers, from a log or from
the lines that "curl -v" marks with ">", or a presigned URL alone. Give the server's own --region, --public-url,
--trusted-proxy and --base-path, since they are part of what is signed.

With --canonical-request the client's text is put beside the one made here. Without it, what clients and proxies
commonly do is tried until it yields the client's signature: another Host, a path encoded twice, a changed header.

  aquifer explain-signature request.txt --directory ./data
  curl -v … 2>&1 | aquifer explain-signature --canonical-request aws-debug.log

  aws --debug … 2> aws-debug.log      aws-cli and boto3 log their canonical request so
  aquifer serve --log debug           a server that explains each failure in its log

Exit codes: 0 explained, whatever was found; 2 wrong flag or no request; 6 no root key pair.`
