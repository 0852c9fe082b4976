import { CommandFailure } from '../failure.js'
import type { AdminActionName } from './admin-actions.js'

/** What was asked was understood, and is not done. */
export function refusal(
  name: AdminActionName,
  code: string,
  message: string,
  cause?: unknown,
): CommandFailure {
  const [remedy] = Object.entries(remedies).flatMap(([known, text]) => (known === code ? [text] : []))
  return new CommandFailure('refused', message, remedy ?? helpOf(name), { cause })
}

const remedies = {
  NoSuchEntity: 'The commands "list" of user, key, group and policy tell what there is.',
  EntityAlreadyExists: 'Choose another name, or remove that one first.',
  AccessDenied:
    'Ask with a key whose policies allow it, such as the root key pair or a user with policy admin.',
  DeleteConflict: 'The commands "show" of user, group and policy tell who uses what.',
}

export const helpOf = (name: AdminActionName): string =>
  `"aquifer ${name.replace('/', ' ').replace(/cancel-/, '')} --help" says what it takes.`
