import { Buffer } from 'node:buffer'

/** A version as it stands in the body of a request that carries many. */
export interface ReplicaEntry {
  readonly key: string
  readonly versionId: string
  /** Those that a PUT of it alone would have, one character a byte. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** What is said of one of them: as the answer to a PUT of it alone would say it. */
export interface ReplicaAnswer {
  readonly status: number
  readonly versionId?: string
  readonly code?: string
  readonly message?: string
}

export const replicasContentType = 'application/vnd.aquifer.replicas'

/** The lengths of what follows, each in four bytes: of what is said of the version, as JSON, and of its bytes. */
export function encodeReplica({ key, versionId, headers, body }: ReplicaEntry): [Buffer, Uint8Array] {
  const said = JSON.stringify({ key, versionId, headers })
  const saidBytes = Buffer.byteLength(said)
  const head = Buffer.allocUnsafe(8 + saidBytes)
  head.writeUInt32BE(saidBytes, 0)
  head.writeUInt32BE(body.byteLength, 4)
  head.write(said, 8)
  return [head, body]
}

/** A line for each of so many, in their order; undefined for what is no such answer, or not all of one. */
export function decodeReplicaAnswers(text: string, count: number): readonly ReplicaAnswer[] | undefined {
  const lines = text.replace(/\n$/, '').split('\n')
  if (lines.length !== count) return undefined
  const answers: ReplicaAnswer[] = []
  for (const line of lines) {
    const answer = decodeAnswer(line)
    if (answer === undefined) return undefined
    answers.push(answer)
  }
  return answers
}

function decodeAnswer(line: string): ReplicaAnswer | undefined {
  let said: unknown
  try {
    said = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof said !== 'object' || said === null) return undefined
  const { status, versionId, code, message } = said as Record<keyof ReplicaAnswer, unknown>
  if (!Number.isInteger(status) || (status as number) < 200 || (status as number) > 599) return undefined
  const texts = { versionId, code, message }
  for (const text of Object.values(texts))
    if (text !== undefined && typeof text !== 'string') return undefined
  return { status, ...texts } as ReplicaAnswer
}
