import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { ObjectInfo, OutgoingVersion, RemoteBucket, ReplicationTarget } from '@aquifer/engine'
import { OutgoingCalls, type S3ConnectionOptions, s3ReplicationTargets } from '@aquifer/targets'

export interface Got {
  readonly method: string
  /** As it was sent. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export type Script = (got: Got, response: ServerResponse, request: IncomingMessage) => void

export interface FakeS3 {
  readonly target: ReplicationTarget
  /** Everything that was asked, in order. */
  readonly got: Got[]
  readonly remote: RemoteBucket
}

type Timeouts = Pick<S3ConnectionOptions, 'idleTimeoutMs' | 'answerTimeoutMs'>

/** A server that answers as a script says, and a target that calls it. */
export async function fakeS3(
  t: TestContext,
  script: Script,
  { idleTimeoutMs = 5_000, answerTimeoutMs, ...given }: Partial<RemoteBucket> & Timeouts = {},
): Promise<FakeS3> {
  const got: Got[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    try {
      for await (const chunk of request) chunks.push(chunk)
    } catch {
      return // Whoever asked has left.
    }
    const asked = {
      ...{ method: request.method!, url: request.url!, body: Buffer.concat(chunks) },
      headers: request.headers as Record<string, string>,
    }
    got.push(asked)
    script(asked, response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const calls = new OutgoingCalls({ allowed: ['127.0.0.1'] })
  const remote: RemoteBucket = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ bucket: 'copies', accessKeyId: 'AKIA', secretAccessKey: 'secret', ...given },
  }
  const target = s3ReplicationTargets({ calls, idleTimeoutMs, answerTimeoutMs })(remote)
  t.after(async () => {
    await target.close?.()
    calls.close()
    server.closeAllConnections()
    server.close()
  })
  return { target, got, remote }
}

/** Whether it is the question what the bucket is like, which comes before anything else. */
export const isHead = ({ method, url }: Got): boolean => method === 'HEAD' && url === '/copies'

/** Answers that question as an Aquifer does, has no version unless its script says so, and the rest by the script. */
export const asAquifer =
  (script: Script, { tellsVersions = false, takesReplicas = false } = {}): Script =>
  (got, response, request) => {
    if (isHead(got))
      response
        .writeHead(200, {
          'x-aquifer-keeps-version-ids': 'true',
          ...(takesReplicas && { 'x-aquifer-takes-replicas': 'true' }),
        })
        .end()
    else if (got.method === 'HEAD' && !tellsVersions) response.writeHead(404).end()
    else script(got, response, request)
  }

export const asPlain =
  (script: Script): Script =>
  (got, response, request) => {
    if (isHead(got)) response.end()
    else script(got, response, request)
  }

export const refuse = (response: ServerResponse, status: number, code: string, message = ''): void => {
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`)
}

export const versionId = '018f00000000abcdef00000000000001'

export function version(
  body: Uint8Array,
  { info, ...given }: Partial<Omit<OutgoingVersion, 'info'>> & { readonly info?: Partial<ObjectInfo> } = {},
): OutgoingVersion {
  return {
    ...{ key: 'a/b', versionId, tags: {}, changed: {} },
    info: {
      ...{ key: 'a/b', versionId, isDeleteMarker: false, etag: 'e', sizeBytes: body.byteLength },
      ...{ lastModified: new Date('2026-01-02T03:04:05.678Z'), metadata: {}, tagCount: 0, checksums: {} },
      ...info,
    },
    async *open(range) {
      const { offset = 0, length = body.byteLength } = (range ?? {}) as { offset?: number; length?: number }
      const end = Math.min(offset + length, body.byteLength)
      for (let at = offset; at < end; at += 50_000) yield body.subarray(at, Math.min(at + 50_000, end))
    },
    note: async () => {},
    ...given,
  }
}
