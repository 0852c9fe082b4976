/** What an iterator takes of its own, and each row without its bytes. */
const ITERATOR_BYTES = 4 * 1024
const ROW_BYTES = 96

/** How much is left uncollected, roughly. */
const KEPT_MAX_BYTES = 16 * 1024 * 1024

/** V8 begins to collect once so much memory outside of its heap has been added since it did so last. */
const TOLD_BYTES = 64 * 1024 * 1024

/**
 * The rows that an iterator of LevelDB read last stay in native memory when it is closed, until V8 has collected it: in a
 * full collection alone, which may be minutes away, and it knows nothing of that memory. A server that was asked for
 * lists grew by 270 KiB for each, up to 500 MiB in six seconds. So it is told from time to time.
 */
export class IteratorMemory {
  readonly #tell: () => void
  #keptBytes = 0

  constructor(tell: () => void = tellV8) {
    this.#tell = tell
  }

  /**
   * An iterator is closed.
   *
   * @param rows Those that it read last, in one call.
   * @param bytes Their keys and values.
   */
  keep(rows: number, bytes: number): void {
    this.#keptBytes += ITERATOR_BYTES + rows * ROW_BYTES + bytes
    if (this.#keptBytes < KEPT_MAX_BYTES) return
    this.#keptBytes = 0
    this.#tell()
  }
}

function tellV8(): void {
  try {
    // Of no use but to be counted: it is never touched, and so takes no room.
    void new ArrayBuffer(TOLD_BYTES)
  } catch {
    // A process that may not reserve so much has more pressing reasons to collect.
  }
}
