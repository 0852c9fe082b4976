import { createHash } from 'node:crypto'
import { type RemoteBucket, ReplicationError } from '@aquifer/engine'
import type { OutgoingCalls, OutgoingRequest, OutgoingResponse } from '../outgoing/outgoing-calls.js'
import { OutgoingError } from '../outgoing/outgoing-error.js'
import { escapeUri, queryText, signRequest } from '../signing/sign-request.js'
import { findText } from './xml.js'

/** No answer that is read here is longer, nor is more of one kept. */
const ANSWER_MAX_BYTES = 64 * 1024
const EXCERPT_CHARS = 200

export interface StreamedBody {
  readonly sizeBytes: number
  /** Reads anew. */
  open(): AsyncIterable<Uint8Array>
}

export interface S3Request {
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'POST' | 'PUT'
  /** @defaultValue the bucket itself is meant */
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | StreamedBody
  readonly signal: AbortSignal
  readonly idleTimeoutMs?: number
  /** No more is read of the answer. @defaultValue 65536 */
  readonly answerMaxBytes?: number
}

export interface S3Answer {
  readonly status: number
  readonly headers: Headers
  /** As far as it was read. */
  readonly text: string
  /** S3's word for what was wrong, where the answer has it. */
  readonly code?: string
  readonly message?: string
  /** What was asked, where, and what was answered: for people. */
  readonly told: string
}

interface AnswerOfOne {
  readonly status: number
  readonly versionId?: string
  readonly code?: string
  readonly message?: string
}

export interface S3ConnectionOptions {
  readonly calls: OutgoingCalls
  /** How long a server may be silent. @defaultValue 30000 */
  readonly idleTimeoutMs?: number | undefined
  /** How long an answer may take from its beginning to its end. @defaultValue 600000 */
  readonly answerTimeoutMs?: number | undefined
}

/** Signed requests to a bucket of a server that speaks S3. */
export class S3Connection {
  readonly remote: RemoteBucket
  readonly #calls: OutgoingCalls
  readonly #idleTimeoutMs: number
  readonly #answerTimeoutMs: number
  readonly #origin: string
  readonly #host: string
  readonly #prefix: string

  /** @throws {@link ReplicationError} `Unreachable` for what is no endpoint, or none that calls go to. */
  constructor(
    remote: RemoteBucket,
    { calls, idleTimeoutMs = 30_000, answerTimeoutMs = 600_000 }: S3ConnectionOptions,
  ) {
    this.remote = remote
    this.#calls = calls
    this.#idleTimeoutMs = idleTimeoutMs
    this.#answerTimeoutMs = answerTimeoutMs
    const url = endpointOf(remote, calls)
    const isVirtual = remote.addressing === 'virtual-host'
    this.#host = isVirtual ? `${remote.bucket}.${url.host}` : url.host
    this.#origin = `${url.protocol}//${this.#host}`
    this.#prefix = isVirtual ? '' : `/${escapeUri(remote.bucket)}`
  }

  get place(): string {
    return `bucket "${this.remote.bucket}" at ${this.remote.endpoint}`
  }

  /** The path of a key, escaped as it is sent. */
  pathOf(key: string): string {
    return `${this.#prefix}/${key.split('/').map(escapeUri).join('/')}`
  }

  /** Whatever is answered. @throws {@link ReplicationError} `Unreachable`; what the body throws; an `AbortError` */
  async ask(request: S3Request): Promise<S3Answer> {
    const { method, key, query = {}, signal, idleTimeoutMs = this.#idleTimeoutMs } = request
    const { region = 'us-east-1' } = this.remote
    const { body, signed, sizeBytes } = bodyOf(request)
    const path = key === undefined ? this.#prefix || '/' : this.pathOf(key)
    const text = queryText(query)
    const toSign = {
      ...{ method, host: this.#host, path, query, body: signed },
      headers: request.headers ?? {},
    }
    const headers = {
      ...signRequest(toSign, this.remote, { region, now: new Date() }),
      ...(method === 'PUT' || method === 'POST' ? { 'content-length': String(sizeBytes) } : {}),
      'user-agent': 'Aquifer',
    }
    const target = text === '' ? path : `${path}?${text}`
    const what = this.#whatIsAsked(request)
    const options = { method, target, headers, signal, idleTimeoutMs, ...(body && { body }) }
    const response = await this.#calls.request(this.#origin, options).catch((error: unknown) => {
      if (!(error instanceof OutgoingError)) throw error
      throw new ReplicationError('Unreachable', error.message, { cause: error })
    })
    try {
      const deadline = performance.now() + this.#answerTimeoutMs
      const text = await readStart(response, deadline, request.answerMaxBytes ?? ANSWER_MAX_BYTES)
      return readAnswer(response, what, text)
    } catch (error) {
      signal.throwIfAborted()
      const why = `${what} was answered ${response.status}, and the answer broke off: ${(error as Error).message}.`
      throw new ReplicationError('Unreachable', why, { cause: error })
    }
  }

