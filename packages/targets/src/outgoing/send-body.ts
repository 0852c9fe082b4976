import type { ClientRequest } from 'node:http'
import type { IdleTimer } from './idle-timer.js'

/** What goes out in one piece: that each is taken shows that a slow line moves. */
const PIECE_MAX_BYTES = 64 * 1024

/**
 * Sends a body to its end, or until nobody wants the rest. A chunk is asked for only when the one before has left this process,
 * for its memory may be used again then; how long the body lets wait is not counted as the server's silence.
 */
export async function sendBody(
  call: ClientRequest,
  body: AsyncIterable<Uint8Array>,
  { idle, isWanted }: { idle: IdleTimer; isWanted: () => boolean },
): Promise<void> {
  idle.stop()
  for await (const chunk of body) {
    for (let at = 0; at < chunk.byteLength; at += PIECE_MAX_BYTES) {
      if (!isWanted()) return
      idle.restart()
      await write(call, chunk.subarray(at, at + PIECE_MAX_BYTES))
    }
    idle.stop()
  }
  if (!isWanted()) return
  idle.restart()
  call.end()
}

function write(call: ClientRequest, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(new Error('the connection was closed'))
    if (call.destroyed) return closed()
    call.once('close', closed)
    call.write(piece, (error) => {
      call.off('close', closed)
      if (error) reject(error)
      else resolve()
    })
  })
}
