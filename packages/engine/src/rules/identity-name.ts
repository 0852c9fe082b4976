import { invalidArgument } from '../errors.js'
import { limits } from '../limits.js'

// Nothing of it means anything in a policy, a URL, or a line of a log.
const NAME = /^[\w+=,.@-]+$/
const ACCESS_KEY_ID = /^[\w.-]{3,128}$/
const SECRET = /^[\x21-\x7e]{8,128}$/
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u

/** Source: IAM API Reference, CreateUser, CreateGroup, CreatePolicy. @throws {@link EngineError} `InvalidArgument` */
export function checkIdentityName(kind: 'user' | 'group' | 'policy', name: string): void {
  const maximum = kind === 'user' ? limits.userNameMaxChars : limits.groupNameMaxChars
  if (!NAME.test(name) || name.length > maximum) throw invalidArgument(`name of a ${kind}`, name)
}

/** @throws {@link EngineError} `InvalidArgument` */
export function checkAccessKeyId(accessKeyId: string): void {
  if (!ACCESS_KEY_ID.test(accessKeyId)) throw invalidArgument('access key id', accessKeyId)
}

/** @throws {@link EngineError} `InvalidArgument`, which does not tell it. */
export function checkSecret(secretAccessKey: string): void {
  if (!SECRET.test(secretAccessKey)) throw invalidArgument('secret access key', '…')
}

/** @throws {@link EngineError} `InvalidArgument` */
export function checkLabel(what: 'display name' | 'description', text: string): void {
  const maximum = what === 'display name' ? limits.displayNameMaxChars : limits.descriptionMaxChars
  if (text === '' || text.length > maximum || UNPRINTABLE.test(text)) throw invalidArgument(what, text)
}
