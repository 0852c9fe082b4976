import type { OpenedPayload, Payload, PayloadMode } from '../auth/authenticate.js'
import { limits } from '../limits.js'
import { readBytes, tooLong } from '../wire/read-bytes.js'
import { readTagElements } from '../wire/tagging.js'
import { parseXml, type XmlElement } from '../wire/xml-in.js'
import { readable } from './context-values.js'
import { daysUntil } from './remaining-days.js'

type Values = ReadonlyMap<string, readonly string[]>

/** A document whose contents policies may ask for. */
export interface DocumentKind {
  readonly roots: readonly string[]
  readonly maxBytes: number
  /** Whether a condition key is answered by it. */
  readonly answers: (key: string) => boolean
  readonly read: (
    document: XmlElement,
    now: number,
  ) => readonly (readonly [key: string, value: string | undefined])[]
}

/**
 * The body of a request that is decided by what it holds. It is read before the decision only where a policy asks for
 * that, and then kept for the operation: to everybody else the client is not even told to send it.
 */
export class KeptDocument implements Payload {
  readonly mode: PayloadMode
  readonly sizeBytes?: number
  readonly trailerName?: string
  readonly #payload: Payload
  readonly #kind: DocumentKind
  readonly #now: () => number
  #kept: Promise<{ readonly bytes: Uint8Array; readonly opened: OpenedPayload }> | undefined

  constructor(payload: Payload, kind: DocumentKind, now: () => number) {
    this.mode = payload.mode
    if (payload.sizeBytes !== undefined) this.sizeBytes = payload.sizeBytes
    if (payload.trailerName !== undefined) this.trailerName = payload.trailerName
    this.#payload = payload
    this.#kind = kind
    this.#now = now
  }

  isAskedBy(keys: ReadonlySet<string>): boolean {
    return [...keys].some((key) => this.#kind.answers(key))
  }

  async context(): Promise<Values> {
    this.#kept ??= this.#keep()
    const { bytes } = await this.#kept
    const document = readable(() => parseXml(bytes, this.#kind.roots))
    const found = document && readable(() => this.#kind.read(document, this.#now()))
    const values = new Map<string, string[]>()
    for (const [key, value] of found ?? []) {
      if (value === undefined) continue
      const former = values.get(key)
      if (former === undefined) values.set(key, [value])
      else former.push(value)
    }
    return values
  }

  async #keep() {
    const { maxBytes } = this.#kind
    if ((this.sizeBytes ?? 0) > maxBytes) throw tooLong(maxBytes)
    const opened = this.#payload.open()
    return { bytes: await readBytes(opened.body, maxBytes), opened }
  }

  openUnverified(): OpenedPayload {
    return this.open()
  }

  open(): OpenedPayload {
    if (this.#kept === undefined) return this.#payload.open()
    const kept = this.#kept
    async function* body(): AsyncGenerator<Uint8Array> {
      yield (await kept).bytes
    }
    const trailers = kept.then(({ opened }) => opened.trailers ?? {})
    // Whoever reads the body learns of its failure there.
    trailers.catch(() => {})
    return {
      body: body(),
      ...(this.sizeBytes === undefined ? {} : { sizeBytes: this.sizeBytes }),
      ...(this.trailerName === undefined ? {} : { trailers }),
    }
  }
}

const isLockKey = (key: string): boolean => key.startsWith('s3:object-lock-')
const isTagKey = (key: string): boolean => key.startsWith('s3:requestobjecttag')

export const retentionDocument: DocumentKind = {
  roots: ['Retention'],
  maxBytes: limits.lockXmlMaxBytes,
  answers: isLockKey,
  read: (document, now) => {
    const until = document.textOf('RetainUntilDate')
    return [
      ['s3:object-lock-mode', document.textOf('Mode')],
      ['s3:object-lock-retain-until-date', until],
      ['s3:object-lock-remaining-retention-days', daysUntil(until, now)],
    ]
  },
}

export const legalHoldDocument: DocumentKind = {
  roots: ['LegalHold', 'ObjectLockLegalHold'],
  maxBytes: limits.lockXmlMaxBytes,
  answers: isLockKey,
  read: (document) => [['s3:object-lock-legal-hold', document.textOf('Status')]],
}

export const taggingDocument: DocumentKind = {
  roots: ['Tagging'],
  maxBytes: limits.taggingMaxBytes,
  answers: isTagKey,
  read: (document) =>
    Object.entries(readTagElements(document.find('TagSet')?.all('Tag') ?? [])).flatMap(([name, value]) => [
      ['s3:requestobjecttagkeys', name],
      [`s3:requestobjecttag/${name}`, value],
    ]),
}

/** Where a bucket is to be. Without a word of it, in the region of the server. */
export const createBucketDocument: DocumentKind = {
  roots: ['CreateBucketConfiguration'],
  maxBytes: limits.xmlMaxBytes,
  answers: (key) => key === 's3:locationconstraint',
  read: (document) => [['s3:locationconstraint', document.textOf('LocationConstraint') || undefined]],
}
