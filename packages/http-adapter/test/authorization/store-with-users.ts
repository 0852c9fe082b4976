import { randomBytes } from 'node:crypto'
import {
  createS3Handler,
  identityCredentials,
  type S3Handler,
  type S3HandlerOptions,
} from '@aquifer/http-adapter'
import { EXAMPLE, type Message } from '../auth/requests.js'
import { openEngine, type TestEngine } from '../open-engine.js'
import { type Signer, signMessage, type ToSign } from '../signing-client.js'

export const HOST = 's3.test:9000'
export const now = Date.UTC(2026, 10, 23, 12)
const root: Signer = { accessKeyId: 'ROOT', secretAccessKey: 'root-secret' }
const rootIdentity = {
  kind: 'root',
  id: 'root-id',
  name: 'root',
  displayName: 'root',
  accessKeyId: 'ROOT',
} as const

export interface Statement {
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: object
}

export interface Said {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly code: string | undefined
}

export const arn = (what: string): string => `arn:aws:s3:::${what}`
export const document = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements })

/** A handler over an engine in memory with one user, alice, whose key is that of the published examples, and root. */
export class StoreWithUsers implements AsyncDisposable {
  readonly engine: TestEngine
  readonly handler: S3Handler

  private constructor(engine: TestEngine, handler: S3Handler) {
    this.engine = engine
    this.handler = handler
  }

  static async open(options: Partial<S3HandlerOptions> = {}): Promise<StoreWithUsers> {
    const engine = await openEngine({ sealingKey: randomBytes(32), background: false })
    await engine.identities.policies.add('test', document(nothing))
    await engine.identities.users.add('alice', { accessKey: EXAMPLE, policies: ['test'] })
    const handler = createS3Handler(engine, {
      now: () => now,
      credentials: identityCredentials(engine.identities, {
        findCredentials: (id) =>
          id === root.accessKeyId
            ? { ...root, ownerId: 'root-id', displayName: 'root', identity: rootIdentity }
            : undefined,
      }),
      owner: { id: 'root-id', displayName: 'root' },
      ...options,
    })
    return new StoreWithUsers(engine, handler)
  }

  /** What alice may do, and nothing else. */
  async allow(...statements: readonly Statement[]): Promise<void> {
    await this.engine.identities.policies.replace(
      'test',
      document(...(statements.length === 0 ? [nothing] : statements)),
    )
  }

  /** What the bucket's policy says, of everybody if it does not say of whom. */
  async bucketPolicy(...statements: readonly (Statement & { Principal?: unknown })[]): Promise<void> {
    const text =
      statements.length === 0 ? undefined : document(...statements.map((one) => ({ Principal: '*', ...one })))
    await this.engine.bucket('bucket').setConfiguration('policy', text)
  }

  async ask(
    method: string,
    path: string,
    { signer = EXAMPLE, ...what }: Partial<ToSign> & { readonly signer?: Signer } = {},
  ): Promise<Said> {
    return this.say(
      signMessage(signer, {
        form: 'header',
        payload: 'hashed',
        method,
        host: HOST,
        date: new Date(now),
        ...splitQuery(path),
        ...what,
      }),
    )
  }

  /** Without any signature. */
  async askAnonymously(
    method: string,
    rawUrl: string,
    headers: Readonly<Record<string, string>> = {},
    body = '',
  ): Promise<Said> {
    return this.say({
      method,
      rawUrl,
      headers: [
        ['host', HOST],
        ['content-length', String(Buffer.byteLength(body))],
        ...Object.entries(headers),
      ],
      frames: [Buffer.from(body)],
    })
  }

  async say({ method, rawUrl, headers, frames, remoteAddress }: Message): Promise<Said> {
    const answer = await this.handler({
      method,
      rawUrl,
      rawHeaders: headers,
      body: (async function* () {
        yield* frames
      })(),
      secure: false,
      signal: new AbortController().signal,
      ...(remoteAddress === undefined ? {} : { remoteAddress }),
    })
    const chunks: Uint8Array[] = []
    if (answer.body instanceof Uint8Array) chunks.push(answer.body)
    else if (answer.body !== undefined)
      for await (const chunk of answer.body) chunks.push(Uint8Array.from(chunk))
    const text = Buffer.concat(chunks).toString()
    return { status: answer.status, headers: answer.headers, text, code: /<Code>(.*?)</.exec(text)?.[1] }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close()
  }
}

/** A policy must say something. */
const nothing: Statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: arn('nobodys/thing') }

function splitQuery(path: string): Pick<ToSign, 'path' | 'query'> {
  const [before = '', query = ''] = path.split('?')
  return {
    path: before,
    query: query
      .split('&')
      .filter(Boolean)
      .map((pair) => {
        const [name = '', value = ''] = pair.split('=')
        return [decodeURIComponent(name), decodeURIComponent(value)]
      }),
  }
}
