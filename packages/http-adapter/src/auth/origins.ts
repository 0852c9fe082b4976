import { ipRanges } from '@aquifer/engine'
import type { AdapterRequest } from '../request.js'
import { S3Error } from '../s3-error.js'
import type { HeaderMap } from './request-headers.js'
import { readTarget } from './request-target.js'

/** A host and the start of the path under which the client may have known, and so signed, this request. */
export interface Origin {
  readonly host: string
  readonly pathPrefix: string
}

export interface OriginSettings {
  readonly publicUrl?: string
  readonly trustedProxies?: readonly string[]
  readonly basePath?: string
}

export interface Origins {
  /** The likeliest first. */
  readonly candidates: readonly [Origin, ...Origin[]]
  readonly secure: boolean
}

export type FindOrigins = (
  request: Pick<AdapterRequest, 'remoteAddress' | 'secure'>,
  headers: HeaderMap,
) => Origins

/**
 * The origins to try, the likeliest first: what a trusted proxy says it was asked for, the Host received, the public
 * URL. The one that verifies is also the one to address the bucket by: were the signature checked for one host and
 * the bucket taken from another, a signature for one bucket would open the other.
 */
export function createFindOrigins(settings: OriginSettings): FindOrigins {
  const isTrusted = ipRanges(settings.trustedProxies ?? [])
  const known =
    settings.publicUrl === undefined ? undefined : publicOrigin(settings.publicUrl, settings.basePath ?? '')
  return (request, headers) => {
    const host = headers.get('host') ?? ''
    if (host.includes(',')) throw new S3Error('InvalidRequest', 'The request has more than one Host header.')
    const trusted = isTrusted(request.remoteAddress ?? '')
    // As for most.
    if (!trusted && known === undefined)
      return { candidates: [{ host, pathPrefix: '' }], secure: request.secure }
    const hosts = trusted ? [...forwardedHosts(headers), host] : [host]
    const candidates = hosts.map((name) => ({
      host: name,
      pathPrefix: name.toLowerCase() === known?.host ? known.pathPrefix : '',
    }))
    if (known !== undefined) candidates.push(known)
    const [first, ...others] = candidates
    return {
      candidates: [first!, ...others.filter((other, at) => !sameBefore(candidates, other, at + 1))],
      secure: (trusted ? forwardedSecure(headers) : undefined) ?? request.secure,
    }
  }
}

const sameBefore = (origins: readonly Origin[], { host, pathPrefix }: Origin, end: number): boolean =>
  origins.slice(0, end).some((other) => other.host === host && other.pathPrefix === pathPrefix)

function forwardedSecure(headers: HeaderMap): boolean | undefined {
  const protocol = firstOf(headers.get('x-forwarded-proto'))?.toLowerCase()
  return protocol ? protocol === 'https' : undefined
}

/** Each proxy of a chain appends its own; the first is what the client asked for. */
const firstOf = (list: string | undefined): string | undefined => list?.split(',', 1)[0]?.trim()

function forwardedHosts(headers: HeaderMap): string[] {
  const host = firstOf(headers.get('x-forwarded-host'))
  if (!host) return []
  const port = firstOf(headers.get('x-forwarded-port'))
  return port === undefined || /:\d+$/.test(host) || !/^\d{1,5}$/.test(port)
    ? [host]
    : [host, `${host}:${port}`]
}

/** What a proxy strips is the public path without the base path that is still on the request. */
function publicOrigin(publicUrl: string, basePath: string): Origin {
  const { host, pathname } = new URL(publicUrl)
  const path = withoutEndSlash(readTarget(pathname).canonicalPath)
  const base = withoutEndSlash(basePath)
  return { host, pathPrefix: path.endsWith(base) ? path.slice(0, path.length - base.length) : path }
}

const withoutEndSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path)
