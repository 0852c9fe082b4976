import { bufferView } from './buffer-view.js'

/**
 * A key as a string of one character a byte. Such strings are equal and ordered exactly as the bytes are, and
 * they can stand in a Map, which byte arrays cannot.
 */
export type KeyText = string

export function keyText(key: Uint8Array): KeyText {
  return bufferView(key).toString('latin1')
}
