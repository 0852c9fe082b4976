import { posix } from 'node:path'
import type { Disk, DiskFile } from '../../disk.js'
import { seededRandom } from '../seeded-random.js'
import {
  type DiskCall,
  type DiskFault,
  type DiskOperation,
  type FaultPlan,
  Faults,
  type InjectedFault,
} from './faults.js'
import { PAGE_BYTES, SimulatedFile } from './simulated-file.js'
import { type Effect, type HandleCalls, SimulatedHandle } from './simulated-handle.js'
import { SimulatedDirectory, SimulatedTree, systemError } from './simulated-tree.js'

export interface SimulatedDiskOptions {
  /** Decides all that is left to chance. @defaultValue 1 */
  seed?: number
  /** Beyond it writes fail with ENOSPC, in whole pages of 4 KiB. @defaultValue no bound */
  capacityBytes?: number
  /** Beyond it opens fail with EMFILE. @defaultValue no bound */
  openFilesMax?: number
}

/**
 * A disk in memory that can fail in every way a disk does, for tests of whatever works through the {@link Disk}
 * port. It keeps apart what is on the disk for sure and what only its cache holds:
 *
 * - a file's bytes, by pages of 4 KiB, and its size, until the file is synced;
 * - creations, removals and renames, until their directory is synced.
 *
 * {@link crash} takes the power away and answers with the disk as it is found afterwards: any legal subset of what
 * was not synced. Each page may be as it was synced, as it was written since, or torn between those at 512 bytes;
 * the size is any since the last sync; a rename happened whole or not; operations on one name keep their order,
 * others have none. {@link inject} makes chosen calls fail.
 *
 * Calls under way at the same time are carried out in an order of chance. One seed replays all of it, as long as
 * nothing but promises moves the code under test: no timers, no other I/O.
 *
 * @example
 * const disk = new SimulatedDisk({ seed })
 * disk.inject({ at: 17, fault: { kind: 'power-cut' } })
 * await work(disk).catch(() => {})
 * for (let outcome = 1; outcome <= 10; outcome++) await check(disk.crash(outcome))
 */
export class SimulatedDisk implements Disk {
  readonly #options: SimulatedDiskOptions
  readonly #random: () => number
  readonly #faults = new Faults()
  readonly #waiting: (() => void)[] = []
  readonly #handles = new Set<SimulatedHandle>()
  #tree = new SimulatedTree()
  #isOff = false
  #calls = 0

  constructor(options: SimulatedDiskOptions = {}) {
    this.#options = options
    this.#random = seededRandom(options.seed ?? 1)
  }

  /** How many calls were made. */
  get calls(): number {
    return this.#calls
  }

