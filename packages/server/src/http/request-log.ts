import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../log.js'

/**
 * One line when the answer is over. Neither the query nor a header's value is in it: a presigned URL is a
 * password for as long as it lasts.
 */
export function logRequest(log: Log, request: IncomingMessage, response: ServerResponse): void {
  if (!log.isLevelEnabled('error')) return
  const startedAt = performance.now()
  const { socket } = request
  const writtenBefore = socket.bytesWritten
  response.once('close', () => {
    const level = response.statusCode >= 500 ? 'error' : 'info'
    if (!log.isLevelEnabled(level)) return
    log[level](
      {
        requestId: response.getHeader('x-amz-request-id'),
        method: request.method,
        path: pathOf(request.url ?? ''),
        status: response.statusCode,
        sentBytes: socket.bytesWritten - writtenBefore,
        durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
        remoteAddress: socket.remoteAddress,
        // The client left, or the answer could not be given to its end.
        ...(response.writableFinished ? {} : { isCut: true }),
      },
      'request',
    )
  })
}

const pathOf = (url: string): string => {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}
