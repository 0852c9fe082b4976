import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { administrationExitCodesHelp, CommandFailure, exitCodes, exitCodesHelp } from './failure.js'
import type { IdentityCommand } from './identity/identity-command.js'
import { identityCommands } from './identity/identity-commands.js'
import { explainSettings } from './settings/explain-settings.js'
import type { Environment } from './settings/read-settings.js'
import { discardKeysSettings, resealKeysSettings } from './settings/reseal-keys-settings.js'
import { serveSettings } from './settings/serve-settings.js'
import { flagOf, isVariableOnly, type Setting, type SettingsTable, variableOf } from './settings/setting.js'
import {
  confirmClockSettings,
  rebuildIndexSettings,
  statSettings,
  verifySettings,
} from './settings/store-settings.js'

export type Given = Readonly<Record<string, string | undefined>>

export interface Console {
  out(text: string): void
  err(text: string): void
}

type Action = (given: Given, environment: Environment) => Promise<void>

/** What the subcommands do, once their words are understood. */
export interface Actions {
  serve: Action
  verify: Action
  stat: Action
  rebuildIndex: Action
  confirmClock: Action
  explainSignature: Action
  resealKeys: Action
  discardKeys: Action
  /** One of {@link identityCommands}. */
  administer: (command: IdentityCommand, given: Given, environment: Environment) => Promise<void>
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
  const add = (name: string, table: SettingsTable, action: Action) =>
    subcommand(aquifer, name, table, (given) => action(given, environment))
  add('serve', serveSettings, actions.serve)
    .description('Serve S3 from a data directory until SIGTERM or SIGINT. A second signal does not wait.')
    .addHelpText('after', `\n${exitCodesHelp}`)
  add('verify', verifySettings, actions.verify)
    .description('Read back every record and every byte of a store, and name what is damaged.')
    .addHelpText('after', `\n${verifyHelp}\n\n${exitCodesHelp}`)
  add('stat', statSettings, actions.stat)
    .description('Tell what a store holds: objects, bytes, open uploads, and the sizes of journal and index.')
    .addHelpText('after', `\n${exitCodesHelp}`)
  add('rebuild-index', rebuildIndexSettings, actions.rebuildIndex)
    .description("Make a store's index anew from its journal.")
    .addHelpText('after', `\n${rebuildHelp}\n\n${exitCodesHelp}`)
  add('clock confirm', confirmClockSettings, actions.confirmClock)
    .description("Vouch for the machine's clock, where object lock does not believe it.")
    .addHelpText('after', `\n${confirmHelp}\n\n${exitCodesHelp}`)
  add('explain-signature', explainSettings, actions.explainSignature)
    .description('Tell why the signature of a request does not match. Needs no server, and changes nothing.')
    .addHelpText('after', `\n${explainHelp}`)
  for (const [name, command] of Object.entries(identityCommands))
    subcommand(aquifer, name, command.settings, (given) => actions.administer(command, given, environment))
      .description(command.description)
      .addHelpText(
        'after',
        `\n${command.more === undefined ? '' : `${command.more}\n\n`}${administrationHelp}`,
      )
  add('key discard', discardKeysSettings, actions.discardKeys)
    .description('Remove every access key of a stopped server, where the sealing key is lost for good.')
    .addHelpText('after', `\n${exitCodesHelp}`)
  add('key reseal', resealKeysSettings, actions.resealKeys)
    .description("Seal the secrets of all access keys under another key, in a stopped server's directory.")
    .addHelpText('after', `\n${resealHelp}\n\n${exitCodesHelp}`)
  return aquifer
}

function subcommand(
  program: Command,
  name: string,
  table: SettingsTable,
  carryOut: (given: Given) => Promise<void>,
): Command {
  const [word = '', group] = name.split(' ').reverse()
  const command = (group === undefined ? program : groupOf(program, group))
    .command(word)
    .showHelpAfterError(`  "aquifer ${name} --help" lists what there is.`)
    .addHelpText('after', variablesHelp(table))
    .action((...parsed: unknown[]) => carryOut(givenBy(table, parsed)))
  for (const [key, setting] of Object.entries(table)) {
    if (setting.argument !== undefined) command.argument(setting.argument, helpOf(key, setting))
    else if (!isVariableOnly(setting))
      command.option([flagOf(key, setting), setting.value ?? ''].join(' ').trim(), helpOf(key, setting))
  }
  return command
}

const groupDescriptions: Readonly<Record<string, string>> = {
  clock: "The machine's clock and object lock.",
  user: 'Users of the store.',
  key: 'Access keys of users.',
  group: 'Groups of users.',
  policy: 'Policies, and what they allow.',
  lifecycle: 'Lifecycle rules of buckets, and what they do.',
  events: 'Events that wait for their targets.',
  replicate: 'Carrying versions over to buckets elsewhere.',
}

