// A walk through what an embedder has: every step is a function, and prints what it found.
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { type Bucket, Engine, isEngineError } from '@aquifer/engine'

async function put(bucket: Bucket) {
  const stored = await bucket.put('text/package.json', createReadStream('package.json'), {
    contentType: 'application/json',
    metadata: { origin: 'examples/embed' },
  })
  console.log(`put     ${stored.key}: ${stored.sizeBytes} bytes, ETag ${stored.etag}`)
}

/** Of many who try at the same time exactly one wins: the condition is decided in the commit. */
async function putOnce(bucket: Bucket) {
  try {
    await bucket.put('text/package.json', Buffer.from('other text'), { ifNoneMatch: '*' })
  } catch (error) {
    if (!isEngineError(error, 'PreconditionFailed')) throw error
    console.log(`put     refused, as the key is taken: ${error.code}`)
  }
}

async function readRange(bucket: Bucket) {
  await using object = await bucket.get('text/package.json', { range: { offset: 4, length: 23 } })
  console.log(`range   ${await text(object.body)}, of ${object.info.sizeBytes} bytes`)
}

/** Only what is taken is read; leaving the loop closes the file. */
async function readUntilEnough(bucket: Bucket) {
  await using object = await bucket.get('video/long.bin')
  let seenBytes = 0
  for await (const chunk of object.body) {
    seenBytes += chunk.length
    if (seenBytes >= 1_000_000) break
  }
  console.log(`leave   early, having read the first megabyte of ${object.info.sizeBytes} bytes`)
}

/** Parts come in any order, from anywhere; completing moves no bytes. */
async function multipart(bucket: Bucket) {
  const upload = await bucket.createUpload('video/long.bin', { contentType: 'application/octet-stream' })
  const parts = await Promise.all([
    upload.putPart(2, Buffer.alloc(1_000, 'b')),
    upload.putPart(1, Buffer.alloc(5 * 1024 ** 2, 'a')),
  ])
  parts.sort((one, other) => one.partNumber - other.partNumber)
  const stored = await upload.complete(parts)
  console.log(
    `parts   ${stored.key}: ${stored.sizeBytes} bytes of ${stored.partCount} parts, ETag ${stored.etag}`,
  )
}

async function copy(bucket: Bucket) {
  const copied = await bucket.copy({ key: 'video/long.bin' }, 'video/copy.bin')
  console.log(`copy    ${copied.key}: ${copied.sizeBytes} bytes, none of them moved`)
}

/** A write that is stopped leaves nothing behind. */
async function abort(bucket: Bucket) {
  const stop = new AbortController()
  async function* endless() {
    for (let second = 0; ; second++) {
      yield Buffer.from(`second ${second}\n`)
      if (second === 2) stop.abort()
      await wait(1)
    }
  }
  try {
    await bucket.put('log/endless', endless(), { signal: stop.signal })
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error
    const found = await bucket.head('log/endless').catch((reason) => reason.code)
    console.log(`abort   the upload was stopped; asking for the key says ${found}`)
  }
}

async function list(bucket: Bucket) {
  for await (const entry of bucket.list({ delimiter: '/' })) {
    console.log(`list    ${entry.type === 'object' ? entry.info.key : `${entry.prefix}…`}`)
  }
  // The same page by page, for whoever has to remember where to go on.
  const { entries, next } = await bucket.list({ limit: 2 }).page()
  console.log(`page    ${entries.length} entries, the next page starts after ${next?.startAfter}`)
}

const directory = await mkdtemp(join(tmpdir(), 'aquifer-example-'))
try {
  await using engine = await Engine.open({ directory })
  await engine.createBucket('demo')
  const bucket = engine.bucket('demo')
  for (const step of [put, putOnce, readRange, multipart, readUntilEnough, copy, abort, list])
    await step(bucket)
} finally {
  await rm(directory, { recursive: true })
}
