/**
 * Clients that use a few keys at once until the process kills itself, soon after so many calls and answers.
 * Arguments: directory, history file, seed, that number. Every call and answer is a line of the history file, in the
 * order they happened.
 */
import { openSync, writeSync } from 'node:fs'
import { type Bucket, Engine, isEngineError } from '@aquifer/engine'
import { type ObjectOperation, seededRandom } from '@aquifer/engine/testing'
import { openStores } from './stores.js'
import { bytesOfToken, tokensIn } from './token-bytes.js'

const CLIENTS = 16
const KEYS = 20
/** What a condition that does not hold is answered with. */
const refusals: readonly string[] = ['PreconditionFailed', 'NoSuchKey', 'InvalidWriteOffset']
/** A body of more than this lies in a blob. */
const INLINE_MAX_BYTES = 1_024

const [directory = '', historyFile = '', seed = '', lines = ''] = process.argv.slice(2)
const random = seededRandom(Number(seed))
const below = (count: number) => Math.floor(random() * count)
const file = openSync(historyFile, 'a')
const engine = await Engine.open({
  stores: await openStores(directory),
  inlineMaxBytes: INLINE_MAX_BYTES,
  background: true,
})
const bucket = await openBucket()
let next = Number(seed) * 1_000_000
let written = 0
await Promise.all(Array.from({ length: CLIENTS }, work))

interface Seen {
  readonly etag: string
  readonly sizeBytes: number
  readonly content: string
}

async function openBucket(): Promise<Bucket> {
  try {
    await engine.createBucket('shared')
  } catch (error) {
    if (!isEngineError(error, 'BucketAlreadyOwnedByYou') && !isEngineError(error, 'BucketAlreadyExists'))
      throw error
  }
  return engine.bucket('shared')
}

async function work(): Promise<never> {
  const seen = new Map<string, Seen>()
  for (;;) {
    const key = `key-${below(KEYS)}`
    const last = seen.get(key)
    const token = next++
    const content = `${token} `
    const bytes = bytesOfToken(token, random() < 0.2 ? 1_100 + below(4_000) : 30 + below(500))
    switch (below(12)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const found = await record(key, { verb: 'get' }, () => read(key))
        if (found?.content === undefined) seen.delete(key)
        else seen.set(key, found)
        break
      }
      case 4:
      case 5:
        await record(key, { verb: 'put', content }, () => bucket.put(key, bytes))
        break
      case 6:
        await record(key, { verb: 'put', content, ifAbsent: true }, () =>
          bucket.put(key, bytes, { ifNoneMatch: '*' }),
        )
        break
      case 7:
        if (last === undefined) break
        await record(key, { verb: 'put', content, ifMatch: last.content }, () =>
          bucket.put(key, bytes, { ifMatch: last.etag }),
        )
        break
      case 8:
        if (last === undefined) break
        await record(key, { verb: 'delete', ifMatch: last.content }, () =>
          bucket.delete(key, { ifMatch: last.etag }),
        )
        break
      case 9:
        await record(key, { verb: 'append', content }, () => bucket.append(key, bytes))
        break
      case 10:
        if (last === undefined) break
        await record(key, { verb: 'append', content, ifMatch: last.content }, () =>
          bucket.append(key, bytes, { ifMatch: last.etag, offset: last.sizeBytes }),
        )
        break
      default:
        await record(key, { verb: 'delete' }, () => bucket.delete(key))
    }
  }
}

async function read(key: string): Promise<Seen | undefined> {
  try {
    await using object = await bucket.get(key)
    const { etag, sizeBytes } = object.info
    return { etag, sizeBytes, content: tokensIn(await object.bytes()) }
  } catch (error) {
    if (isEngineError(error, 'NoSuchKey')) return undefined
    throw error
  }
}

/** Asks, and writes down both the asking and what came of it. */
async function record<T>(key: string, call: ObjectOperation, act: () => Promise<T>): Promise<T | undefined> {
  const n = next++
  write({ key, n, call })
  try {
    const result = await act()
    const found = (result as { content?: string } | undefined)?.content ?? null
    write({ key, n, answer: call.verb === 'get' ? { found } : 'done' })
    return result
  } catch (error) {
    if (!isEngineError(error) || !refusals.includes(error.code)) throw error
    write({ key, n, answer: 'refused' })
    return undefined
  }
}

function write(entry: object): void {
  writeSync(file, `${JSON.stringify(entry)}\n`)
  // A moment later: what was begun just now is then anywhere on its way to the disk.
  if (++written === Number(lines)) setTimeout(() => process.kill(process.pid, 'SIGKILL'), below(20))
}