  /** The paths of the files that are open, for finding what was never closed. */
  get openFiles(): string[] {
    return [...this.#handles].map(({ path }) => path)
  }

  get usedBytes(): number {
    const files = new Set([...this.#tree.files(), ...[...this.#handles].map(({ file }) => file)])
    let pages = 0
    for (const file of files) pages += file.pageCount
    return pages * PAGE_BYTES
  }

  /** Makes calls fail, from now on. The first plan that fits a call strikes it. */
  inject(plan: FaultPlan): InjectedFault {
    return this.#faults.inject(plan)
  }

  /**
   * Takes the power away, for good, and answers with a disk that holds what a power cut may leave: nothing of it is
   * unsynced, no fault is planned, nothing is open. Another seed gives another outcome of the same cut.
   *
   * @param survival How likely each unsynced thing is to have reached the disk, from 0, nothing, to 1, all.
   * @defaultValue the seed decides: now and then all or nothing, and the shades between
   */
  crash(seed: number, options: { survival?: number } = {}): SimulatedDisk {
    this.#isOff = true
    return this.ifCutNow(seed, options)
  }

  /** What {@link crash} would answer with at this moment; this machine goes on. */
  ifCutNow(seed: number, { survival }: { survival?: number } = {}): SimulatedDisk {
    const random = seededRandom(seed)
    const drawn = SURVIVALS[Math.floor(random() * SURVIVALS.length)]!
    const odds = survival ?? drawn
    const after = new SimulatedDisk({ ...this.#options, seed })
    after.#tree = this.#tree.afterPowerCut(random, () => random() < odds)
    return after
  }

  /**
   * Ends the process but not the machine: this disk refuses everything from now on; the one answered with shows
   * all that was done, and what was unsynced still is. It may be called again, for another copy.
   */
  kill(): SimulatedDisk {
    this.#isOff = true
    const after = new SimulatedDisk(this.#options)
    after.#tree = this.#tree.copy()
    return after
  }

  /** What a reader of the file would see now. Not counted as a call. @throws ENOENT */
  contentOf(path: string): Uint8Array {
    return this.#getFile(path).content()
  }

  /** Changes a file behind everyone's back, durably: rot, a cut, a stale copy. Not counted as a call. */
  damage(path: string, change: (content: Uint8Array) => Uint8Array): void {
    const file = this.#getFile(path)
    const content = change(file.content())
    file.truncate(0)
    file.write(content, 0)
    file.sync()
  }

  open(path: string, mode: 'create' | 'write' | 'read'): Promise<DiskFile> {
    return this.#call('open', path, {
      whole: () => this.#open(path, mode),
      part: () => {
        if (mode === 'create' && this.#random() < 0.5) this.#createFile(path)
      },
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call('rename', from, { whole: () => this.#tree.rename(from, to) })
  }

  unlink(path: string): Promise<void> {
    return this.#call('unlink', path, {
      whole: () => {
        this.#getFile(path)
        this.#tree.remove(path)
      },
    })
  }

  makeDirectory(path: string): Promise<void> {
    return this.#call('makeDirectory', path, { whole: () => this.#makeDirectory(path) })
  }

  removeDirectory(path: string): Promise<void> {
    return this.#call('removeDirectory', path, { whole: () => this.#removeDirectory(path) })
  }

  list(path: string): Promise<string[]> {
    return this.#call('list', path, { whole: () => [...this.#tree.getDirectory(path).entries.keys()] })
  }

  syncDirectory(path: string): Promise<void> {
    return this.#call('syncDirectory', path, { whole: () => this.#tree.sync(this.#tree.getDirectory(path)) })
  }

  sizeOf(path: string): Promise<number | undefined> {
    return this.#call('sizeOf', path, {
      whole: () => {
        const node = this.#tree.find(path)
        return node instanceof SimulatedFile ? node.sizeBytes : node && PAGE_BYTES
      },
    })
  }

  space(path: string): Promise<{ freeBytes: number; totalBytes: number }> {
    return this.#call('space', path, {
      whole: () => {
        const totalBytes = this.#options.capacityBytes ?? 2 ** 40
        return { freeBytes: Math.max(0, totalBytes - this.usedBytes), totalBytes }
      },
    })
  }

  #open(path: string, mode: 'create' | 'write' | 'read'): DiskFile {
    if (this.#handles.size >= (this.#options.openFilesMax ?? Number.POSITIVE_INFINITY)) {
      throw systemError('EMFILE', path)
    }
    const file = mode === 'create' ? this.#createFile(path) : this.#getFile(path)
    const calls: HandleCalls = {
      call: (operation, effect) => this.#call(operation, path, effect),
      write: (bytes, offset) => this.#write(file, path, bytes, offset),
      random: this.#random,
      closed: () => void this.#handles.delete(handle),
    }
    const handle = new SimulatedHandle(path, file, mode !== 'read', calls)
    this.#handles.add(handle)
    return handle
  }

  #createFile(path: string): SimulatedFile {
    if (this.#tree.find(path) !== undefined) throw systemError('EEXIST', path)
    const file = new SimulatedFile()
    this.#tree.add(path, file)
    return file
  }

  #getFile(path: string): SimulatedFile {
    const node = this.#tree.find(path)
    if (node === undefined) throw systemError('ENOENT', path)
    if (node instanceof SimulatedDirectory) throw systemError('EISDIR', path)
    return node
  }

  #makeDirectory(path: string): void {
    const found = this.#tree.find(path)
    if (found instanceof SimulatedFile) throw systemError('EEXIST', path)
    if (found !== undefined) return
    this.#makeDirectory(posix.dirname(path))
    this.#tree.add(path, new SimulatedDirectory())
  }

