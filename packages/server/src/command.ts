import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { CommandFailure, exitCodes, exitCodesHelp } from './failure.js'
import type { Environment } from './settings/read-settings.js'
import { flagOf, type Setting, serveSettings, variableOf } from './settings/serve-settings.js'

export type Given = Readonly<Record<string, string | undefined>>

export interface Console {
  out(text: string): void
  err(text: string): void
}

/** What the subcommands do, once their words are understood. */
export interface Actions {
  serve(given: Given, environment: Environment): Promise<void>
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
  const serve = aquifer
    .command('serve')
    .description('Serve S3 from a data directory until SIGTERM or SIGINT. A second signal does not wait.')
    .showHelpAfterError('  "aquifer serve --help" lists what there is.')
    .addHelpText('after', `\n${variablesHelp()}\n\n${exitCodesHelp}`)
    .action((...parsed: unknown[]) => actions.serve(givenBy(parsed), environment))
  for (const [name, setting] of Object.entries<Setting>(serveSettings)) {
    if (setting.argument !== undefined) serve.argument(setting.argument, helpOf(name, setting))
    else if (setting.value !== undefined)
      serve.option(`${flagOf(name)} ${setting.value}`, helpOf(name, setting))
  }
  return aquifer
}

/** Commander hands over each argument, then the flags, then itself. */
function givenBy(parsed: unknown[]): Given {
  const argumentNames = Object.entries<Setting>(serveSettings).filter(
    ([, { argument }]) => argument !== undefined,
  )
  const given = argumentNames.map(([name], at) => [name, parsed[at]])
  return { ...Object.fromEntries(given), ...(parsed.at(-2) as Given) }
}

function helpOf(name: string, setting: Setting): string {
  const preset = setting.default ? `default ${setting.default}, ` : ''
  return `${setting.help} (${preset}env ${variableOf(name)})`
}

function variablesHelp(): string {
  const rows = Object.entries<Setting>(serveSettings)
    .filter(([, { value, argument }]) => value === undefined && argument === undefined)
    .map(([name, { help }]) => `  ${variableOf(name).padEnd(24)}  ${help}`)
  return ['Environment alone, since a command line can be read by other users:', ...rows].join('\n')
}
