import type { Address } from './address.js'
import type { Principal } from './auth/principal.js'
import type { Problem } from './error-document.js'
import type { AdapterRequest } from './request.js'

/** What is known of a request once it is answered. */
export interface RequestRecord {
  readonly requestId: string
  readonly method: string
  /** Absent when the request was refused before it was recognised. */
  readonly operation?: string
  readonly bucket: string
  readonly key: string
  readonly status: number
  /** The error document's code. */
  readonly code?: string
  /** Of the body sent. Fewer than promised when the client left or the stored bytes were damaged. */
  readonly bytes: number
  readonly ms: number
  readonly principal?: Principal
  readonly remoteAddress?: string
  /** Why its signature does not match, in lines of text, when {@link S3HandlerOptions.explainSignatures} is set. */
  readonly explanation?: string
  /** What went wrong inside, which the client is not told. */
  readonly error?: unknown
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** What is found out about a request on its way, for whoever answers and logs. */
export interface Trace {
  readonly requestId: string
  readonly startedAt: number
  address?: Address
  operation?: string
  principal?: Principal
  explanation?: string | undefined
}

/** How it was answered. */
export interface Outcome {
  readonly status: number
  readonly bytes: number
  readonly failure?: { readonly problem: Problem; readonly error: unknown } | undefined
  /** What went wrong while the body was sent. */
  readonly error?: unknown
}

export function recordOf(
  { method, remoteAddress, signal }: AdapterRequest,
  { requestId, startedAt, address, operation, principal, explanation }: Trace,
  outcome: Outcome,
): RequestRecord {
  // Nobody was there any more to be answered; 499 is what proxies write then.
  const isGone = signal.aborted
  const problem = isGone ? undefined : outcome.failure?.problem
  // What the client has been told needs no second telling.
  const error = isGone
    ? undefined
    : (outcome.error ?? (problem !== undefined && problem.status >= 500 ? outcome.failure?.error : undefined))
  const record: Writable<RequestRecord> = {
    requestId,
    method,
    bucket: address?.bucket ?? '',
    key: address?.key ?? '',
    status: isGone ? 499 : outcome.status,
    bytes: outcome.bytes,
    ms: performance.now() - startedAt,
  }
  if (operation !== undefined) record.operation = operation
  if (problem !== undefined) record.code = problem.code
  if (principal !== undefined) record.principal = principal
  if (remoteAddress !== undefined) record.remoteAddress = remoteAddress
  if (explanation !== undefined) record.explanation = explanation
  if (error !== undefined) record.error = error
  return record
}
