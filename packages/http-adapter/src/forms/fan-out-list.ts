import type { Retention } from '@aquifer/engine'
import { limits } from '../limits.js'
import { S3Error } from '../s3-error.js'
import { parseDate } from '../wire/dates.js'

/** The field of a form that names the objects to be made of its file. It comes before the file, once or more often. */
export const FAN_OUT_LIST = 'x-minio-fanout-list'

/** One object of a fan-out, as the list has it. Members that are not known are ignored, as AIStor ignores them. */
export interface FanOutEntry {
  readonly key: string
  readonly metadata: Readonly<Record<string, string>>
  readonly tags?: Readonly<Record<string, string>>
  readonly headers: {
    readonly contentType?: string
    readonly contentEncoding?: string
    readonly contentDisposition?: string
    readonly contentLanguage?: string
    readonly cacheControl?: string
    readonly expires?: string
  }
  readonly retention?: Retention
}

const DESCRIPTIVE = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
] as const

/** Names of metadata that mean a header of their own: clients that know no other way send them so. */
const STANDARD: ReadonlyMap<string, keyof FanOutEntry['headers']> = new Map([
  ['content-type', 'contentType'],
  ['content-encoding', 'contentEncoding'],
  ['content-disposition', 'contentDisposition'],
  ['content-language', 'contentLanguage'],
  ['cache-control', 'cacheControl'],
  ['expires', 'expires'],
])

/** Takes in the list as it comes: JSON objects one after the other, which may be cut anywhere between two parts or chunks. */
export class FanOutList {
  readonly #entriesMax: number
  readonly #chunks: Uint8Array[] = []
  #sizeBytes = 0

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax
  }

  /** @throws {@link S3Error} `MalformedPOSTRequest` */
  async take(part: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of part) {
      this.#sizeBytes += chunk.byteLength
      if (this.#sizeBytes > limits.fanOutListMaxBytes)
        throw malformed(`it is longer than ${limits.fanOutListMaxBytes} bytes`)
      this.#chunks.push(chunk.slice()) // Chunks are borrowed.
    }
    this.#chunks.push(NEWLINE)
  }

  /** @throws {@link S3Error} `MalformedPOSTRequest` */
  entries(): FanOutEntry[] {
    const entries: FanOutEntry[] = []
    for (const value of valuesOf(decode(Buffer.concat(this.#chunks)))) {
      if (entries.length === this.#entriesMax) throw malformed(`it has more than ${this.#entriesMax} entries`)
      entries.push(readEntry(value))
    }
    return entries
  }
}

const NEWLINE = Buffer.from('\n')

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw malformed('it is not UTF-8')
  }
}

/** JSON has no way to read one value after another: where an object ends is found by its braces outside of strings. */
function* valuesOf(text: string): Generator<unknown, void, undefined> {
  let at = 0
  for (;;) {
    while (at < text.length && ' \t\r\n'.includes(text[at]!)) at++
    if (at === text.length) return
    const end = endOfObject(text, at)
    try {
      yield JSON.parse(text.slice(at, end))
    } catch (error) {
      if (error instanceof S3Error) throw error
      throw malformed('it is not JSON')
    }
    at = end
  }
}

function endOfObject(text: string, start: number): number {
  if (text[start] !== '{') throw malformed('its entries are JSON objects, one after the other')
  let depth = 0
  let inString = false
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (inString) {
      if (char === '\\') at++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{') depth++
    else if (char === '}' && --depth === 0) return at + 1
  }
  throw malformed('its last entry does not end')
}

function readEntry(value: unknown): FanOutEntry {
  const given = new Map(Object.entries(value as object))
  const headers: Record<string, string> = {}
  const metadata: [string, string][] = []
  for (const [name, text] of textsOf(given.get('metadata'), 'metadata')) {
    const lower = name.toLowerCase()
    const standard = STANDARD.get(lower)
    if (standard !== undefined) headers[standard] = text
    else metadata.push([lower.replace(/^x-amz-meta-/, ''), text])
  }
  for (const name of DESCRIPTIVE) {
    const text = textOf(given.get(name), name)
    if (text !== undefined && text !== '') headers[name] = text
  }
  const tags = given.get('tags')
  const retention = readRetention(given)
  return {
    key: textOf(given.get('key'), 'key') ?? '',
    headers,
    metadata: Object.fromEntries(metadata), // Not by assignment: a name may be __proto__.
    ...(tags == null ? {} : { tags: Object.fromEntries(textsOf(tags, 'tags')) }),
    ...(retention && { retention }),
  }
}

function readRetention(given: ReadonlyMap<string, unknown>): Retention | undefined {
  const mode = textOf(given.get('retention'), 'retention') || undefined
  const until = textOf(given.get('retainUntil'), 'retainUntil') || undefined
  if (mode === undefined && until === undefined) return undefined
  const retainUntil = until === undefined ? undefined : parseDate(until)
  if ((mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') || retainUntil === undefined)
    throw malformed('"retention" is GOVERNANCE or COMPLIANCE, and "retainUntil" a time by RFC 3339')
  return { mode: mode === 'GOVERNANCE' ? 'governance' : 'compliance', retainUntil }
}

function textOf(value: unknown, name: string): string | undefined {
  if (value == null) return undefined
  if (typeof value === 'string') return value
  throw malformed(`"${name}" is a text`)
}

function textsOf(value: unknown, name: string): [string, string][] {
  if (value == null) return []
  const members = typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : undefined
  if (members?.every(([, text]) => typeof text === 'string') !== true)
    throw malformed(`"${name}" is an object of texts`)
  return members as [string, string][]
}

const malformed = (why: string): S3Error =>
  new S3Error('MalformedPOSTRequest', `The list of a fan-out cannot be taken: ${why}.`)