  #removeDirectory(path: string): void {
    const found = this.#tree.find(path)
    if (found === undefined) return
    if (found instanceof SimulatedDirectory) {
      for (const name of [...found.entries.keys()]) this.#removeDirectory(posix.join(path, name))
    }
    this.#tree.remove(path)
  }

  #write(file: SimulatedFile, path: string, bytes: Uint8Array, offset: number): void {
    const room = this.#room(file, bytes.byteLength, offset)
    file.write(bytes.subarray(0, room), offset)
    if (room < bytes.byteLength) throw systemError('ENOSPC', path)
  }

  /** How many bytes of a write there is space for. */
  #room(file: SimulatedFile, length: number, offset: number): number {
    const { capacityBytes } = this.#options
    if (capacityBytes === undefined) return length
    const free = Math.floor((capacityBytes - this.usedBytes) / PAGE_BYTES)
    let room = length
    while (room > 0 && file.pagesNeeded(offset, room) > free) {
      const end = offset + room
      room = Math.max(0, Math.floor((end - 1) / PAGE_BYTES) * PAGE_BYTES - offset)
    }
    return room
  }

  #call<T>(operation: DiskOperation, path: string, effect: Effect<T>): Promise<T> {
    const call: DiskCall = { number: ++this.#calls, operation, path }
    const fault = this.#faults.strike(call)
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(this.#carryOut(call, effect, fault))
        } catch (error) {
          reject(error)
        }
      })
      if (this.#waiting.length === 1) setImmediate(() => this.#carryOutOne())
    })
  }

  #carryOutOne(): void {
    const chosen = Math.floor(this.#random() * this.#waiting.length)
    const next = this.#waiting[chosen]!
    this.#waiting.splice(chosen, 1)
    if (this.#waiting.length > 0) setImmediate(() => this.#carryOutOne())
    next()
  }

  #carryOut<T>({ number, operation, path }: DiskCall, effect: Effect<T>, fault: DiskFault | undefined): T {
    if (this.#isOff) throw systemError('EIO', path, 'the power is off')
    const note = `simulated, ${operation} as call ${number}`
    switch (fault?.kind) {
      case undefined:
        return effect.whole()
      case 'flip':
        return effect.flipped === undefined ? effect.whole() : effect.flipped()
      case 'lie':
        return answersNothing.has(operation) ? (undefined as T) : effect.whole()
      case 'error':
        effect.failed?.()
        throw systemError(fault.code, path, note)
      case 'partial':
        this.#carryOutPart(effect)
        throw systemError(fault.code, path, note)
      case 'power-cut':
        this.#carryOutPart(effect)
        this.#isOff = true
        throw systemError('EIO', path, `the power went during ${operation}, call ${number}`)
    }
  }

  #carryOutPart(effect: Effect<unknown>): void {
    if (effect.part !== undefined) effect.part()
    else if (this.#random() < 0.5) effect.whole()
    else effect.failed?.()
  }
}

/** Even odds alone would hardly ever lose or keep much. */
const SURVIVALS = [0, 0.1, 0.5, 0.9, 1]

const answersNothing: ReadonlySet<DiskOperation> = new Set([
  'write',
  'truncate',
  'sync',
  'rename',
  'unlink',
  'makeDirectory',
  'removeDirectory',
  'syncDirectory',
])
