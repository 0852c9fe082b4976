/** A page of the cache: what is synced, kept or lost as a unit, unless it is torn. */
export const PAGE_BYTES = 4_096
/** What a disk writes whole whatever happens. */
const SECTOR_BYTES = 512

/** Of the pages that are neither as synced nor as written last. */
const TORN_SHARE = 0.2

const ZEROS = new Uint8Array(PAGE_BYTES)

interface Version {
  readonly bytes: Uint8Array
  /** How many changes of size came before it. */
  readonly epoch: number
}

/** Page contents are never changed in place, so that copies of a file can share them. */
interface Page {
  onDisk: Uint8Array
  cached: Uint8Array
  unsynced: Version[]
}

/**
 * The bytes of one file: what is surely on the disk, and what the cache holds beyond it. What a power cut leaves
 * is, page by page, what was synced or anything written since, and any of the sizes the file has had since.
 */
export class SimulatedFile {
  readonly #pages = new Map<number, Page>()
  readonly #unsynced = new Set<number>()
  /** The size on the disk, then each one the file has had since. */
  #sizes: number[] = [0]
  /** Which of them came by cutting off. */
  #cuts: number[] = []

  get sizeBytes(): number {
    return this.#sizes.at(-1)!
  }

  get pageCount(): number {
    return this.#pages.size
  }

