import type { OpenEngine } from '@aquifer/engine'
import { type Address, readAddress } from '../address.js'
import { createFindOrigins, type OriginSettings } from '../auth/origins.js'
import { readHeaders } from '../auth/request-headers.js'
import type { AdapterRequest } from '../request.js'
import type { Settings } from '../settings.js'
import { corsHeaders } from './cors-headers.js'
import { findCorsRule } from './find-rule.js'
import { checkCorsOrigins, corsRulesOf } from './rules-of.js'

type Headers = Readonly<Record<string, string>>

/** Names of headers that every answer has. */
const always = ['x-amz-request-id', 'x-amz-id-2', 'date']

/** Every answer may be another to another origin, so that a cache must not give one page the answer to another. */
const varied: Headers = { vary: 'Origin' }

/**
 * What is added to an answer, whatever it is, for the page that asked: without it a browser hides even an error from
 * the page, and calls it a network failure.
 *
 * @param address Absent when the request was refused before it was read.
 * @param headers The answer's own.
 */
export type AnswerOrigin = (
  request: AdapterRequest,
  address: Address | undefined,
  headers: Headers | undefined,
) => Promise<Headers>

/** @throws {TypeError} for an origin with more than one `*`. */
export function createAnswerOrigin(
  engine: OpenEngine,
  settings: Settings,
  originSettings: OriginSettings,
): AnswerOrigin {
  checkCorsOrigins(settings.corsOrigins)
  const findOrigins = createFindOrigins(originSettings)

  const addressOf = (request: AdapterRequest): Address => {
    const { candidates } = findOrigins(request, readHeaders(request.rawHeaders))
    return readAddress(request.rawUrl, candidates[0].host, settings)
  }

  return async (request, address, headers = {}) => {
    const origin = originOf(request)
    // Whoever asked a preflight question has the answer in it.
    if (origin === undefined || request.method === 'OPTIONS') return varied
    try {
      const { bucket } = address ?? addressOf(request)
      const { rules } = await corsRulesOf(engine, bucket, settings.corsOrigins, request.signal)
      const match = findCorsRule(rules, { origin, method: request.method })
      if (match === undefined) return varied
      return corsHeaders(origin, match, [...always, ...Object.keys(headers)])
    } catch {
      // The answer stands. Where nothing can be found out about its bucket, no other origin is let in.
      return varied
    }
  }
}

/** By hand, since most requests have none and all are asked. */
function originOf({ rawHeaders }: AdapterRequest): string | undefined {
  for (const [name, value] of rawHeaders)
    if (name.length === 6 && name.toLowerCase() === 'origin') return value
  return undefined
}
