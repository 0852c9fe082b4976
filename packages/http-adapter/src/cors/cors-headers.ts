import type { CorsMatch } from './find-rule.js'
import type { AppliedRule } from './rules-of.js'

type Headers = Readonly<Record<string, string>>

/**
 * What tells a browser what a page may do. An origin that was named, in whole or by a pattern, may also send
 * credentials; one that is anybody's may not. Source: S3 API Reference, OPTIONS object.
 *
 * @param exposable Names of the answer's headers, where a rule exposes them all.
 */
export function corsHeaders(
  origin: string,
  { rule, allowedOrigin }: CorsMatch<AppliedRule>,
  exposable: readonly string[] = [],
): Headers {
  const isAnybody = allowedOrigin === '*'
  const exposed = rule.exposesAll ? exposable : (rule.exposeHeaders ?? [])
  return {
    'access-control-allow-origin': isAnybody ? '*' : origin,
    'access-control-allow-methods': rule.allowedMethods.join(', '),
    ...(exposed.length === 0 ? {} : { 'access-control-expose-headers': exposed.join(', ') }),
    ...(rule.maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(rule.maxAgeSeconds) }),
    ...(isAnybody ? {} : { 'access-control-allow-credentials': 'true' }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  }
}
