import { randomBytes } from 'node:crypto'
import type { EngineOptions } from '@aquifer/engine'
import {
  type AdapterRequest,
  createS3Handler,
  type Principal,
  type S3Handler,
  type S3HandlerOptions,
} from '@aquifer/http-adapter'
import { openEngine, type TestEngine } from './open-engine.js'

export const owner: Principal = {
  anonymous: false,
  accessKeyId: 'KEY',
  ownerId: 'owner-id',
  displayName: 'owner',
}

export interface Asked {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** The bytes come without their number, as in a chunked request. */
  readonly isUnsized?: boolean
}

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Buffer
  readonly text: string
  /** Of an error document. */
  readonly code: string | undefined
}

/** The handler over an engine in memory, asked without sockets and without signatures. */
export class S3InMemory implements AsyncDisposable {
  readonly engine: TestEngine
  readonly handler: S3Handler

  private constructor(engine: TestEngine, handler: S3Handler) {
    this.engine = engine
    this.handler = handler
  }

  static async open(
    options: Partial<S3HandlerOptions> = {},
    engineOptions: EngineOptions = {},
  ): Promise<S3InMemory> {
    const engine = await openEngine({ sealingKey: randomBytes(32), ...engineOptions })
    const handler = createS3Handler(engine, {
      owner: { id: owner.ownerId, displayName: owner.displayName },
      ...(options.credentials === undefined ? { authenticate: () => owner } : {}),
      ...options,
    })
    return new S3InMemory(engine, handler)
  }

  async ask(
    method: string,
    rawUrl: string,
    { headers = {}, body, isUnsized }: Asked = {},
  ): Promise<Answered> {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    const sent = Object.entries({ host: 's3.test:9000', ...headers })
    if (bytes !== undefined && isUnsized !== true && headers['content-length'] === undefined)
      sent.push(['Content-Length', String(bytes.byteLength)])
    return this.carry({
      method,
      rawUrl,
      rawHeaders: sent,
      body: once(bytes),
      secure: false,
      signal: new AbortController().signal,
    })
  }

  async carry(request: AdapterRequest): Promise<Answered> {
    const response = await this.handler(request)
    const chunks: Uint8Array[] = []
    if (response.body instanceof Uint8Array) chunks.push(response.body)
    else if (response.body !== undefined) for await (const chunk of response.body) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    const text = bytes.toString()
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      text,
      code: /<Error>.*<Code>(.*?)<\/Code>/s.exec(text)?.[1],
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close()
  }
}

async function* once(bytes: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  if (bytes !== undefined) yield bytes
}

/** The text of every element of this name, in order. */
export const texts = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map((match) => match[1]!)
