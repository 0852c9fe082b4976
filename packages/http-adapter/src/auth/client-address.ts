import { isIP } from 'node:net'
import { ipRanges } from '@aquifer/engine'
import type { AdapterRequest } from '../request.js'
import type { HeaderMap } from './request-headers.js'

/** Where a request comes from, as far as those can be believed who passed it on; undefined where nobody knows. */
export type FindClientAddress = (
  request: Pick<AdapterRequest, 'remoteAddress'>,
  headers: HeaderMap,
) => string | undefined

/**
 * Each proxy appends whom it was asked by to `X-Forwarded-For`: read from its end, the first that is no trusted proxy
 * is the client. What stands before it the client may have written itself.
 */
export function createFindClientAddress(trustedProxies: readonly string[] = []): FindClientAddress {
  const isTrusted = ipRanges(trustedProxies)
  return ({ remoteAddress }, headers) => {
    if (remoteAddress === undefined) return undefined
    let client = unmapped(remoteAddress)
    if (!isTrusted(client)) return client
    const forwarded = (headers.get('x-forwarded-for') ?? '').split(',').map((part) => part.trim())
    for (const part of forwarded.reverse()) {
      const address = addressOf(part)
      if (address === undefined) return client
      client = address
      if (!isTrusted(client)) return client
    }
    return client
  }
}

/** Some proxies add the port. */
function addressOf(part: string): string | undefined {
  const address = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/.exec(part)
  const found = address?.[1] ?? address?.[2] ?? part
  return isIP(found) === 0 ? undefined : unmapped(found)
}

/** A socket that listens for both families shows IPv4 addresses so. */
const unmapped = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
