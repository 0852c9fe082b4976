import { corsHeaders } from '../cors/cors-headers.js'
import { findCorsRule } from '../cors/find-rule.js'
import { corsRulesOf } from '../cors/rules-of.js'
import { limits } from '../limits.js'
import type { Call, Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'

/** A browser's question, without credentials, whether a page of another origin may do what it wants to. */
export const preflight: Operation = async (call) => {
  const { engine, target, headers, settings, signal } = call
  const origin = headers.get('origin')
  const method = headers.get('access-control-request-method')
  if (origin === undefined)
    throw new S3Error('BadRequest', 'Insufficient information. Origin request header needed.')
  if (!/^(?:GET|PUT|POST|DELETE|HEAD)$/.test(method ?? ''))
    throw new S3Error('BadRequest', `Invalid Access-Control-Request-Method: ${method ?? 'null'}`)
  const { rules, hasBucket } = await corsRulesOf(engine, target.bucket, settings.corsOrigins, signal)
  if (rules.length === 0)
    throw forbidden(call, hasBucket ? 'CORS is not enabled for this bucket.' : 'Bucket not found')
  const requestHeaders = readRequestHeaders(headers.get('access-control-request-headers'))
  const match =
    requestHeaders.length > limits.corsRequestHeadersMax
      ? undefined
      : findCorsRule(rules, { origin, method: method!, requestHeaders })
  if (match === undefined) throw forbidden(call, notAllowed)
  return {
    status: 200,
    headers: {
      ...corsHeaders(origin, match),
      ...(requestHeaders.length === 0 ? {} : { 'access-control-allow-headers': requestHeaders.join(', ') }),
    },
  }
}

const readRequestHeaders = (list = ''): string[] => [
  ...new Set(
    list
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== ''),
  ),
]

// The spelling is S3's.
const notAllowed =
  "This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."

const forbidden = ({ headers, target }: Call, why: string): S3Error =>
  new S3Error('AccessForbidden', `CORSResponse: ${why}`, {
    Method: headers.get('access-control-request-method')!,
    ResourceType: target.key === '' ? 'BUCKET' : 'OBJECT',
  })
