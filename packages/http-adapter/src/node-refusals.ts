import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorDocument, problemOf } from './error-document.js'
import { tooSlow } from './node-body.js'
import { hostId, requestIds } from './request-ids.js'
import { S3Error } from './s3-error.js'

/** An answer to a request that never comes to the handler. */
export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What is refused before it is a request for S3: after it nothing on the connection can be believed. */
export function refusals(): (error: S3Error) => Refusal {
  const nextRequestId = requestIds()
  const ownHostId = hostId()
  return (error) => {
    const requestId = nextRequestId()
    const problem = problemOf(error)
    const body = errorDocument(problem, requestId, ownHostId)
    return {
      status: problem.status,
      body,
      headers: {
        'x-amz-request-id': requestId,
        'x-amz-id-2': ownHostId,
        server: 'Aquifer',
        'content-type': 'application/xml',
        connection: 'close',
        'content-length': String(Buffer.byteLength(body)),
      },
    }
  }
}

/** Lets a server of your own refuse in S3's words what Node refuses by itself: broken requests, unknown expectations. */
export function refuseInS3sWords(server: Server): void {
  const refuse = refusals()
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const { status, headers, body } = refuse(
      new S3Error('ExpectationFailed', 'The only expectation that is understood is 100-continue.'),
    )
    response.writeHead(status, headers).end(body)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const { _httpMessage: answer } = socket as Duplex & { _httpMessage?: ServerResponse | null }
    // Nobody listens any more, or to another answer, into which this one must not be written.
    if (error.code === 'ECONNRESET' || !socket.writable || answer?.headersSent === true) {
      socket.destroy()
      return
    }
    const endsEarly = error.code === 'HPE_INVALID_EOF_STATE' && answer
    const { status, headers, body } = refuse(
      endsEarly ? bodyEndsEarly : (clientErrors[error.code ?? ''] ?? brokenRequest),
    )
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    const date = new Date().toUTCString()
    socket.end(
      `HTTP/1.1 ${status} ${status === 400 ? 'Bad Request' : 'Error'}\r\n${lines.join('')}date: ${date}\r\n\r\n${body}`,
    )
  })
}

const brokenRequest = new S3Error('BadRequest', 'An error occurred when parsing the HTTP request.')
const bodyEndsEarly = new S3Error(
  'IncompleteBody',
  'You did not provide the number of bytes specified by the Content-Length HTTP header',
)
const clientErrors: Readonly<Record<string, S3Error>> = {
  HPE_HEADER_OVERFLOW: new S3Error(
    'RequestHeaderSectionTooLarge',
    'Your request header section exceeds the maximum allowed size.',
  ),
  ERR_HTTP_REQUEST_TIMEOUT: tooSlow,
}
