import { CommandFailure } from '../failure.js'
import { administeredSettings } from '../identity/identity-settings.js'
import { explainSettings } from './explain-settings.js'
import { notifyFamilies } from './notify-variables.js'
import { isOfFamily, lambdaWebhookVariables } from './numbered-variables.js'
import { resealKeysSettings } from './reseal-keys-settings.js'
import { serveSettings } from './serve-settings.js'
import {
  flagOf,
  isVariableOnly,
  type Setting,
  type SettingsOf,
  type SettingsTable,
  variableOf,
} from './setting.js'
import { rebuildIndexSettings, statSettings, verifySettings } from './store-settings.js'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The settings of this run: a flag wins over the environment, the environment over the default. A variable that
 * is set but empty counts as not set, as composed environments often have them.
 *
 * @param table The settings of the command.
 * @param given What the command line said, by the setting's name.
 * @throws {@link CommandFailure} `usage`, naming the flag or variable that is wrong, never a secret's value.
 */
export function readSettings<Table extends SettingsTable>(
  table: Table,
  given: Readonly<Record<string, string | undefined>>,
  environment: Environment,
): SettingsOf<Table> {
  const settings: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(table)) {
    const variable = variableOf(name)
    const fromEnvironment = environment[variable] === '' ? undefined : environment[variable]
    const text = given[name] ?? fromEnvironment ?? setting.default
    const read = setting.schema.safeParse(text)
    if (!read.success) {
      const isFromEnvironment = given[name] === undefined && fromEnvironment !== undefined
      const source =
        isFromEnvironment || isVariableOnly(setting) ? variable : (setting.argument ?? flagOf(name, setting))
      throw wrongSetting(source, setting, text, read.error.issues[0]!.message)
    }
    settings[name] = read.data
  }
  return settings as SettingsOf<Table>
}

function wrongSetting(
  source: string,
  setting: Setting,
  text: string | undefined,
  rule: string,
): CommandFailure {
  const found = isVariableOnly(setting) || text === undefined ? '' : `, and is "${text}"`
  // Kubernetes sets AQUIFER_PORT=tcp://… by itself in every pod beside a service that is named "aquifer".
  const remedy = text?.startsWith('tcp://')
    ? 'Kubernetes set this for a service named "aquifer": give the flag, or set enableServiceLinks: false.'
    : 'Run the command with --help to see what it means.'
  return new CommandFailure('usage', `${source} ${rule}${found}.`, remedy)
}

const families = [lambdaWebhookVariables, ...Object.values(notifyFamilies)]

/** Variables that look like ours and are no command's, most likely misspelt. */
export function unknownVariables(environment: Environment): string[] {
  const tables: SettingsTable[] = [
    serveSettings,
    explainSettings,
    verifySettings,
    statSettings,
    rebuildIndexSettings,
    administeredSettings,
    resealKeysSettings,
  ]
  const known = new Set(tables.flatMap((table) => Object.keys(table).map(variableOf)))
  return Object.keys(environment)
    .filter((name) => name.startsWith('AQUIFER_') && !known.has(name))
    .filter((name) => !families.some((family) => isOfFamily(family, name)))
    .sort()
}
