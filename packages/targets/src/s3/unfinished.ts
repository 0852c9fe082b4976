/** What is noted of a transfer in parts: enough to go on with it after a crash. */
export interface Unfinished {
  readonly uploadId: string
  readonly partSizeBytes: number
  /** Of what was said of the version when it was begun: what has changed since is told afterwards. */
  readonly said: string
  /** When it was begun, by the server's clock, in milliseconds. */
  readonly begunMs?: number
  /** All parts are there, and it was to be completed: the ETag that the object then has. */
  readonly etag?: string
}

/** It was completed: only what has changed of the version meanwhile may still have to be told. */
export interface Taken {
  readonly takenAs: string
}

export const formatNote = (note: Unfinished | Taken): string => JSON.stringify(note)

/** A note that cannot be read is of no use: the transfer begins anew. */
export function readNote(text: string | undefined): Unfinished | Taken | undefined {
  if (text === undefined) return undefined
  let note: Partial<Unfinished & Taken> | null
  try {
    note = JSON.parse(text) as Partial<Unfinished & Taken> | null
  } catch {
    return undefined
  }
  if (typeof note?.takenAs === 'string') return { takenAs: note.takenAs }
  const { uploadId, partSizeBytes, said, begunMs, etag } = note ?? {}
  if (typeof uploadId !== 'string' || typeof said !== 'string') return undefined
  if (!Number.isSafeInteger(partSizeBytes) || partSizeBytes! < 1) return undefined
  return {
    ...{ uploadId, said, partSizeBytes: partSizeBytes! },
    ...(typeof begunMs === 'number' && { begunMs }),
    ...(typeof etag === 'string' && { etag }),
  }
}
