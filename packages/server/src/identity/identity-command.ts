import type { z } from 'zod'
import type { Terminal } from '../progress-bar.js'
import type { SettingsOf, SettingsTable } from '../settings/setting.js'
import type { Ask } from './administration.js'
import { type AdministeredSettings, administeredSettings } from './identity-settings.js'

/** What a command of administration works with. */
export interface Desk {
  readonly ask: Ask
  readonly json: boolean
  /** A line of the answer. */
  say(line: string): void
  /** Where the answer goes. */
  readonly out: Terminal
  /** Where a person is shown how far a long task is. */
  readonly progress: Terminal
  /** Standard input, to its end, without the last line's end. */
  readInput(): Promise<string>
  /** A file's text, or standard input for `-`. */
  readText(path: string): Promise<string>
}

export interface IdentityCommand {
  readonly description: string
  readonly settings: SettingsTable
  /** What its `--help` says beside its flags. */
  readonly more?: string
  carryOut(settings: AdministeredSettings, desk: Desk): Promise<void>
}

/** Lets the types of a command's settings be read off its table. */
export function identityCommand<Table extends Record<string, { help: string; schema: z.ZodType }>>(command: {
  description: string
  settings: Table & SettingsTable
  more?: string
  carryOut(settings: SettingsOf<Table> & AdministeredSettings, desk: Desk): Promise<void>
}): IdentityCommand {
  return {
    ...command,
    settings: { ...command.settings, ...administeredSettings },
  } as unknown as IdentityCommand
}
