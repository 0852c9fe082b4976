import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import test from 'node:test'
import { runInNewContext } from 'node:vm'
import type { ByteSource } from '../contract/source.js'
import { toAsyncIterable } from './byte-source.js'

const bytes = new TextEncoder().encode('some bytes to read')

async function readAll(source: ByteSource, signal?: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of toAsyncIterable(source, signal)) chunks.push(Uint8Array.from(chunk))
  return Buffer.concat(chunks).toString()
}

async function* inTwo(): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes.subarray(0, 5)
  yield bytes.subarray(5)
}

const webStream = (pull: (controller: { enqueue(chunk: unknown): void; close(): void }) => void) =>
  new ReadableStream<Uint8Array>({ pull })

const sources: [string, () => ByteSource][] = [
  ['a Uint8Array', () => bytes],
  ['a Buffer', () => Buffer.from(bytes)],
  ['a Uint8Array of another realm', () => runInNewContext('new Uint8Array(list)', { list: [...bytes] })],
  ['a Blob', () => new Blob([bytes])],
  ['an async iterable', inTwo],
  ['a Readable', () => Readable.from(inTwo())],
  [
    'a web stream',
    () => {
      const left = [bytes.subarray(0, 5), bytes.subarray(5)]
      return webStream((controller) => {
        const chunk = left.shift()
        if (chunk === undefined) controller.close()
        else controller.enqueue(chunk)
      })
    },
  ],
]
for (const [name, source] of sources) {
  test(`${name} yields its bytes, with and without a signal`, async () => {
    assert.equal(await readAll(source()), 'some bytes to read')
    assert.equal(await readAll(source(), new AbortController().signal), 'some bytes to read')
  })
}

test('no bytes are no chunks or empty ones, and never an error', async () => {
  assert.equal(await readAll(new Uint8Array()), '')
  assert.equal(await readAll(new Blob([])), '')
  assert.equal(await readAll(Readable.from([])), '')
})

/** Sources that give one chunk and then stay silent, and whether they have been closed. */
function silentSources(): [string, ByteSource, () => boolean][] {
  let iterableClosed = false
  const iterable: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]() {
      let asked = 0
      return {
        next: () => (asked++ === 0 ? Promise.resolve({ done: false, value: bytes }) : new Promise(() => {})),
        async return() {
          iterableClosed = true
          return { done: true, value: undefined }
        },
      }
    },
  }
  const readable = new PassThrough()
  readable.write(bytes)
  let webClosed = false
  let pulled = 0
  const web = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulled++ > 0) return new Promise(() => {})
      controller.enqueue(bytes)
      return undefined
    },
    cancel() {
      webClosed = true
    },
  })
  return [
    ['an async iterable', iterable, () => iterableClosed],
    ['a Readable', readable, () => readable.destroyed],
    ['a web stream', web, () => webClosed],
  ]
}

for (const place of [0, 1, 2]) {
  const name = silentSources()[place]![0]

  test(`a signal ends the wait for ${name} that is silent, and closes it`, async () => {
    const [, source, closed] = silentSources()[place]!
    const controller = new AbortController()
    const reader = toAsyncIterable(source, controller.signal)
    assert.equal((await reader.next()).done, false)
    const waiting = reader.next()
    controller.abort(new Error('enough'))
    await assert.rejects(waiting, (error: Error) => {
      assert.equal(error.name, 'AbortError')
      assert.equal((error.cause as Error).message, 'enough')
      return true
    })
    assert.equal(closed(), true)
  })

  test(`leaving ${name} early closes it`, async () => {
    const [, source, closed] = silentSources()[place]!
    for await (const chunk of toAsyncIterable(source)) {
      assert.deepEqual(Uint8Array.from(chunk), bytes)
      break
    }
    assert.equal(closed(), true)
  })

  test(`${name} that is not wanted after all is closed unread`, async () => {
    const [, source, closed] = silentSources()[place]!
    await toAsyncIterable(source).return()
    assert.equal(closed(), true)
  })

  test(`an abort between two chunks of ${name} is no end of the bytes`, async () => {
    const [, source, closed] = silentSources()[place]!
    const controller = new AbortController()
    const reader = toAsyncIterable(source, controller.signal)
    await reader.next()
    controller.abort()
    assert.equal(closed(), true)
    await assert.rejects(reader.next(), { name: 'AbortError' })
    await assert.rejects(reader.next(), { name: 'AbortError' })
  })
}

test('a signal that has fired already rejects before anything is read', async () => {
  await assert.rejects(readAll(bytes, AbortSignal.abort()), { name: 'AbortError' })
})

test('a source that ends in time takes its listener off the signal', async () => {
  const controller = new AbortController()
  let listeners = 0
  const { signal } = controller
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--
    remove(...args)
  }
  await readAll(inTwo(), signal)
  assert.equal(listeners, 0)
})

test('the source’s own error is the one that arrives', async () => {
  const failing = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    yield bytes
    throw new Error('the cable was pulled')
  }
  const web = new ReadableStream<Uint8Array>({
    pull() {
      throw new Error('the cable was pulled')
    },
  })
  for (const source of [failing(), Readable.from(failing()), web]) {
    await assert.rejects(readAll(source), { message: 'the cable was pulled' })
    // The signal does not stand between.
  }
  await assert.rejects(readAll(failing(), new AbortController().signal), { message: 'the cable was pulled' })
})

test('a stream that fails before it is read fails the reading, not the process', async () => {
  const stream = new PassThrough()
  const reader = toAsyncIterable(stream)
  stream.destroy(new Error('no such file'))
  await new Promise((resolve) => stream.once('close', resolve))
  await assert.rejects(reader.next(), { message: 'no such file' })
})

test('a stream whose sender is gone in the middle is an error, not an end', async () => {
  const stream = new PassThrough()
  stream.write(bytes)
  const reader = toAsyncIterable(stream)
  await reader.next()
  stream.destroy()
  await assert.rejects(reader.next(), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
})

test('a chunk that is no Uint8Array is a TypeError and closes the source', async () => {
  let closed = false
  const texts = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield 'text' as unknown as Uint8Array
    } finally {
      closed = true
    }
  }
  await assert.rejects(readAll(texts()), TypeError)
  assert.equal(closed, true)
  const decoded = new PassThrough({ encoding: 'utf8' })
  decoded.end(bytes)
  await assert.rejects(readAll(decoded), TypeError)
})

test('what yields no bytes at all is a TypeError', () => {
  for (const wrong of ['text', 5, null, undefined, {}, [bytes], new ArrayBuffer(3)]) {
    assert.throws(() => toAsyncIterable(wrong as unknown as ByteSource), TypeError)
  }
})

test('a stream that was read already is a TypeError, not an empty body', async () => {
  const stream = Readable.from(inTwo())
  await readAll(stream)
  assert.throws(() => toAsyncIterable(stream), TypeError)
})

test('a source taken up once stays the same, and is closed without waiting when it is disposed of', async () => {
  const [, source, closed] = silentSources()[1]!
  {
    using reader = toAsyncIterable(source)
    assert.equal(toAsyncIterable(reader), reader)
  }
  assert.equal(closed(), true)
})