  /** How many pages a write would add. */
  pagesNeeded(offset: number, length: number): number {
    let needed = 0
    for (const index of pagesOf(offset, length)) if (!this.#pages.has(index)) needed++
    return needed
  }

  read(buffer: Uint8Array, offset: number): number {
    const length = Math.max(0, Math.min(buffer.byteLength, this.sizeBytes - offset))
    for (const index of pagesOf(offset, length)) {
      const from = Math.max(offset, index * PAGE_BYTES)
      const to = Math.min(offset + length, (index + 1) * PAGE_BYTES)
      const page = this.#pages.get(index)?.cached ?? ZEROS
      buffer.set(page.subarray(from - index * PAGE_BYTES, to - index * PAGE_BYTES), from - offset)
    }
    return length
  }

  write(bytes: Uint8Array, offset: number): void {
    const own = new Uint8Array(bytes) // A Buffer's slice would be a view of what its owner uses again.
    for (const index of pagesOf(offset, own.byteLength)) {
      const from = Math.max(offset, index * PAGE_BYTES)
      const to = Math.min(offset + own.byteLength, (index + 1) * PAGE_BYTES)
      const part = own.subarray(from - offset, to - offset)
      if (part.byteLength === PAGE_BYTES) this.#setPage(index, part)
      else {
        const page = (this.#pages.get(index)?.cached ?? ZEROS).slice()
        page.set(part, from - index * PAGE_BYTES)
        this.#setPage(index, page)
      }
    }
    if (offset + own.byteLength > this.sizeBytes) this.#sizes.push(offset + own.byteLength)
  }

  truncate(sizeBytes: number): void {
    if (sizeBytes === this.sizeBytes) return
    const shrinks = sizeBytes < this.sizeBytes
    this.#sizes.push(sizeBytes)
    if (!shrinks) return
    this.#cuts.push(this.#sizes.length - 1)
    for (const [index, page] of this.#pages) {
      if ((index + 1) * PAGE_BYTES > sizeBytes) this.#setPage(index, cut(page.cached, index, sizeBytes))
    }
  }

  sync(): void {
    for (const index of this.#unsynced) {
      const page = this.#pages.get(index)!
      page.onDisk = page.cached
      page.unsynced = []
    }
    this.#unsynced.clear()
    this.#sizes = [this.sizeBytes]
    this.#cuts = []
    for (const index of this.#pages.keys()) {
      if (index * PAGE_BYTES >= this.sizeBytes) this.#pages.delete(index)
    }
  }

  /**
   * A sync that failed, as on Linux: some pages were written, the others never will be, yet the cache goes on
   * showing them and calls them clean, so that a later sync succeeds without them. The size stays to be synced.
   */
  loseUnsynced(random: () => number): void {
    for (const index of this.#unsynced) {
      const page = this.#pages.get(index)!
      page.onDisk = pick([page.onDisk, ...page.unsynced.map(({ bytes }) => bytes)], random)
      page.unsynced = []
    }
    this.#unsynced.clear()
  }

  /** The file as the running machine sees it, with all that is still unsynced. */
  copy(): SimulatedFile {
    const copy = new SimulatedFile()
    copy.#sizes = [...this.#sizes]
    copy.#cuts = [...this.#cuts]
    for (const [index, page] of this.#pages) copy.#pages.set(index, { ...page, unsynced: [...page.unsynced] })
    for (const index of this.#unsynced) copy.#unsynced.add(index)
    return copy
  }

  /** The file as a power cut may leave it. `keeps` decides of each unsynced thing whether it got to the disk. */
  afterPowerCut(random: () => number, keeps: () => boolean): SimulatedFile {
    const after = new SimulatedFile()
    const epoch = survivor([...this.#sizes.keys()], keeps, (epochs) => pick(epochs, random))
    const sizeBytes = this.#sizes[epoch]!
    after.#sizes = [sizeBytes]
    for (const [index, page] of this.#pages) {
      if (index * PAGE_BYTES >= sizeBytes) continue
      const bytes = cut(this.#pageAfterPowerCut(index, page, epoch, random, keeps), index, sizeBytes)
      after.#pages.set(index, { onDisk: bytes, cached: bytes, unsynced: [] })
    }
    return after
  }

  /** All the bytes, as the cache shows them. */
  content(): Uint8Array {
    const bytes = new Uint8Array(this.sizeBytes)
    this.read(bytes, 0)
    return bytes
  }

  #setPage(index: number, bytes: Uint8Array): void {
    let page = this.#pages.get(index)
    if (page === undefined) {
      page = { onDisk: ZEROS, cached: bytes, unsynced: [] }
      this.#pages.set(index, page)
    }
    page.cached = bytes
    page.unsynced.push({ bytes, epoch: this.#sizes.length - 1 })
    this.#unsynced.add(index)
  }

  #pageAfterPowerCut(
    index: number,
    page: Page,
    epoch: number,
    random: () => number,
    keeps: () => boolean,
  ): Uint8Array {
    const possible = [{ bytes: page.onDisk, epoch: 0 }, ...page.unsynced]
      // What was written after a shrinking that is lost lies in space that the file does not own.
      .filter(
        (version) =>
          version.epoch <= epoch || this.#smallest(epoch, version.epoch) >= (index + 1) * PAGE_BYTES,
      )
      .map((version) => cut(version.bytes, index, this.#smallest(version.epoch, epoch)))
    return survivor(possible, keeps, (versions) =>
      random() < TORN_SHARE ? torn(versions, random) : pick(versions, random),
    )
  }

  /** Where the file was cut after the one epoch up to the other. */
  #smallest(after: number, upTo: number): number {
    let smallest = Number.POSITIVE_INFINITY
    for (const epoch of this.#cuts) {
      if (epoch > after && epoch <= upTo) smallest = Math.min(smallest, this.#sizes[epoch]!)
    }
    return smallest
  }
}

function* pagesOf(offset: number, length: number): Generator<number> {
  const end = offset + length
  for (let index = Math.floor(offset / PAGE_BYTES); index * PAGE_BYTES < end; index++) yield index
}

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)]!
}

/** Of what was on the disk and what came after it, in order, the one that a power cut leaves. */
function survivor<T>(versions: readonly T[], keeps: () => boolean, mix: (versions: readonly T[]) => T): T {
  if (versions.length === 1 || keeps()) return versions.at(-1)!
  return keeps() ? mix(versions) : versions[0]!
}

/** The page with zeros from where the file ends. */
function cut(bytes: Uint8Array, index: number, sizeBytes: number): Uint8Array {
  const end = sizeBytes - index * PAGE_BYTES
  if (end >= PAGE_BYTES) return bytes
  if (end <= 0) return ZEROS
  const kept = new Uint8Array(PAGE_BYTES)
  kept.set(bytes.subarray(0, end))
  return kept
}

function torn(possible: readonly Uint8Array[], random: () => number): Uint8Array {
  const bytes = new Uint8Array(PAGE_BYTES)
  for (let at = 0; at < PAGE_BYTES; at += SECTOR_BYTES) {
    bytes.set(pick(possible, random).subarray(at, at + SECTOR_BYTES), at)
  }
  return bytes
}
