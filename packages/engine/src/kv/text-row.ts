import { Buffer } from 'node:buffer'
import type { Revision, Row } from './kv.js'

/** A row of a scan that asked for text. Hardly anybody asks for its key as well. */
export class TextRow implements Row {
  readonly #prefix: Uint8Array
  readonly text: string
  readonly value: Uint8Array
  readonly revision: Revision
  readonly payloadBytes: number

  /** @param prefix What stands before the text. */
  constructor(prefix: Uint8Array, text: string, row: Pick<Row, 'value' | 'revision' | 'payloadBytes'>) {
    this.#prefix = prefix
    this.text = text
    this.value = row.value
    this.revision = row.revision
    this.payloadBytes = row.payloadBytes
  }

  get key(): Uint8Array {
    return Buffer.concat([this.#prefix, Buffer.from(this.text)])
  }
}
