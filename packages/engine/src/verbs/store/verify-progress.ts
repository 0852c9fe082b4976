import type { VerifyProgress } from '../../contract/store.js'
import type { KvVerifyOptions } from '../../kv/kv.js'

/** Adds up what the store tells of its own files and what is read of bodies. */
export class Progress {
  readonly #bodyBytes: number
  readonly #told: ((progress: VerifyProgress) => void) | undefined
  #store: Parameters<NonNullable<KvVerifyOptions['onProgress']>>[0] = { doneBytes: 0, totalBytes: 0 }
  #doneBytes = 0
  #records = 0

  constructor(bodyBytes: number, told: ((progress: VerifyProgress) => void) | undefined) {
    this.#bodyBytes = bodyBytes
    this.#told = told
  }

  readonly ofStore: KvVerifyOptions['onProgress'] = (progress) => {
    this.#store = progress
    this.#tell()
  }

  bytesDone(bytes: number): void {
    this.#doneBytes += bytes
    this.#tell()
  }

  recordDone(leftBytes: number): void {
    this.#records++
    this.bytesDone(leftBytes)
  }

  #tell(): void {
    const doneBytes = this.#store.doneBytes + this.#doneBytes
    // More may have been written since they were counted.
    const totalBytes = Math.max(doneBytes, this.#store.totalBytes + this.#bodyBytes)
    this.#told?.({ doneBytes, totalBytes, records: this.#records })
  }
}
