import type { Principal } from '../auth/principal.js'
import { limits } from '../limits.js'
import { notImplementedHeader, S3Error } from '../s3-error.js'
import { parseRfc3339 } from '../wire/dates.js'
import { writeTaggingHeader } from '../wire/tagging.js'
import { headerText } from './form-headers.js'

/** The field of a form that names the objects to be made of its file. It comes before the file, once or more often. */
export const FAN_OUT_LIST = 'x-minio-fanout-list'

/** One object of a fan-out, as the list has it. Members that are not known are ignored, as AIStor ignores them. */
export interface FanOutEntry {
  readonly key: string
  /** What it says of its object, by the names that headers of a PUT have for it; texts are as they stand in the list. */
  readonly fields: ReadonlyMap<string, string>
}

/**
 * The headers that a PUT of this object alone would have: those of the form, but for what the entry says otherwise. So an
 * entry is read, allowed, refused and honoured as any other upload is.
 *
 * @throws {@link S3Error} `InvalidArgument`, `NotImplemented`
 */
export function headersOfEntry(
  { fields }: FanOutEntry,
  ofForm: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const headers = new Map(ofForm)
  for (const [name, text] of fields) {
    if (RESERVED.test(name) && !HONOURED.test(name)) throw notImplementedHeader(name)
    headers.set(name, headerText(name, text))
  }
  return headers
}

const HONOURED =
  /^x-amz-(?:meta-.|tagging$|storage-class$|website-redirect-location$|object-lock-(?:mode|retain-until-date)$)/

const DESCRIPTIVE = [
  ['contentType', 'content-type'],
  ['contentEncoding', 'content-encoding'],
  ['contentDisposition', 'content-disposition'],
  ['contentLanguage', 'content-language'],
  ['cacheControl', 'cache-control'],
] as const

/** Names of metadata that mean a header of their own: clients that know no other way send them so. */
const STANDARD: ReadonlySet<string> = new Set([...DESCRIPTIVE.map(([, header]) => header), 'expires'])
const RESERVED = /^x-(?:amz|minio)-/

/**
 * The list is no part of what was signed: whoever has the form may have written it. It is taken only where the form is
 * good for one key, which says that it was not made for people to upload what they like.
 *
 * @throws {@link S3Error} `AccessDenied`
 */
export function checkTakesList({ anonymous }: Principal, isKeyPinned: boolean): void {
  if (anonymous) throw new S3Error('AccessDenied', 'A fan-out is signed by somebody.')
  if (!isKeyPinned)
    throw new S3Error(
      'AccessDenied',
      "A form with a fan-out list has a policy whose condition on 'key' is eq.",
    )
}

/** Takes in the list as it comes: JSON objects one after the other, cut into chunks anywhere, into parts between two. */
export class FanOutList {
  readonly #entriesMax: number
  readonly #beforeAny: () => void
  readonly #chunks: Uint8Array[] = []
  #sizeBytes = 0

  /** @param beforeAny Called before the first bytes are held. An empty list is none. */
  constructor(entriesMax: number, beforeAny: () => void = () => {}) {
    this.#entriesMax = entriesMax
    this.#beforeAny = beforeAny
  }

  /** @throws {@link S3Error} `MalformedPOSTRequest` */
  async take(part: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of part) {
      if (this.#sizeBytes === 0 && chunk.byteLength > 0) this.#beforeAny()
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
  const fields = new Map<string, string>()
  for (const [name, text] of textsOf(given.get('metadata'), 'metadata')) {
    const lower = name.toLowerCase()
    fields.set(STANDARD.has(lower) || RESERVED.test(lower) ? lower : `x-amz-meta-${lower}`, text)
  }
  for (const [name, header] of DESCRIPTIVE) {
    const text = textOf(given.get(name), name)
    if (text !== undefined && text !== '') fields.set(header, text)
  }
  const tags = given.get('tags')
  if (tags != null) fields.set('x-amz-tagging', writeTaggingHeader(Object.fromEntries(textsOf(tags, 'tags'))))
  const mode = textOf(given.get('retention'), 'retention') || undefined
  const until = textOf(given.get('retainUntil'), 'retainUntil') || undefined
  if (mode !== undefined || until !== undefined) {
    const retainUntil = until === undefined ? undefined : parseRfc3339(until)
    if ((mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') || retainUntil === undefined)
      throw malformed('"retention" is GOVERNANCE or COMPLIANCE, and "retainUntil" a time by RFC 3339')
    fields.set('x-amz-object-lock-mode', mode)
    fields.set('x-amz-object-lock-retain-until-date', retainUntil.toISOString())
  }
  return { key: textOf(given.get('key'), 'key') ?? '', fields }
}

function textOf(value: unknown, name: string): string | undefined {
  if (value == null) return undefined
  if (isText(value)) return value
  throw malformed(`"${name}" is a text`)
}

function textsOf(value: unknown, name: string): [string, string][] {
  if (value == null) return []
  const members = typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : undefined
  if (members?.every((member) => member.every(isText)) !== true)
    throw malformed(`"${name}" is an object of texts`)
  return members as [string, string][]
}

/** JSON can write half of a character, which no header, tag or key can hold. */
const isText = (value: unknown): value is string => typeof value === 'string' && !/\p{Surrogate}/u.test(value)

const malformed = (why: string): S3Error =>
  new S3Error('MalformedPOSTRequest', `The list of a fan-out cannot be taken: ${why}.`)
