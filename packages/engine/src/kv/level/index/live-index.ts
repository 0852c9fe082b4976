import { storageUnavailable } from '../../../errors.js'
import type { Journal } from '../journal/journal.js'
import type { OnDamage } from '../journal/recover-journal.js'
import { SEGMENT_HEADER_BYTES } from '../journal/segment-header.js'
import { type Index, IndexDamage, type IndexLocation } from './index-port.js'
import { type ReplayOptions, replay } from './replay.js'
import { RowIndex } from './row-index.js'

export interface LiveIndexOptions extends ReplayOptions {
  readonly location: IndexLocation
  readonly journal: Journal
}

/**
 * The index that serves now, and the way back when it fails: it is opened again, or made anew, and given what the
 * journal has and it may lack.
 */
export class LiveIndex {
  readonly #options: LiveIndexOptions
  readonly #stopVerifying = new AbortController()
  #opened: Index | undefined
  #serving: RowIndex | undefined
  #isSuspect = false
  #verified: RowIndex | undefined
  #verifying: Promise<void> = Promise.resolve()

  constructor(options: LiveIndexOptions) {
    this.#options = options
  }

  get isServing(): boolean {
    return this.#serving !== undefined
  }

  /** @throws EngineError `StorageUnavailable` while the index is being recovered. */
  get current(): RowIndex {
    if (this.#serving === undefined)
      throw storageUnavailable('absent', 'The index is not at hand; it is being recovered.')
    return this.#serving
  }

  /** A large index is verified in the background after an open. A damaged one is made anew. */
  get isVerified(): boolean {
    return this.#serving !== undefined && this.#verified === this.#serving
  }

  /** It serves no more until it is recovered. A damaged one is not opened again but made anew. */
  fail({ isDamaged }: { isDamaged: boolean }): void {
    this.#serving = undefined
    this.#isSuspect ||= isDamaged
  }

  /** Nothing may be appended to the journal meanwhile. Rejects where the disk does not let it; call again. */
  async recover(): Promise<void> {
    try {
      await this.#recoverOnce()
    } catch (error) {
      if (!(error instanceof IndexDamage)) throw error
      this.fail({ isDamaged: true })
      await this.#recoverOnce()
    }
  }

  async #recoverOnce(): Promise<void> {
    this.#serving = undefined
    await this.close()
    const index = (await this.#openSound()) ?? (await this.#openEmpty())
    await replay(this.#options.journal, index, this.#options)
    this.#isSuspect = false
    this.#serving = index
    if (this.#verified !== index) this.#verifying = this.#verify(index)
  }

  async close(): Promise<void> {
    this.#serving = undefined
    const opened = this.#opened
    this.#opened = undefined
    await opened?.close()
  }

  /** Ends the verification in the background too. */
  async shut(): Promise<void> {
    this.#stopVerifying.abort()
    await this.#verifying
    await this.close()
  }

  async #openSound(): Promise<RowIndex | undefined> {
    const { location, journal } = this.#options
    if (this.#isSuspect || !(await location.exists())) return undefined
    try {
      const index = await location.open()
      this.#opened = index
      const rows = RowIndex.read(index, journal.storeId)
      if (rows !== undefined && this.#isSound(rows, index)) return rows
    } catch (error) {
      if (!(error instanceof IndexDamage)) throw error
    }
    await this.close()
    return undefined
  }

  #isSound(rows: RowIndex, index: Index): boolean {
    const { journal, onDamage } = this.#options
    if (isAhead(journal, rows, onDamage)) return false
    if (!isWithin(journal, rows)) return false
    if (index.isVerified) this.#verified = rows
    return true
  }

  async #openEmpty(): Promise<RowIndex> {
    const { location, journal } = this.#options
    await location.discard()
    const index = await location.open()
    this.#opened = index
    const oldest = journal.chain[0]!
    const position = { segment: oldest.number, offset: SEGMENT_HEADER_BYTES }
    const rows = await RowIndex.begin(index, journal.storeId, {
      sequence: oldest.header.lastSequence,
      position,
    })
    this.#verified = rows // It was written just now, and its values carry checksums.
    return rows
  }

  async #verify(index: RowIndex): Promise<void> {
    try {
      const damage = await index.findDamage(this.#stopVerifying.signal)
      if (this.#stopVerifying.signal.aborted || this.#serving !== index) return
      if (damage === undefined) this.#verified = index
      else this.fail({ isDamaged: true })
    } catch {
      // It stays unverified, which is what its health says.
    }
  }
}

/** The index has applied a frame that the journal does not have: the journal has lost it. */
export function isAhead(journal: Journal, { applied }: RowIndex, onDamage: OnDamage): boolean {
  if (applied.sequence <= journal.sequence) return false
  onDamage(`frames up to ${applied.sequence} were written, the journal ends with ${journal.sequence}`)
  return true
}

function isWithin(journal: Journal, { checkpoint }: RowIndex): boolean {
  const { segment, offset } = checkpoint.position
  const found = journal.segment(segment)
  return found !== undefined && offset <= (found.sealedBytes ?? journal.end.offset)
}
