import { z } from 'zod'

/**
 * One row of a table of settings. Flags, environment variables, their defaults and `--help` are all read from the
 * tables: a setting `xY` is the flag `--x-y` and the variable `AQUIFER_X_Y`. `value` names what a flag takes, and a
 * switch takes nothing; a setting with neither has no flag, because a command line is readable by every user of the
 * machine.
 */
export interface Setting {
  help: string
  schema: z.ZodType
  default?: string
  value?: string
  argument?: string
  isSwitch?: boolean
  /** Where the flag has another name than the setting. */
  flag?: `--${string}`
}

export type SettingsTable = Readonly<Record<string, Setting>>

export type SettingsOf<Table extends SettingsTable> = { [K in keyof Table]: z.output<Table[K]['schema']> }

export const directorySetting = (help: string) => ({
  argument: '[dir]',
  help,
  default: './data',
  schema: z.string().min(1, 'must name a directory'),
})

export const switchSetting = (help: string) => ({
  isSwitch: true,
  help,
  default: 'false',
  schema: z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true'),
})

/** Whether it may only stand in the environment, as secrets do. */
export const isVariableOnly = ({ value, argument, isSwitch }: Setting): boolean =>
  value === undefined && argument === undefined && isSwitch !== true

const words = (name: string): string[] => name.split(/(?=[A-Z])/).map((word) => word.toLowerCase())

export const flagOf = (name: string, setting?: Pick<Setting, 'flag'>): string =>
  setting?.flag ?? `--${words(name).join('-')}`

export const variableOf = (name: string): string => `AQUIFER_${words(name).join('_').toUpperCase()}`
