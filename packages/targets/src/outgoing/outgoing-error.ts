/**
 * `InvalidUrl`: not http or https, or with a password in it. `AddressNotAllowed`: it leads to an address that calls do not
 * go to. `TimedOut`, `Unreachable`: nobody answered. `TooLarge`: the answer is longer than whoever called takes.
 */
export type OutgoingErrorCode = 'InvalidUrl' | 'AddressNotAllowed' | 'TimedOut' | 'Unreachable' | 'TooLarge'

/** Why a call to another server came to nothing. */
export class OutgoingError extends Error {
  override readonly name = 'OutgoingError'
  readonly code: OutgoingErrorCode
  constructor(code: OutgoingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