  /** What one of many, that went in one request, was answered. */
  answerTo(request: S3Request, { status, versionId, code, message }: AnswerOfOne): S3Answer {
    const headers = new Headers(versionId === undefined ? {} : { 'x-amz-version-id': versionId })
    const said = { status, headers, text: '', ...(code && { code }), ...(message && { message }) }
    return { ...said, told: tell(this.#whatIsAsked(request), said) }
  }

  #whatIsAsked({ method, key }: S3Request): string {
    return `${method} ${key === undefined ? 'of the' : `${JSON.stringify(key)} in`} ${this.place}`
  }
}

function endpointOf({ endpoint, bucket }: RemoteBucket, calls: OutgoingCalls): URL {
  let url: URL
  try {
    url = calls.checkUrl(endpoint)
  } catch (error) {
    throw new ReplicationError('Unreachable', (error as Error).message, { cause: error })
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw new ReplicationError(
      'Unreachable',
      `"${endpoint}" is no endpoint: it has more than scheme, host and port.`,
    )
  if (!/^[A-Za-z0-9][A-Za-z0-9._:-]*$/.test(bucket))
    throw new ReplicationError('NoSuchBucket', `"${bucket}" is no name of a bucket.`)
  return url
}

/** Small bodies are vouched for by the signature; that of a stream would have to be known before it is sent. */
function bodyOf({ body }: S3Request): {
  readonly body: OutgoingRequest['body']
  readonly signed: Uint8Array | 'unsigned'
  readonly sizeBytes: number
} {
  if (body === undefined || body instanceof Uint8Array)
    return { body, signed: body ?? new Uint8Array(0), sizeBytes: body?.byteLength ?? 0 }
  return { body: () => exactly(body), signed: 'unsigned', sizeBytes: body.sizeBytes }
}

/** A body of another length than was announced would leave the server waiting, or be cut off unseen. */
async function* exactly({ sizeBytes, open }: StreamedBody): AsyncGenerator<Uint8Array> {
  let seen = 0
  for await (const chunk of open()) {
    seen += chunk.byteLength
    if (seen > sizeBytes) break
    yield chunk
  }
  if (seen !== sizeBytes)
    throw new Error(`What was to be sent has not the ${sizeBytes} bytes that it is said to have.`)
}

function readAnswer({ status, headers }: OutgoingResponse, what: string, text: string): S3Answer {
  const isRefusal = status >= 300 || /<(?:\w+:)?Error[\s>]/.test(text.slice(0, 1_000))
  const code = isRefusal ? findText(text, 'Code') : undefined
  const message = isRefusal ? findText(text, 'Message') : undefined
  const said = { status, headers, text, ...(code && { code }), ...(message && { message }) }
  return { ...said, told: tell(what, said) }
}

function tell(what: string, { status, code, message }: Omit<S3Answer, 'told'>): string {
  const said = [code, message?.slice(0, EXCERPT_CHARS).replace(/\.+$/, '')].filter(Boolean).join(': ')
  return `${what} was answered ${status}${said === '' ? '' : ` ${said}`}`
}

/** As far as it is read. A longer answer is not taken to its end, however long the server goes on. */
async function readStart(response: OutgoingResponse, deadline: number, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let left = maxBytes
  for await (const chunk of response.body) {
    if (performance.now() > deadline) throw new Error('it did not come to its end')
    chunks.push(chunk.subarray(0, left))
    left -= chunk.byteLength
    // Who refuses a body that is still coming may wait for the rest of it before the answer ends.
    const isTold = !response.headers.has('content-length') && Buffer.from(chunk).includes('</Error>')
    if (left > 0 && !isTold) continue
    response.discard()
    break
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** What S3 wants with some documents, and takes with any body. */
export const contentMd5 = (body: Uint8Array): Record<string, string> => ({
  'content-md5': createHash('md5').update(body).digest('base64'),
})
