import type { IncomingMessage } from 'node:http'
import { S3Error } from './s3-error.js'

/**
 * What Node's parser lets through, and another on the way might have read differently: where one request ends, or whom
 * it is for. Such a request is refused before anything of it is believed, and its connection closed, since nobody knows
 * what the bytes behind it are.
 */
export function framingFault({
  url = '/',
  httpVersion,
  rawHeaders,
}: Pick<IncomingMessage, 'url' | 'httpVersion' | 'rawHeaders'>): S3Error | undefined {
  let host: string | undefined
  let coding: string | undefined
  let hasLength = false
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    const value = rawHeaders[at + 1]!
    // By their lengths, most headers are none of these.
    if (name.length === 4 && name.toLowerCase() === 'host') {
      if (host !== undefined) return badRequest('A request must name one Host.')
      host = value
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      if (coding !== undefined) return badRequest('A request must name one Transfer-Encoding.')
      coding = value
    } else if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (hasLength) return badRequest('A request must name one Content-Length.')
      hasLength = true
    }
  }
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return badRequest('This server speaks HTTP/1.1.')
  if (host === undefined ? httpVersion === '1.1' : !isHost(host))
    return badRequest('The Host header is missing or not valid.')
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked')
      return new S3Error('NotImplemented', 'The only Transfer-Encoding that is implemented is chunked.')
    if (hasLength) return badRequest('A request must not have both Content-Length and Transfer-Encoding.')
    if (httpVersion === '1.0') return badRequest('There is no Transfer-Encoding in HTTP/1.0.')
  }
  if (url.includes('#')) return new S3Error('InvalidURI', "Couldn't parse the specified URI.")
  // A request line may hold the whole URL. Whom it is for is said twice then.
  if (!url.startsWith('/') && !isOfHost(url, host))
    return badRequest('The URL of the request line and the Host header name different hosts.')
  return undefined
}

const isHost = (host: string): boolean => /^[\w.~%-]+(?::\d*)?$|^\[[\da-fA-F:.]+\](?::\d*)?$/.test(host)

const isOfHost = (url: string, host = ''): boolean =>
  url === '*' || /^https?:\/\/([^/?]*)/i.exec(url)?.[1]?.toLowerCase() === host.toLowerCase()

const badRequest = (message: string): S3Error => new S3Error('BadRequest', message)
