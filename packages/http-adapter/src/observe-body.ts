import { once } from 'node:events'
import { Readable } from 'node:stream'

/** Passes a body on and tells once, at its end, how many bytes went and what stopped it before that. */
export function observeBody(
  body: AsyncIterable<Uint8Array>,
  over: (bytes: number, error?: unknown) => void,
): AsyncIterable<Uint8Array> {
  let bytes = 0
  let isOver = false
  const end = (error?: unknown): void => {
    if (isOver) return
    isOver = true
    over(bytes, error)
  }
  return {
    [Symbol.asyncIterator]() {
      const source = body[Symbol.asyncIterator]()
      return {
        async next() {
          try {
            const result = await source.next()
            if (result.done === true) end()
            else bytes += result.value.byteLength
            return result
          } catch (error) {
            end(error)
            throw error
          }
        },
        async return() {
          try {
            await source.return?.()
            // A stream of Node lets go of what it reads a moment after it was told to.
            if (body instanceof Readable && !body.closed) await once(body, 'close')
          } finally {
            end(new Error('The answer was not sent to its end.'))
          }
          return { done: true, value: undefined }
        },
      }
    },
  }
}
