import type { Bucket, Engine, Part, Upload } from '@aquifer/engine'
import { seededRandom } from '@aquifer/engine/testing'
import { bytesOf, type Piece, pieceMinBytes } from './pieces.js'

/** What an object is made of; nothing where there is none. */
export type Content = readonly Piece[] | null
export type State = Record<string, Content>
/** A step is told of before it is asked for, and again when it is answered. */
export type Told = { readonly walker: number } & (Begun | { readonly end: true })
export interface Begun {
  readonly begin: State
  /** Each key is a change for itself: some may have happened, and others not. */
  readonly apart?: true
}

export interface WalkOptions {
  readonly seed: number
  readonly walker: number
  /** The first id that its pieces may have; the next is this many further. */
  readonly firstPiece: number
  readonly pieceStep: number
  readonly largeBytes: number
  readonly state: State
  tell(told: Told): void
}

const KIB = 1024
const MIB = 1024 * KIB
const KEYS = 8
/** Objects that are made of others would soon be larger than all disks: beyond this they are not added to. */
const LARGE_OBJECTS_MAX = 3
const PIECES_MAX = 40

/** One after the other, random steps over keys of its own; it knows at any time what each has to hold. */
export class Walker {
  readonly #bucket: Bucket
  readonly #options: WalkOptions
  readonly #random: () => number
  readonly #state: State
  readonly #left: Upload[] = []
  #nextPiece: number

  constructor(engine: Engine, options: WalkOptions) {
    this.#bucket = engine.bucket('walk')
    this.#options = options
    this.#random = seededRandom(options.seed * 31 + options.walker)
    this.#state = { ...options.state }
    this.#nextPiece = options.firstPiece + options.walker
  }

  async step(): Promise<void> {
    const key = this.#key()
    const other = this.#key()
    const chance = this.#random()
    if (chance < 0.28) return this.#put(key)
    if (chance < 0.34) return this.#fanOut()
    if (chance < 0.46) return this.#copy(other, key)
    if (chance < 0.6) return this.#append(key)
    if (chance < 0.68) return this.#rename(other, key)
    if (chance < 0.82) return this.#told({ [key]: null }, () => this.#bucket.delete(key))
    if (chance < 0.85) return this.#abortLeft()
    return this.#upload(key)
  }

  async #told<T>(begin: State, act: () => Promise<T>, { apart = false } = {}): Promise<void> {
    const { walker, tell } = this.#options
    tell({ walker, begin, ...(apart && { apart: true as const }) })
    await act()
    Object.assign(this.#state, begin)
    tell({ walker, end: true })
  }

  #put(key: string): Promise<void> {
    const piece = this.#piece()
    return this.#told({ [key]: [piece] }, () => this.#bucket.put(key, bytesOf(piece)))
  }

  #fanOut(): Promise<void> {
    const piece = this.#piece()
    const keys = new Set(Array.from({ length: 1 + Math.floor(this.#random() * KEYS) }, () => this.#key()))
    const begin = Object.fromEntries([...keys].map((key) => [key, [piece]]))
    const targets = [...keys].map((key) => ({ key }))
    const atomic = this.#random() < 0.3
    const write = async () => {
      for (const result of await this.#bucket.fanOut(bytesOf(piece), targets, { atomic }))
        if (result.status === 'rejected') throw result.reason
    }
    return this.#told(begin, write, { apart: !atomic })
  }

  #copy(from: string, key: string): Promise<void> {
    const content = this.#of(from)
    if (content === null || from === key) return this.#put(key)
    return this.#told({ [key]: content }, () => this.#bucket.copy({ key: from }, key))
  }

  #rename(from: string, key: string): Promise<void> {
    const content = this.#of(from)
    if (content === null || from === key) return this.#put(key)
    return this.#told({ [from]: null, [key]: content }, () => this.#bucket.rename({ key: from }, key))
  }

  #append(key: string): Promise<void> {
    const content = this.#of(key) ?? []
    const piece = this.#piece()
    if (this.#isTooLarge([...content, piece])) return this.#put(key)
    return this.#told({ [key]: [...content, piece] }, () => this.#bucket.append(key, bytesOf(piece)))
  }

  async #upload(key: string): Promise<void> {
    const pieces: Piece[] = []
    const parts: Part[] = []
    let upload: Upload | undefined
    await this.#told({}, async () => {
      upload = await this.#bucket.createUpload(key)
    })
    if (upload === undefined) return
    for (let count = 1 + Math.floor(this.#random() * 4); count > 0; count--) {
      const from = this.#key()
      const source = this.#of(from)
      if (source !== null && this.#random() < 0.5 && !this.#isTooLarge([...pieces, ...source])) {
        await this.#copyParts(upload, from, source, parts)
        pieces.push(...source)
      } else {
        const piece = this.#piece()
        if (this.#isTooLarge([...pieces, piece])) continue
        await this.#told({}, async () => parts.push(await upload!.putPart(parts.length + 1, bytesOf(piece))))
        pieces.push(piece)
      }
    }
    const end = this.#random()
    if (end < 0.7 && parts.length > 0) await this.#told({ [key]: pieces }, () => upload!.complete(parts))
    else if (end < 0.9) await this.#told({}, () => upload!.abort())
    else this.#left.push(upload)
  }

  /** All of an object, as one part or as two: what an object borrows, it borrows whole. */
  async #copyParts(upload: Upload, from: string, source: readonly Piece[], parts: Part[]): Promise<void> {
    const sizeBytes = source.reduce((sum, piece) => sum + piece.sizeBytes, 0)
    const cut = this.#random() < 0.5 ? sizeBytes : 1 + Math.floor(this.#random() * (sizeBytes - 1))
    const ranges = [{ offset: 0, length: cut }, ...(cut < sizeBytes ? [{ offset: cut }] : [])]
    for (const range of ranges)
      await this.#told({}, async () =>
        parts.push(await upload.copyPart(parts.length + 1, { key: from, range })),
      )
  }

  async #abortLeft(): Promise<void> {
    const upload = this.#left.shift()
    if (upload !== undefined) await this.#told({}, () => upload.abort())
  }

  #of(key: string): Content {
    return this.#state[key] ?? null
  }

  #key(): string {
    return `walker-${this.#options.walker}/${Math.floor(this.#random() * KEYS)}`
  }

  #isTooLarge(pieces: Content & object): boolean {
    const sizeBytes = pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0)
    return pieces.length > PIECES_MAX || sizeBytes > LARGE_OBJECTS_MAX * this.#options.largeBytes
  }

  #piece(): Piece {
    const id = this.#nextPiece
    this.#nextPiece += this.#options.pieceStep
    const chance = this.#random()
    const sizeMax = chance < 0.68 ? 64 * KIB : chance < 0.985 ? MIB : this.#options.largeBytes
    return { id, sizeBytes: pieceMinBytes + Math.floor(this.#random() * (sizeMax - pieceMinBytes)) }
  }
}
