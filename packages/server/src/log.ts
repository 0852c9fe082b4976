import { type DestinationStream, destination, type Logger, pino } from 'pino'
import type { ServeSettings } from './settings/serve-settings.js'

export type Log = Logger

const STDERR = 2

/** Logs go to standard error, so that standard output holds what was asked for and nothing else. */
export const standardError = (): DestinationStream => destination({ fd: STDERR, sync: false })

export function openLog(
  { log, logFormat }: Pick<ServeSettings, 'log' | 'logFormat'>,
  onTerminal: boolean,
  target: DestinationStream = standardError(),
): Log {
  const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && onTerminal)
  return pino(
    {
      level: log,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    isPretty ? { write: (line) => target.write(pretty(line)) } : target,
  )
}

/** One line for a person: the time of day, the level, the message, then the facts as name=value. Texts follow. */
function pretty(json: string): string {
  const { level, time, msg, err, explanation, ...facts } = JSON.parse(json) as Record<string, unknown>
  const rest = Object.entries(facts).map(([name, value]) => `${name}=${plain(value)}`)
  const below = [explanation, (err as { stack?: string } | undefined)?.stack].filter(
    (text) => text !== undefined,
  )
  const line = [String(time).slice(11, 23), String(level).padEnd(5), msg, ...rest].join(' ')
  return `${[line, ...below.map((text) => String(text).trimEnd())].join('\n')}\n`
}

const plain = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value)
