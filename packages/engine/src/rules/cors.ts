import type { CorsRule } from '../contract/cors.js'
import { EngineError } from '../errors.js'
import { limits } from '../limits.js'

const METHODS: ReadonlySet<string> = new Set(['GET', 'PUT', 'POST', 'DELETE', 'HEAD'])
/** What a header's name is made of (RFC 9110 §5.1). Anything else would break the answer that carries it. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const ORIGIN = /^[\x21-\x7e]+$/

/**
 * What rules for other origins may be. Source: S3 API Reference, PutBucketCors; S3 User Guide, "Elements of a CORS
 * configuration".
 *
 * @throws {@link EngineError} `InvalidRequest`
 */
export function checkCors(rules: readonly CorsRule[]): void {
  if (rules.length > limits.corsRulesMax)
    throw invalid(`The number of CORS rules should not exceed allowed limit of ${limits.corsRulesMax} rules.`)
  for (const rule of rules) checkRule(rule)
  if (Buffer.byteLength(JSON.stringify(rules)) > limits.corsMaxBytes)
    throw invalid(`The CORS rules together must not exceed ${limits.corsMaxBytes} bytes.`)
}

function checkRule(rule: CorsRule): void {
  const { id = '', allowedOrigins, allowedMethods, allowedHeaders = [], exposeHeaders = [] } = rule
  if (id.length > limits.corsIdMaxChars)
    throw invalid(`The ID of a CORS rule must not exceed ${limits.corsIdMaxChars} characters.`)
  if (allowedOrigins.length === 0 || allowedMethods.length === 0)
    throw invalid('A CORS rule needs at least one AllowedOrigin and one AllowedMethod.')
  for (const method of allowedMethods)
    if (!METHODS.has(method))
      throw invalid(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`)
  for (const origin of allowedOrigins) checkPattern('AllowedOrigin', origin, ORIGIN)
  for (const name of allowedHeaders) checkPattern('AllowedHeader', name, NAME)
  for (const name of exposeHeaders) {
    if (name.includes('*'))
      throw invalid(
        `ExposeHeader "${name}" contains wildcard. We currently do not support wildcard for ExposeHeader.`,
      )
    if (!NAME.test(name)) throw invalid(`ExposeHeader "${name}" is not the name of a header.`)
  }
  checkMaxAge(rule.maxAgeSeconds)
}

function checkPattern(element: string, pattern: string, form: RegExp): void {
  if (pattern.indexOf('*') !== pattern.lastIndexOf('*'))
    throw invalid(`${element} "${pattern}" can not have more than one wildcard.`)
  if (!form.test(pattern)) throw invalid(`${element} "${pattern}" is not valid.`)
}

function checkMaxAge(seconds: number | undefined): void {
  if (seconds === undefined || (Number.isSafeInteger(seconds) && seconds >= 0)) return
  throw invalid('MaxAgeSeconds must be a whole number of seconds.')
}

const invalid = (reason: string): EngineError => new EngineError('InvalidRequest', reason, { reason })
