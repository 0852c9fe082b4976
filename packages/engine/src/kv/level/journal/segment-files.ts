import { join } from 'node:path'
import { type Disk, type DiskFile, makeDirectoryDurably, readFully } from '../../../disk.js'
import { preallocate } from './preallocate.js'
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment-header.js'

const SEGMENT_SUFFIX = '.segment'
const SPARE_SUFFIX = '.spare'
const SPARES_KEPT = 1

/** The journal's directory: segments under their numbers, and spare files that wait to become one. */
export class SegmentFiles {
  readonly disk: Disk
  readonly directory: string
  readonly #quarantine: string
  readonly #spares: { path: string; sizeBytes: number }[] = []
  #spareNumber = 0
  #quarantinedCount = 0
  #preparing: Promise<void> | undefined

  constructor(disk: Disk, directory: string) {
    this.disk = disk
    this.directory = join(directory, 'journal')
    this.#quarantine = join(directory, 'quarantine')
  }

  pathOf(number: number): string {
    return join(this.directory, `${String(number).padStart(10, '0')}${SEGMENT_SUFFIX}`)
  }

  /** Files that were found damaged and taken out of use. */
  get quarantinedCount(): number {
    return this.#quarantinedCount
  }

  /** Numbers of the segments that are there. Spares found on the way are taken over. */
  async list(): Promise<number[]> {
    await makeDirectoryDurably(this.disk, this.directory)
    const isAnyQuarantined = (await this.disk.sizeOf(this.#quarantine)) !== undefined
    this.#quarantinedCount = isAnyQuarantined ? (await this.disk.list(this.#quarantine)).length : 0
    const numbers: number[] = []
    this.#spares.length = 0
    for (const name of (await this.disk.list(this.directory)).sort()) {
      const path = join(this.directory, name)
      if (name.endsWith(SPARE_SUFFIX)) {
        this.#spareNumber = Math.max(this.#spareNumber, Number.parseInt(name, 10) || 0)
        this.#spares.push({ path, sizeBytes: (await this.disk.sizeOf(path)) ?? 0 })
      } else if (/^\d{10,}\.segment$/.test(name)) numbers.push(Number.parseInt(name, 10))
    }
    return numbers.sort((a, b) => a - b)
  }

  async readHeader(number: number): Promise<SegmentHeader | { tooNew: number } | undefined> {
    const file = await this.disk.open(this.pathOf(number), 'read')
    try {
      const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES)
      await readFully(file, bytes, 0)
      return decodeSegmentHeader(bytes)
    } finally {
      await file.close()
    }
  }

  hasSpare(sizeBytes: number): boolean {
    return this.#spares.some((spare) => spare.sizeBytes === sizeBytes)
  }

  /** Has a spare of this size ready. Calls that meet share one file. */
  prepareSpare(sizeBytes: number): Promise<void> {
    if (this.hasSpare(sizeBytes)) return Promise.resolve()
    this.#preparing ??= this.#makeSpare(sizeBytes).finally(() => {
      this.#preparing = undefined
    })
    return this.#preparing
  }

  async #makeSpare(sizeBytes: number): Promise<void> {
    const path = join(this.directory, `${++this.#spareNumber}${SPARE_SUFFIX}`)
    await preallocate(this.disk, path, sizeBytes)
    this.#spares.push({ path, sizeBytes })
  }

  /** A file under a name of no meaning, of this size; its bytes are of no meaning either. */
  async takeSpare(sizeBytes: number): Promise<string> {
    for (;;) {
      const index = this.#spares.findIndex((spare) => spare.sizeBytes === sizeBytes)
      if (index !== -1) return this.#spares.splice(index, 1)[0]!.path
      await this.prepareSpare(sizeBytes)
    }
  }

  /** Gives a spare its name as a segment. Durable when it resolves; when it rejects the name may be there. */
  async name(spare: string, number: number): Promise<void> {
    await this.disk.rename(spare, this.pathOf(number))
    await this.disk.syncDirectory(this.directory)
  }

  /** Removes a file that was to become a segment, under whichever of its names it stands. */
  async discard(spare: string, number: number): Promise<void> {
    // What cannot be removed now is no link of the chain and goes at the next open.
    await this.disk.unlink(spare).catch(() => undefined)
    await this.disk.unlink(this.pathOf(number)).catch(() => undefined)
  }

  /**
   * A dead segment becomes a spare. Should a power cut bring its name back, the frame that declared it dead still
   * does, and a header that was written to it meanwhile has another number than the name.
   */
  async recycle(number: number, sizeBytes: number): Promise<void> {
    if (this.#spares.length >= SPARES_KEPT) return this.disk.unlink(this.pathOf(number))
    const path = join(this.directory, `${++this.#spareNumber}${SPARE_SUFFIX}`)
    await this.disk.rename(this.pathOf(number), path)
    this.#spares.push({ path, sizeBytes })
  }

  /** Removes spares that cannot serve: half made, of another size, or one too many. */
  async tidySpares(sizeBytes: number): Promise<void> {
    const kept = this.#spares.filter((spare) => spare.sizeBytes === sizeBytes).slice(0, SPARES_KEPT)
    const rest = this.#spares.filter((spare) => !kept.includes(spare))
    this.#spares.splice(0, Infinity, ...kept)
    for (const { path } of rest) await this.disk.unlink(path)
  }

  remove(number: number): Promise<void> {
    return this.disk.unlink(this.pathOf(number))
  }

  /** Out of the journal, but kept for whoever wants to look at it. */
  async quarantine(number: number): Promise<void> {
    await makeDirectoryDurably(this.disk, this.#quarantine)
    const name = `${String(number).padStart(10, '0')}${SEGMENT_SUFFIX}`
    await this.disk.rename(this.pathOf(number), join(this.#quarantine, name))
    this.#quarantinedCount++
    await this.disk.syncDirectory(this.#quarantine)
    await this.disk.syncDirectory(this.directory)
  }

  open(number: number, mode: 'read' | 'write'): Promise<DiskFile> {
    return this.disk.open(this.pathOf(number), mode)
  }

  get spareBytes(): number {
    return this.#spares.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  }
}
