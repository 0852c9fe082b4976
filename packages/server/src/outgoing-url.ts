import { OutgoingError } from '@aquifer/targets'
import { CommandFailure } from './failure.js'

/**
 * Does what needs the URL that a variable holds.
 *
 * @param means What it says, with an example.
 * @throws {@link CommandFailure} `usage`, where the URL is none, or is where calls do not go.
 */
export function withOutgoingUrl<T>(variable: string, means: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof OutgoingError)) throw error
    const remedy =
      error.code === 'AddressNotAllowed'
        ? 'Allow it by AQUIFER_ALLOW_CALLS_TO, which takes addresses and CIDR blocks.'
        : means
    throw new CommandFailure('usage', `${variable}: ${error.message}`, remedy)
  }
}
