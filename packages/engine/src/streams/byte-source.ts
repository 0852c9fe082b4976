import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { isUint8Array } from 'node:util/types'
import type { ByteSource } from '../contract/source.js'
import { abortError } from './abort.js'

/**
 * One form for every source of bytes. Read to its end, left early, failed or aborted: the source is closed.
 * A signal ends a wait at once, even if the source stays silent for ever. Ask for it as soon as the source is
 * at hand: until then nobody listens to a stream, and its error would end the process.
 *
 * @throws TypeError (at the first chunk that is no `Uint8Array`, or here if the source yields no chunks at all).
 */
export function toAsyncIterable(source: ByteSource, signal?: AbortSignal): SourceReader {
  if (source instanceof SourceReader) return source
  return new SourceReader(open(source), signal)
}

interface Origin {
  pull(): Promise<IteratorResult<unknown>>
  close(): Promise<unknown>
}

export class SourceReader implements AsyncIterableIterator<Uint8Array, undefined>, Disposable {
  readonly #origin: Origin
  readonly #signal: AbortSignal | undefined
  #state: 'open' | 'ended' | 'aborted' = 'open'
  /** Ends the wait for the chunk that was asked for. */
  #interrupt: ((error: Error) => void) | undefined

  constructor(origin: Origin, signal: AbortSignal | undefined) {
    this.#origin = origin
    this.#signal = signal
    signal?.addEventListener('abort', this.#onAbort)
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#state === 'ended') return { done: true, value: undefined }
    // Never an end: who reads would take what came so far for the whole.
    if (this.#signal?.aborted) {
      this.#onAbort()
      throw abortError(this.#signal)
    }
    let result: IteratorResult<unknown>
    try {
      result = await this.#pull()
    } catch (error) {
      if (this.#state === 'open') this.#end()
      throw error
    }
    if (result.done === true) {
      this.#end()
      return { done: true, value: undefined }
    }
    if (isUint8Array(result.value)) return { done: false, value: result.value }
    this.#abandon()
    throw new TypeError(`A source of bytes yields Uint8Array, not ${nameOf(result.value)}.`)
  }

  /** Closes the source, read or not. */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#state === 'open') {
      this.#end()
      await this.#origin.close()
    }
    return { done: true, value: undefined }
  }

  /** Closes a source that was not read to its end, and does not wait for it. */
  [Symbol.dispose](): void {
    if (this.#state === 'open') this.#abandon()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #pull(): Promise<IteratorResult<unknown>> {
    const pulled = this.#origin.pull()
    if (this.#signal === undefined) return pulled
    // Not a race against one lasting promise: that would remember every chunk it ever raced with.
    return new Promise((resolve, reject) => {
      this.#interrupt = reject
      pulled.then(resolve, reject)
    })
  }

  readonly #onAbort = (): void => {
    if (this.#state !== 'open') return
    this.#interrupt?.(abortError(this.#signal!))
    this.#abandon()
    this.#state = 'aborted'
  }

  #end(): void {
    this.#state = 'ended'
    this.#signal?.removeEventListener('abort', this.#onAbort)
  }

  /** Closes the source without waiting for it: it may never answer, and its failure would hide the reason. */
  #abandon(): void {
    this.#end()
    this.#origin.close().catch(() => {})
  }
}

function open(source: ByteSource): Origin {
  if (isUint8Array(source)) return ofBytes(source)
  if (source instanceof Readable) return ofReadable(source)
  if (source instanceof Blob) return ofWebStream(source.stream() as ReadableStream<Uint8Array>)
  if (isWebStream(source)) return ofWebStream(source)
  const iterable = source as Partial<AsyncIterable<unknown>> | null | undefined
  if (typeof iterable === 'object' && typeof iterable?.[Symbol.asyncIterator] === 'function') {
    return ofIterable(iterable as AsyncIterable<unknown>)
  }
  throw new TypeError(
    `A source of bytes is a Uint8Array, a Blob, a stream or an async iterable, not ${nameOf(source)}.`,
  )
}

function isWebStream(source: object): source is ReadableStream<Uint8Array> {
  return typeof (source as Partial<ReadableStream>)?.getReader === 'function'
}

function ofBytes(bytes: Uint8Array): Origin {
  let left: Uint8Array | undefined = bytes
  return {
    async pull() {
      if (left === undefined) return { done: true, value: undefined }
      left = undefined
      return { done: false, value: bytes }
    },
    async close() {},
  }
}

function ofReadable(stream: Readable): Origin {
  // It would iterate as if it had been empty, and an object of no bytes would be stored.
  if (stream.readableEnded) throw new TypeError('The stream was read to its end already.')
  // Errors reach us through the iterator, but only while it is asked; without a listener, one that comes
  // before, between or after would end the process.
  stream.on('error', () => {})
  const iterator = stream[Symbol.asyncIterator]()
  return {
    pull: () => iterator.next(),
    // The iterator's own `return` would wait behind a `next` that a silent stream never answers.
    async close() {
      stream.destroy()
    },
  }
}

function ofWebStream(stream: ReadableStream<Uint8Array>): Origin {
  const reader = stream.getReader()
  return {
    pull: () => reader.read() as Promise<IteratorResult<unknown>>,
    close: () => reader.cancel(),
  }
}

function ofIterable(iterable: AsyncIterable<unknown>): Origin {
  const iterator = iterable[Symbol.asyncIterator]()
  return {
    async pull() {
      return iterator.next()
    },
    async close() {
      await iterator.return?.()
    },
  }
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value
  return value.constructor?.name ?? 'an object'
}
