import type { StoredObject } from '../../contract/object.js'
import type { ServedCall } from './served-call.js'

/** Bodies up to this many bytes cross with the answer, read or not. */
const TOGETHER_BYTES = 64 * 1024
/** Chunks that may be under way to the reader. */
const CHUNKS_AHEAD = 2

/** Answers with an opened object, then gives its bytes as they are asked for. */
export async function sendBytes(call: ServedCall, object: StoredObject): Promise<void> {
  const { id } = call
  const { info, range, part } = object
  const length = range?.length ?? info.sizeBytes
  const facts = { info, ...(range && { range }), ...(part && { part }), length }
  if (length <= TOGETHER_BYTES) {
    const bytes = await object.bytes()
    const isAlone = bytes.byteLength === bytes.buffer.byteLength
    return call.answer(['opened', id, facts, isAlone ? bytes : Uint8Array.from(bytes)])
  }
  call.answer(['opened', id, facts, undefined])
  try {
    if (await call.isWanted()) await sendChunks(call, object)
  } finally {
    await object.close()
  }
  // Also where the reader has left: he is told that nothing is held for him any more.
  call.answer(['end', id])
}

async function sendChunks(call: ServedCall, object: StoredObject): Promise<void> {
  let ahead = 0
  for await (const chunk of object.chunks()) {
    const isLent = chunk.buffer instanceof SharedArrayBuffer
    const bytes = isLent ? chunk : copyOf(chunk)
    call.answer(['chunk', call.id, bytes, isLent], isLent ? [] : [bytes.buffer as ArrayBuffer])
    // What is lent is asked for again only when all of it has been given back.
    for (ahead++; ahead > (isLent ? 0 : CHUNKS_AHEAD - 1); ahead--) if (!(await call.isWanted())) return
  }
}

/** To be moved: the chunk may be part of memory that is used otherwise. */
function copyOf(chunk: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(chunk.byteLength)
  copy.set(chunk)
  return copy
}
