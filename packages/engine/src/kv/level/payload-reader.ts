import type { Clock } from '../../clock.js'
import { readFully } from '../../disk.js'
import { corruptRecord, storageUnavailable } from '../../errors.js'
import type { Awaitable, Revision } from '../kv.js'
import type { IndexRow } from './index/index-row.js'
import { decodePayload, PAYLOAD_CHECKSUM_BYTES } from './journal/frame.js'
import type { Journal } from './journal/journal.js'
import { ReadPace } from './read-pace.js'

const LOOKS_MAX = 8
const NO_BYTES = new Uint8Array(0)

export interface PayloadReaderOptions {
  readonly journal: Journal
  readonly clock: Clock
  find(key: Uint8Array): IndexRow | undefined
}

/** Reads payloads where the index says they lie, and checks them. */
export class PayloadReader {
  readonly #journal: Journal
  readonly #find: (key: Uint8Array) => IndexRow | undefined
  readonly #pace: ReadPace

  constructor({ journal, clock, find }: PayloadReaderOptions) {
    this.#journal = journal
    this.#find = find
    this.#pace = new ReadPace(clock)
  }

  read(key: Uint8Array, revision: Revision): Awaitable<Uint8Array | 'changed'> {
    const row = this.#find(key)
    if (row?.revision !== revision) return 'changed'
    if (row.payloadBytes === 0) return NO_BYTES
    if (row.isPayloadLost) throw corruptRecord(key, 'its payload was lost')
    return this.#readNow(row) ?? this.#readLater(key, row)
  }

  /** While reads come from memory it is cheaper to wait for them than to go through a thread. */
  #readNow(row: IndexRow): Uint8Array | undefined {
    const file = this.#journal.readers.peek(row.segment)
    if (file?.readSync === undefined || !this.#pace.isFast) return undefined
    const bytes = Buffer.allocUnsafe(row.payloadBytes + PAYLOAD_CHECKSUM_BYTES)
    try {
      const read = this.#pace.measure(() => file.readSync!(bytes, row.payloadOffset))
      return read === bytes.byteLength ? this.#decode(bytes, row) : undefined
    } catch {
      return undefined // The other way meets the error again, if it stays, and tells of it.
    }
  }

  async #readLater(key: Uint8Array, first: IndexRow): Promise<Uint8Array | 'changed'> {
    let row = first
    for (let look = 1; look <= LOOKS_MAX; look++) {
      const { segment, payloadOffset, payloadBytes } = row
      const bytes = Buffer.allocUnsafe(payloadBytes + PAYLOAD_CHECKSUM_BYTES)
      const read = await this.#journal.readers
        .use(segment, (file) => readFully(file, bytes, payloadOffset))
        .catch((cause) => {
          throw storageUnavailable('absent', 'The journal could not be read.', cause)
        })
      const payload = read === bytes.byteLength ? this.#decode(bytes, row) : undefined
      if (payload !== undefined) return payload
      // It may have been moved; where it was not, it is damaged.
      const again = this.#find(key)
      if (again?.revision !== first.revision) return 'changed'
      if (again.segment === segment && again.payloadOffset === payloadOffset) break
      row = again
    }
    throw corruptRecord(key, 'its payload is not what was written')
  }

  #decode(bytes: Buffer, { segment, payloadOffset }: IndexRow): Uint8Array | undefined {
    const found = this.#journal.segment(segment)
    return found && decodePayload(bytes, { seed: found.seed, offset: payloadOffset })
  }
}