const groupOf = (program: Command, name: string): Command =>
  program.commands.find((command) => command.name() === name) ??
  program
    .command(name)
    .description(groupDescriptions[name] ?? '')
    .helpCommand(false)

/** Commander hands over each argument, then the flags, then itself. A switch that is set is `true`. */
function givenBy(table: SettingsTable, parsed: unknown[]): Given {
  const argumentNames = Object.entries(table).filter(([, { argument }]) => argument !== undefined)
  const given = argumentNames.map(([name], at) => [name, parsed[at]])
  const command = parsed.at(-1) as Command
  // Commander presets a flag that says no, which the environment may say as well.
  const flags = Object.entries(parsed.at(-2) as Record<string, string | boolean>).filter(
    ([flag]) => command.getOptionValueSource(flag) !== 'default',
  )
  return Object.fromEntries([...given, ...flags.map(([flag, value]) => [nameOf(table, flag), String(value)])])
}

/** The setting whose flag Commander knows by this name. */
const nameOf = (table: SettingsTable, flag: string): string =>
  Object.entries(table).find(([, { flag: own }]) => own !== undefined && attributeOf(own) === flag)?.[0] ??
  flag

/** `--secret-key` is `secretKey`, and `--no-wait` says of `wait` that it is not. */
const attributeOf = (flag: string): string =>
  flag.replace(/^--(no-)?/, '').replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())

function helpOf(name: string, setting: Setting): string {
  if (setting.argument?.startsWith('<')) return setting.help // It must be given.
  const preset = setting.default && !setting.isSwitch ? `default ${setting.default}, ` : ''
  // The flag says no, and the variable says what the flag denies.
  const denied = setting.isSwitch && setting.default === 'true' ? '=false' : ''
  return `${setting.help} (${preset}env ${variableOf(name)}${denied})`
}

function variablesHelp(table: SettingsTable): string {
  const rows = Object.entries(table)
    .filter(([, setting]) => isVariableOnly(setting))
    .map(([name, { help }]) => `  ${variableOf(name).padEnd(27)}  ${help}`)
  return rows.length === 0
    ? ''
    : ['\nEnvironment alone, since a command line can be read by other users:', ...rows].join('\n')
}

const administrationHelp = `With --url a running server is asked, by a request signed with root's key pair or with that of
AQUIFER_ADMIN_ACCESS_KEY and AQUIFER_ADMIN_SECRET_KEY, with AQUIFER_ADMIN_SESSION_TOKEN where that is temporary, whose
policies must allow it: policy "admin" does. Without --url the directory of a stopped server is opened, and whoever may write it may do all.

${administrationExitCodesHelp}`

const verifyHelp = `Each finding is a line: what is damaged, the code of the error that its reader gets, and what was found.
With --json each is an object whose "type" is "finding"; the last line has the type "summary".`

const rebuildHelp = `The present index is replaced once the new one is whole. Over a gap in the journal nothing is changed,
unless --accept-loss is given: then the gaps are listed, what can still be read is kept, and the damaged files
are moved to quarantine/ in the data directory.`

const confirmHelp = `Retentions end by a time that does not follow a clock that was set forward while the server ran, nor one that is
more than a day ahead of the last time seen when it starts: "aquifer serve" says so then, and nothing locked becomes
free before this command is given. Give it when the clock is right, as after a server has stood still for days.`

const resealHelp = `Without AQUIFER_NEW_SEALING_KEY a key is made and takes the place of the file sealing-key. It may be interrupted:
the next start finds which key is the one. Secrets sealed under the former key remain in the journal until that has
been compacted, and in backups: if others may have both, rotate the access keys as well.
A secret whose row is damaged is told of; the key that opens it is kept, sealed under the new one, until the row is
mended or gone.`

const explainHelp = `It takes the request as it reached the server: the request line and the headers, from a log or from
the lines that "curl -v" marks with ">", or a presigned URL alone. Give the server's own --region, --public-url,
--trusted-proxy, --base-path, --domain and --signature-v2, since they are part of what is signed.

With --canonical-request the client's text is put beside the one made here. Without it, what clients and proxies
commonly do is tried until it yields the client's signature: another Host, a path encoded twice, a changed header.

  aquifer explain-signature request.txt --directory ./data
  curl -v … 2>&1 | aquifer explain-signature --canonical-request aws-debug.log

  aws --debug … 2> aws-debug.log      aws-cli and boto3 log their canonical request so
  aquifer serve --log debug           a server that explains each failure in its log

Exit codes: 0 explained, whatever was found; 2 wrong flag or no request; 6 no root key pair.`
