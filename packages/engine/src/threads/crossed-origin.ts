import type { Caused } from '../contract/events.js'
import { originOf } from '../outbox/add-event.js'

/** Of a handle's names, the text that says for whom the handle is. A function does not cross: it is asked before. */
export const crossOrigin = (origin: Caused['origin']): string =>
  origin === undefined ? '' : JSON.stringify(origin === false ? false : originOf(origin))

/** Read only where somebody is to be told. */
export function uncrossOrigin(text: string): Caused {
  if (text === '') return {}
  return { origin: text === 'false' ? false : () => JSON.parse(text) }
}
