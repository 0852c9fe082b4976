import { EngineError } from '../../errors.js'
import { limits } from '../../limits.js'

const NAME = /^[A-Za-z0-9._-]+$/

/** @throws {@link EngineError} `InvalidArgument` */
export function checkSubscriber(name: string): void {
  if (NAME.test(name) && name.length <= limits.subscriberNameMaxChars) return
  const message = `"${name}" cannot be a subscriber's name, which has 1 to ${limits.subscriberNameMaxChars} characters of A-Z a-z 0-9 . _ -`
  throw new EngineError('InvalidArgument', message, { argument: 'subscriber', value: name })
}
