/**
 * What the process says of its end. Scripts depend on the numbers: they never change. 3 is for damaged data,
 * whichever command finds it.
 */
export const exitCodes = {
  /** A failure that is none of the others: worth a report. */
  unexpected: 1,
  /** A flag, an environment variable or an argument is wrong. */
  usage: 2,
  damaged: 3,
  /** The data directory cannot be used: not writable, open elsewhere, of a newer version. */
  directory: 4,
  /** The address cannot be listened on. */
  address: 5,
  /** The root key pair is missing in part, unreadable, or readable by others. */
  credentials: 6,
} as const

/** Why the command cannot go on, told to a person: what is wrong, then what to do about it. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly remedy: string
  readonly exitCode: number
  constructor(kind: keyof typeof exitCodes, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.remedy = remedy
    this.exitCode = exitCodes[kind]
  }
}

/** For `--help`. */
export const exitCodesHelp = `Exit codes:
  0        stopped as asked
  1        unexpected failure
  2        wrong flag, environment variable or argument
  3        the stored data is damaged
  4        the data directory cannot be used: not writable, open elsewhere, of a newer version
  5        the address cannot be listened on
  6        the root key pair is incomplete, unreadable, or readable by others
  130 143  forced to stop by a second SIGINT or SIGTERM`
