import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { limits } from '../limits.js'
import { invalidArgument, S3Error } from '../s3-error.js'

/** The part whose bytes are the upload. What comes behind it is ignored. */
export const FILE = 'file'

export type FormField = readonly [name: string, value: string]

/** A part that is too large to be held: its bytes are read where they are wanted. */
export interface StreamedPart {
  /** In lower case. */
  readonly name: string
  /** As the client gave it, with the path that some put before it; empty where it gave none. */
  readonly filename: string
  /**
   * May be read once. Those of the file end only when all of the body has been read and was closed as it should be, so
   * that a write which commits at their end commits nothing that was cut off.
   */
  readonly bytes: AsyncIterable<Uint8Array>
}

interface OpenPart extends StreamedPart {
  /** What has come and is not taken yet: no more than a chunk or two of the body held. */
  readonly queue: Uint8Array[]
  readonly ended: Promise<void>
  isEnded: boolean
}

/**
 * Reads a `multipart/form-data` body as far as is asked for and no further: one chunk of it goes to the parser, and what
 * comes of that is taken before the next. Fields are held, within bounds; parts that are named as streamed pass by.
 */
export class FormReader implements AsyncDisposable {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #parser: BusboyInstance
  readonly #finished: Promise<void>
  readonly #fields: FormField[] = []
  readonly #parts: OpenPart[] = []
  #taken = 0
  #file: OpenPart | undefined
  #problem: S3Error | undefined
  #isOver = false
  #fieldBytes = 0
  /** Of the body, before the first streamed part and behind the file. */
  #asideBytes = 0

  /**
   * @param streamed Names, in lower case, of the parts that pass by. `file` must be one.
   * @throws {@link S3Error} `MalformedPOSTRequest` for a content type without a boundary.
   */
  constructor(
    body: AsyncIterable<Uint8Array>,
    contentType: string,
    streamed: ReadonlySet<string> = new Set([FILE]),
  ) {
    this.#parser = createParser(contentType, streamed)
    this.#source = body[Symbol.asyncIterator]()
    this.#finished = new Promise((resolve) => {
      this.#parser.once('finish', resolve)
      this.#parser.on('error', () => {
        this.#refuse(malformedForm())
        resolve()
      })
    })
    this.#parser.on('field', (name, value, _isNameCut, isCut) => this.#takeField(name, value, isCut))
    this.#parser.on('file', (name, stream, filename) => this.#takePart(name, stream, filename))
    this.#parser.on('partsLimit', () => this.#refuse(malformedForm()))
  }

  /**
   * The fields before the first streamed part, in order, names in lower case.
   *
   * @throws {@link S3Error} `MalformedPOSTRequest`, `MaxPostPreDataLengthExceeded`
   */
  async readFields(): Promise<readonly FormField[]> {
    while (this.#parts.length === 0 && !this.#isOver) await this.#feed()
    return this.#fields
  }

  /** The next streamed part, once the one before it has been read; `undefined`: there is no other. */
  async nextPart(): Promise<StreamedPart | undefined> {
    while (this.#parts.length === this.#taken && !this.#isOver) await this.#feed()
    return this.#parts[this.#taken++]
  }

  /** Nothing more is read: whoever answers the request is free to throw the rest away. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await this.#source.return?.()
  }

  /** Gives the parser one more chunk, or tells it that there is none. */
  async #feed(): Promise<void> {
    const { done, value } = await this.#source.next()
    if (done === true) {
      this.#isOver = true
      this.#parser.end()
      await this.#finished
      if (this.#problem === undefined) await Promise.all(this.#parts.map(({ ended }) => ended))
    } else {
      const isBehind = this.#file?.isEnded === true
      await new Promise<void>((resolve) => this.#parser.write(value, () => resolve()))
      if (isBehind || this.#parts.length === 0) this.#countAside(value.byteLength)
    }
    if (this.#problem !== undefined) throw this.#problem
  }

  #countAside(sizeBytes: number): void {
    this.#asideBytes += sizeBytes
    if (this.#asideBytes <= limits.formAsideMaxBytes) return
    this.#refuse(this.#file === undefined ? tooMuchBeforeFile() : malformedForm())
  }

  #takeField(name: string | undefined, value: string, isCut: boolean): void {
    if (this.#file !== undefined) return
    // A field that came after a list, say, would have been taken for granted by whoever checked the fields.
    const isLate = this.#parts.length > 0
    // The parser puts U+FFFD where bytes are no UTF-8. Nothing is to be stored under a name that nobody sent.
    if (name === undefined || isLate || `${name}${value}`.includes('\ufffd')) {
      this.#refuse(malformedForm())
      return
    }
    this.#fieldBytes += Buffer.byteLength(name) + Buffer.byteLength(value)
    if (isCut || this.#fieldBytes > limits.formFieldsMaxBytes) this.#refuse(tooMuchBeforeFile())
    else this.#fields.push([name.toLowerCase(), value])
  }

  #takePart(givenName: string, stream: NodeJS.ReadableStream, filename = ''): void {
    const name = givenName.toLowerCase()
    if (this.#file !== undefined) {
      stream.resume()
      this.#refuse(notOneFile(2))
      return
    }
    let end: () => void = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const part: OpenPart = {
      name,
      filename,
      queue: [],
      ended,
      isEnded: false,
      bytes: { [Symbol.asyncIterator]: () => this.#read(part) },
    }
    this.#parts.push(part)
    if (name === FILE) this.#file = part
    stream.on('data', (chunk: Uint8Array) => part.queue.push(chunk))
    stream.on('end', () => {
      part.isEnded = true
      end()
    })
    // The parser tells of it as well.
    stream.on('error', end)
  }

  async *#read(part: OpenPart): AsyncGenerator<Uint8Array> {
    try {
      while (!part.isEnded || part.queue.length > 0) {
        const chunk = part.queue.shift()
        if (chunk === undefined) await this.#feed()
        else yield chunk
      }
      if (part === this.#file) while (!this.#isOver) await this.#feed()
    } finally {
      if (part === this.#file) await this[Symbol.asyncDispose]()
    }
  }

  /** The first that is found counts. It is thrown where the body is read. */
  #refuse(problem: S3Error): void {
    this.#problem ??= problem
  }
}

function createParser(contentType: string, streamed: ReadonlySet<string>): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      preservePath: true,
      isPartAFile: (name) => streamed.has((name ?? '').toLowerCase()),
      limits: {
        fieldSize: limits.formFieldsMaxBytes,
        parts: limits.formPartsMax,
        headerPairs: limits.formPartHeadersMax,
        headerSize: limits.formPartHeaderMaxBytes,
      },
    })
  } catch {
    // It has no boundary, or one that is none.
    throw malformedForm()
  }
}

export const malformedForm = (): S3Error =>
  new S3Error('MalformedPOSTRequest', 'The body of your POST request is not well-formed multipart/form-data.')

// The spelling is S3's.
const tooMuchBeforeFile = (): S3Error =>
  new S3Error(
    'MaxPostPreDataLengthExceeded',
    'Your POST request fields preceeding the upload file was too large.',
    { MaxPostPreDataLengthBytes: String(limits.formFieldsMaxBytes) },
  )

export const notOneFile = (count: number): S3Error =>
  invalidArgument('POST requires exactly one file upload per request.', FILE, String(count))
