import type { ReadableStream } from 'node:stream/web'

/** Anything that yields bytes. A Node `Readable` is an `AsyncIterable`. Read once, at the pace the disk allows. */
export type ByteSource = Uint8Array | Blob | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>

/** Every waiting method takes a signal; a stopped one rejects with an error whose `name` is `AbortError`. */
export interface Cancel {
  signal?: AbortSignal
}

/** A stretch of an object: from an offset (to the end when `length` is absent), or the last `suffix` bytes. */
export type ByteRange = { offset: number; length?: number } | { suffix: number }
