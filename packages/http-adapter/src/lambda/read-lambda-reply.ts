import { timingSafeEqual } from 'node:crypto'
import type { Reply } from '../operation.js'
import { FunctionError, S3Error } from '../s3-error.js'
import type { Lambda, LambdaEvent, LambdaReply } from './lambda.js'

const FORWARDED = 'x-amz-fwd-header-'
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
/** Of the connection, or the server's own. */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'server',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-amz-id-2',
  'x-amz-request-id',
])

/**
 * What the reader gets of a function's answer. Source: AIStor's documentation of Object Lambda; S3 API Reference,
 * WriteGetObjectResponse.
 *
 * @throws {@link S3Error} `InvalidRequest` where it is an answer to something else, `InvalidToken`,
 * `LambdaFunctionStatusError`; the function's own error where it tells one.
 */
export function readLambdaReply(reply: LambdaReply, event: LambdaEvent, { echoes = true }: Lambda): Reply {
  if (echoes) checkEchoes(reply, event)
  const status = statusOf(reply)
  const headers = forwardedHeaders(reply)
  if (status >= 400) throw functionError(reply, status, headers)
  return { status, headers, ...(reply.body === null ? {} : { body: reply.body }) }
}

function checkEchoes({ headers }: LambdaReply, { getObjectContext }: LambdaEvent): void {
  if (headers.get('x-amz-request-route') !== getObjectContext.outputRoute)
    throw new S3Error('InvalidRequest', "The function's answer does not carry the route of this request.")
  const expected = Buffer.from(getObjectContext.outputToken)
  const token = Buffer.from(headers.get('x-amz-request-token') ?? '')
  if (token.byteLength !== expected.byteLength || !timingSafeEqual(token, expected))
    throw new S3Error('InvalidToken', "The function's answer does not carry the token of this request.")
}

/** The function's own status, or the one that it wants forwarded. Those below 200 end no answer. */
function statusOf({ status, headers }: LambdaReply): number {
  const forwarded = headers.get('x-amz-fwd-status')
  if (forwarded === null) return status
  if (/^[2-5]\d\d$/.test(forwarded)) return Number(forwarded)
  throw new S3Error('LambdaFunctionStatusError', 'The function wants a status that is none forwarded.')
}

function forwardedHeaders({ headers }: LambdaReply): Record<string, string> {
  const forwarded: Record<string, string> = {}
  const contentType = headers.get('content-type')
  if (contentType !== null) forwarded['content-type'] = contentType
  headers.forEach((value, name) => {
    const lower = name.toLowerCase()
    if (!lower.startsWith(FORWARDED)) return
    const header = lower.slice(FORWARDED.length)
    if (NOT_FORWARDED.has(header)) return
    if (!TOKEN.test(header) || /[^\t\x20-\x7e\x80-\xff]/.test(value))
      throw new S3Error(
        'InvalidRequest',
        `The function wants a header forwarded that cannot be one: "${header}".`,
      )
    forwarded[header] = value
  })
  forwarded['content-type'] ??= 'application/octet-stream'
  return forwarded
}

/** A function that answers with an error says which: else its reader could not tell it from one of the store. */
function functionError(
  { headers }: LambdaReply,
  status: number,
  { 'content-type': _, ...forwarded }: Record<string, string>,
): Error {
  const code = headers.get('x-amz-fwd-error-code')
  const message = headers.get('x-amz-fwd-error-message')
  if (code === null || code === '' || message === null)
    return new S3Error(
      'InvalidRequest',
      message ?? 'The function answered with an error and did not say which.',
    )
  return new FunctionError(code, message, status, forwarded)
}
