import type { IncomingMessage } from 'node:http'

/** Whether bytes of the request's body may still be on their way. */
export function hasUnreadBody(request: IncomingMessage): boolean {
  if (request.complete && request.readableLength === 0) return false
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  return encoding !== undefined || (length !== undefined && length !== '0')
}

/** Reads and throws away, until the body ends, the client leaves, or enough has been done for politeness. */
export async function drain(
  request: IncomingMessage,
  { maxBytes, maxMs }: { maxBytes: number; maxMs: number },
): Promise<void> {
  if (request.readableEnded || request.destroyed) return
  await new Promise<void>((resolve) => {
    let bytes = 0
    const stop = (): void => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(stop, maxMs)
    request.once('close', stop)
    request.once('end', stop)
    request.on('data', (chunk: Uint8Array) => {
      bytes += chunk.byteLength
      if (bytes > maxBytes) stop()
    })
  })
}
