import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LeastRateGuard } from './least-rate.js'
import { S3Error } from './s3-error.js'

/**
 * The bytes of a request. Reading begins by telling a waiting client to send. Leaving early keeps the connection, for
 * the answer; so does a client that is too slow, which is an error here.
 */
export async function* readBody(
  request: IncomingMessage,
  response: ServerResponse,
  guard: LeastRateGuard | undefined,
): AsyncGenerator<Uint8Array> {
  if (awaitsContinue(request, response)) response.writeContinue()
  const chunks = request.iterator({ destroyOnReturn: false })
  let isTooSlow = false
  let stopWaiting: (reason: S3Error) => void = () => {}
  const exchange = guard?.begin(() => {
    isTooSlow = true
    stopWaiting(tooSlow)
  })
  try {
    for (;;) {
      exchange?.wait()
      const { done, value } = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        stopWaiting = reject
        chunks.next().then(resolve, reject)
      })
      if (done === true) break
      exchange?.moved(value.byteLength)
      yield value
    }
  } finally {
    exchange?.end()
    const left = chunks.return?.().catch(() => {})
    // What a silent client was asked for last may never come.
    if (!isTooSlow) await left
  }
  // A connection that breaks ends the stream like a body does.
  if (!request.complete) throw new S3Error('IncompleteBody', 'The request body was not sent to its end.')
}

/** All of the body, where it came together with the request's head, as small ones mostly do. */
export function findWholeBody(request: IncomingMessage, sizeBytes: number): Uint8Array | undefined {
  if (request.readableDidRead || sizeBytes === 0 || request.readableLength !== sizeBytes) return undefined
  const whole: Uint8Array = request.read()
  request.resume() // Nothing is left to come but its end.
  return whole
}

/** Whether `100 Continue` is still owed: a server without a `checkContinue` listener has said it itself. */
export function awaitsContinue(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.headers.expect?.toLowerCase() !== '100-continue') return false
  return (response as ServerResponse & { _sent100?: boolean })._sent100 !== true
}

export const tooSlow = new S3Error(
  'RequestTimeout',
  'Your socket connection to the server was not read from or written to within the timeout period.',
  {},
  { connection: 'close' },
)
