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
  /** The data directory cannot be used: not there, not writable, open elsewhere, full, of a newer version. */
  directory: 4,
  /** The address cannot be listened on. */
  address: 5,
  /** The root key pair or the sealing key is missing in part, unreadable, or readable by others. */
  credentials: 6,
  /** What was asked was understood and is not done: there is no such user, or it is there already, or may not be. */
  refused: 7,
  /** The server that was asked cannot be reached, or failed. */
  unreachable: 8,
} as const

/** Why the command cannot go on, told to a person: what is wrong, then what to do about it. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly kind: keyof typeof exitCodes
  readonly remedy: string
  constructor(kind: keyof typeof exitCodes, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
    this.remedy = remedy
  }

  get exitCode(): number {
    return exitCodes[this.kind]
  }
}

/** For the `--help` of the commands that administer identities. */
export const administrationExitCodesHelp = `Exit codes:
  0        done
  1        unexpected failure
  2        wrong flag, environment variable or argument
  3        the stored data is damaged
  4        the data directory cannot be used: not there, not writable, or open in a server: name that by --url
  6        the root key pair or the sealing key is missing, unreadable, or readable by others
  7        refused: there is no such user, key, bucket or target, or it is there already, or one may not
  8        the server cannot be reached, or failed`

/** For the `--help` of every other command. */
export const exitCodesHelp = `Exit codes:
  0        done, or stopped as asked
  1        unexpected failure
  2        wrong flag, environment variable or argument
  3        the stored data is damaged
  4        the data directory cannot be used: not there, not writable, open elsewhere, full, of a newer version
  5        the address cannot be listened on
  6        the root key pair or the sealing key is incomplete, unreadable, or readable by others
  130 143  ended by SIGINT or SIGTERM; "serve": by a second one`
