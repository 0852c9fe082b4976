import type { AdapterResponse, S3Handler } from './request.js'

/**
 * The handler for whatever speaks fetch: `Request` in, `Response` out. A `URL` normalises dot segments before we
 * see them, so that keys such as `a/../b` cannot be addressed this way; and there is no `100 Continue`.
 *
 * @param remoteAddressOf Whom a request comes from, where that is known (for trusted proxies and the log).
 */
export function toFetchHandler(
  handler: S3Handler,
  remoteAddressOf?: (request: Request) => string | undefined,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url)
    const remoteAddress = remoteAddressOf?.(request)
    const response = await handler({
      method: request.method,
      rawUrl: url.pathname + url.search,
      rawHeaders: headersOf(request, url),
      body: readBody(request),
      secure: url.protocol === 'https:',
      signal: request.signal,
      ...(remoteAddress === undefined ? {} : { remoteAddress }),
    })
    return new Response(toBody(response), { status: response.status, headers: { ...response.headers } })
  }
}

/** A request that was made in code names its host in the URL alone. */
function headersOf(request: Request, url: URL): [string, string][] {
  const headers = [...request.headers]
  return request.headers.has('host') ? headers : [['host', url.host], ...headers]
}

async function* readBody(request: Request): AsyncGenerator<Uint8Array> {
  if (request.body === null) return
  const reader = request.body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel()
  }
}

function toBody({ status, body }: AdapterResponse): ReadableStream<Uint8Array> | Uint8Array | null {
  if (body === undefined || status === 204 || status === 304) return null
  if (body instanceof Uint8Array) return body
  const source = body[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await source.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await source.return?.()
      },
    },
    // Nothing is read ahead of whoever reads.
    { highWaterMark: 0 },
  )
}
