import { createHash } from 'node:crypto'
import type { Retention, Tags } from '@aquifer/engine'
import { Ledger } from './ledger.js'
import type { Outcome, Side, Written } from './side.js'

export interface TrafficOptions {
  /** So few that both stores meet on them. */
  readonly keys: number
  /** Beyond so many versions more are removed than made. */
  readonly versions: number
  readonly smallBytesMax: number
  /** Of what now and then is written in parts; 0: nothing is. */
  readonly largeBytes: number
}

interface Known {
  readonly key: string
  readonly versionId: string
}

/** How often each is asked, of all that is. */
const weights = {
  put: 300,
  putInParts: 1,
  putDeleteMarker: 60,
  removeVersion: 200,
  setTags: 160,
  setLegalHold: 140,
  setRetention: 90,
}
type Verb = keyof typeof weights

const weightSum = Object.values(weights).reduce((sum, weight) => sum + weight, 0)

/** Clients of both stores who write, change and remove the same versions, and the ledger of what they were told. */
export class Traffic {
  readonly ledger = new Ledger()
  readonly #options: TrafficOptions
  readonly #random: () => number
  /** Versions that may be there still, in no order. */
  readonly #known: Known[] = []
  #token = 0

  constructor(random: () => number, options: TrafficOptions) {
    this.#random = random
    this.#options = options
  }

  /** One thing asked of a store, and written down. */
  async step(side: Side): Promise<void> {
    const verb = this.#pickVerb()
    const target = this.#known[this.#below(this.#known.length)]
    const beganMs = Date.now()
    if (verb === 'put' || verb === 'putInParts' || target === undefined) {
      await this.#write(side, verb === 'putInParts' ? verb : 'put', beganMs)
    } else if (verb === 'putDeleteMarker') {
      const key = this.#pickKey()
      const outcome = await side.putDeleteMarker(key)
      this.ledger.written(side.name, beganMs, { key }, outcome)
      this.#know(key, outcome)
    } else await this.#change(side, verb, target, beganMs)
  }

  async #write(side: Side, verb: 'put' | 'putInParts', beganMs: number): Promise<void> {
    const key = this.#pickKey()
    const written = this.#newVersion(verb === 'put' ? this.#smallSize() : this.#options.largeBytes)
    const outcome = await side[verb](key, written)
    const sha256 = createHash('sha256').update(written.bytes).digest('hex')
    this.ledger.written(side.name, beganMs, { key, sha256, ...written }, outcome)
    this.#know(key, outcome)
  }

  async #change(
    side: Side,
    verb: Exclude<Verb, 'put' | 'putInParts' | 'putDeleteMarker'>,
    { key, versionId }: Known,
    beganMs: number,
  ): Promise<void> {
    const { ledger } = this
    if (verb === 'setTags') {
      const tags = this.#newTags()
      ledger.tagged(side.name, beganMs, versionId, tags, await side.setTags(key, versionId, tags))
    } else if (verb === 'setLegalHold') {
      const on = this.#random() < 0.35
      ledger.held(side.name, beganMs, versionId, on, await side.setLegalHold(key, versionId, on))
    } else if (verb === 'setRetention') {
      const retention = this.#newRetention()
      const outcome = await side.setRetention(key, versionId, retention)
      ledger.retained(side.name, beganMs, versionId, retention, outcome)
    } else {
      const outcome = await side.removeVersion(key, versionId)
      ledger.removal(side.name, beganMs, versionId, outcome)
      if (outcome.is === 'done') this.#forget(versionId)
    }
  }

  #pickVerb(): Verb {
    const isCrowded = this.#known.length > this.#options.versions
    if (isCrowded && this.#random() < 0.25) return 'removeVersion'
    let at = this.#random() * weightSum
    const found = (Object.keys(weights) as Verb[]).find((verb) => {
      at -= weights[verb]
      return at < 0
    })!
    return found === 'putInParts' && this.#options.largeBytes === 0 ? 'put' : found
  }

  #know(key: string, outcome: Outcome): void {
    if (outcome.is === 'done') this.#known.push({ key, versionId: outcome.versionId! })
  }

  /** Now and then it goes on to be asked for, as something that was removed. */
  #forget(versionId: string): void {
    if (this.#random() < 0.05 && this.#known.length <= this.#options.versions) return
    const at = this.#known.findIndex((known) => known.versionId === versionId)
    if (at >= 0) this.#known[at] = this.#known.at(-1)!
    if (at >= 0) this.#known.pop()
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count)
  }

  #pickKey(): string {
    return `folder ${this.#below(3)}/key ${this.#below(this.#options.keys)}`
  }

  /** Mostly a few bytes; to be told apart by them, each has some. */
  #smallSize(): number {
    return this.#random() < 0.05 ? 0 : Math.floor(this.#random() ** 8 * this.#options.smallBytesMax)
  }

  #newVersion(sizeBytes: number): Written {
    const token = ++this.#token
    const lock = this.#random()
    return {
      bytes: Buffer.alloc(sizeBytes, `${token}.`),
      metadata: { token: String(token), ...(this.#random() < 0.2 && { note: 'größer als zuvor' }) },
      tags: this.#random() < 0.3 ? this.#newTags() : {},
      ...(lock < 0.05 && { retention: this.#newRetention() }),
      ...(lock > 0.97 && { legalHold: true }),
    }
  }

  #newTags(): Tags {
    const names = ['colour', 'größe', 'of what'].slice(this.#below(4))
    return Object.fromEntries(names.map((name) => [name, `value ${++this.#token}`]))
  }

  /** Whole seconds, as S3's dates are written by some. COMPLIANCE is short, but for a few. */
  #newRetention(): Retention {
    const kind = this.#random()
    const seconds = kind < 0.4 ? 1 + this.#below(8) : kind < 0.42 ? 86_400 : 1 + this.#below(3_600)
    const retainUntil = new Date((Math.ceil(Date.now() / 1_000) + seconds) * 1_000)
    return { mode: kind < 0.42 ? 'compliance' : 'governance', retainUntil }
  }
}
