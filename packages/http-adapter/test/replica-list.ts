/** A version as PutReplicas brings it. */
export interface Brought {
  readonly key: string
  readonly versionId: string
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
}

/** The body of a PutReplicas, written from what the documentation says of it. */
export const listOf = (versions: readonly Brought[]): Buffer =>
  Buffer.concat(
    versions.map(({ bytes, ...head }) => entryOf(Buffer.from(JSON.stringify(head)), Buffer.from(bytes))),
  )

export function entryOf(head: Buffer, bytes: Buffer = Buffer.alloc(0)): Buffer {
  const lengths = Buffer.alloc(8)
  lengths.writeUInt32BE(head.byteLength, 0)
  lengths.writeUInt32BE(bytes.byteLength, 4)
  return Buffer.concat([lengths, head, bytes])
}

export const listHeaders: Readonly<Record<string, string>> = {
  'content-type': 'application/vnd.aquifer.replicas',
  'x-minio-source-replication-request': 'true',
}

/** A line of the answer. */
export interface Line {
  readonly status: number
  readonly versionId?: string
  readonly code?: string
  readonly message?: string
}

export const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
