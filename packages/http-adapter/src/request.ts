/** A request as the adapter sees it, whoever carries it: a Node server, a fetch handler, a test. */
export interface AdapterRequest {
  readonly method: string
  /** Path and query exactly as sent: signatures are over these bytes. */
  readonly rawUrl: string
  /** In order of arrival, names as sent, values as latin1 text (one character a byte). */
  readonly rawHeaders: readonly (readonly [name: string, value: string])[]
  /** Read at most once. Reading it early is wrong: the client may be waiting for `100 Continue`. */
  readonly body: AsyncIterable<Uint8Array>
  readonly secure: boolean
  readonly remoteAddress?: string
  /** Fires when the client has gone. */
  readonly signal: AbortSignal
}

export interface AdapterResponse {
  readonly status: number
  /** Names in lower case; values are latin1 text. */
  readonly headers: Record<string, string>
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>
  /** True when the request's body may be unread: the connection cannot be used again. */
  readonly close?: boolean
}
