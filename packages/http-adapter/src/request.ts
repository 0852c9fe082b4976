/** A request as the adapter sees it, whoever carries it: a Node server, a fetch handler, a test. */
export interface AdapterRequest {
  readonly method: string
  /** Path and query exactly as sent: signatures are over these bytes. */
  readonly rawUrl: string
  /** In order of arrival, names as sent, values as latin1 text (one character a byte). */
  readonly rawHeaders: readonly (readonly [name: string, value: string])[]
  /** Read at most once. Reading it early is wrong: the client may be waiting for `100 Continue`. */
  readonly body: AsyncIterable<Uint8Array>
  /**
   * The whole body in place of `body`, where all its bytes are here already: that spares a small upload all waiting.
   * Where it answers undefined, nothing was read.
   *
   * @param sizeBytes How many there are, as the request says.
   */
  findWholeBody?(sizeBytes: number): Uint8Array | undefined
  readonly secure: boolean
  readonly remoteAddress?: string
  /**
   * Whether whoever carries the answer is done with each chunk of its body when he asks for the next, or leaves. A
   * chunk's memory may then be used again, which keeps memory low for large objects. @defaultValue false
   */
  readonly borrowsChunks?: boolean
  /** Fires when the client has gone. */
  readonly signal: AbortSignal
}

/**
 * An answer, for whoever carries the request to send. The request's body may be unread by then: the carrier drains
 * it or closes the connection.
 */
export interface AdapterResponse {
  readonly status: number
  /** Names in lower case; values are latin1 text. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * Absent where there is none, as for HEAD. A stream is iterated to its end, or its iterator's `return` called:
   * that is what lets go of the stored object. It throws when the stored bytes are damaged, and the connection must
   * then be cut, since the length is already promised.
   */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>
}

export type S3Handler = (request: AdapterRequest) => Promise<AdapterResponse>
