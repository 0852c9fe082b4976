import type { Caused } from '../../contract/events.js'
import { crossOrigin } from '../crossed-origin.js'
import type { Begun, CallId } from '../items.js'
import type { Connection } from './connection.js'

export interface Left {
  readonly call: Begun
  readonly signal: AbortSignal | undefined
  /** Sends what is promised once it is there. */
  readonly follow: ((connection: Connection, id: CallId) => void) | undefined
}

/**
 * Takes out of a call's arguments what cannot cross as it is: a signal, checksums that are yet to come, for whom it is.
 *
 * @param how.isBrief It is over so soon that the signal is asked once, by the caller.
 */
export function leaveBehind(
  asked: Pick<Begun, 'room' | 'verb' | 'names' | 'args'>,
  { isBrief = false }: { isBrief?: boolean } = {},
): Left {
  const at = asked.args.length - 1
  const options = asked.args[at]
  if (!isOptions(options)) return { call: asked, signal: undefined, follow: undefined }
  const { signal, checksums, origin } = options
  const later = promisedIn(checksums)
  if (signal === undefined && later === undefined && origin === undefined)
    return { call: asked, signal: undefined, follow: undefined }
  const { signal: _signal, origin: _origin, ...rest } = options
  if (later !== undefined)
    rest.checksums = Object.fromEntries(Object.entries(checksums!).filter(([name]) => !later.has(name)))
  return {
    call: {
      ...asked,
      args: replaced(asked.args, at, rest),
      ...(signal === undefined || isBrief ? {} : { signalIn: at }),
      ...(origin === undefined ? {} : { origin: { in: at, text: crossOrigin(origin) } }),
      ...(later === undefined ? {} : { promised: { in: at, algorithms: [...later.keys()] } }),
    },
    signal,
    follow: later && ((connection, id) => send(connection, id, later)),
  }
}

export const replaced = (args: readonly unknown[], at: number, value: unknown): readonly unknown[] => [
  ...args.slice(0, at),
  value,
  ...args.slice(at + 1),
]

interface Options extends Caused {
  readonly signal?: AbortSignal
  checksums?: Readonly<Record<string, string | Promise<string> | undefined>>
}

const isOptions = (value: unknown): value is Options =>
  typeof value === 'object' &&
  value !== null &&
  ('signal' in value || 'checksums' in value || 'origin' in value)

function promisedIn(checksums: Options['checksums']): ReadonlyMap<string, Promise<string>> | undefined {
  let found: Map<string, Promise<string>> | undefined
  for (const name in checksums) {
    const value = checksums[name]
    if (typeof value !== 'object') continue
    found ??= new Map()
    found.set(name, Promise.resolve(value))
  }
  return found
}

function send(connection: Connection, id: CallId, later: ReadonlyMap<string, Promise<string>>): void {
  for (const [algorithm, promise] of later)
    promise.then(
      (value) => {
        if (connection.isUnderWay(id)) connection.send(['kept', id, algorithm, value])
      },
      (error) => connection.sendError('unkept', id, error, algorithm),
    )
}
