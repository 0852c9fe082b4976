import { Buffer } from 'node:buffer'
import { replicationRequest } from './replica-headers.js'
import {
  decodeReplicaAnswers,
  encodeReplica,
  type ReplicaAnswer,
  replicasContentType,
} from './replicas-format.js'
import type { S3Answer, S3Request } from './s3-connection.js'
import { isGranted, type TargetBucket } from './target-bucket.js'

/** What goes in one request: so many versions, and so many bytes with all that is said of them. */
const VERSIONS_MAX = 64
const REQUEST_MAX_BYTES = 1024 ** 2
/** So many requests are under way; what comes meanwhile is gathered. */
const REQUESTS_MAX = 2
/** Whoever takes longer to answer holds up no others. */
const SLOW_MS = 1_000
/** Each has two lines. */
const ANSWER_MAX_BYTES = 256 * 1024
/** Versions that are remembered to go alone. */
const ALONE_MAX = 1_000

/** A request that brings one small version. */
export interface HeldPut {
  readonly versionId: string
  readonly request: S3Request & {
    readonly key: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: Uint8Array
  }
}

interface Asked {
  readonly put: HeldPut
  readonly entry: readonly [Uint8Array, Uint8Array]
  readonly resolve: (answer: S3Answer) => void
  readonly reject: (error: unknown) => void
  /** Whoever asked has been answered, or has left. */
  isOver: boolean
  /** Of one whose request is under way. */
  onLeave?: () => void
}

/**
 * Small versions that are asked for at the same time go to an Aquifer in one request, each to its own answer. None waits for company:
 * what is there goes in the next turn of the loop, one alone by the PUT that it is, unless enough requests are under way.
 */
export class GatheredPuts {
  readonly #bucket: TargetBucket
  readonly #asked = new Set<Asked>()
  readonly #waiting = new Set<Asked>()
  /** Ids of versions that a request of many may have failed for. */
  readonly #alone = new Set<string>()
  #underWay = 0
  #isDue = false

  constructor(bucket: TargetBucket) {
    this.#bucket = bucket
  }

  /** What the PUT would be answered. @throws as {@link S3Connection.ask} */
  async ask(put: HeldPut): Promise<S3Answer> {
    const { versionId, request } = put
    if (this.#alone.has(versionId)) return this.#askAlone(put)
    const { signal } = request
    signal.throwIfAborted()
    const entry = encodeReplica({ versionId, ...request })
    return new Promise((resolve, reject) => {
      const leave = (): void => this.#leave(asked, signal.reason)
      const over = (): void => {
        asked.isOver = true
        this.#asked.delete(asked)
        signal.removeEventListener('abort', leave)
      }
      const asked: Asked = {
        ...{ put, entry, isOver: false },
        resolve: (answer) => {
          over()
          resolve(answer)
        },
        reject: (error) => {
          over()
          reject(error)
        },
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#asked.add(asked)
      this.#waiting.add(asked)
      this.#sendSoon()
    })
  }

  /** Whoever waits is let go, and what is under way for many is cut. */
  close(): void {
    const { reason } = AbortSignal.abort()
    for (const asked of [...this.#asked]) this.#leave(asked, reason)
  }

  #leave(asked: Asked, reason: unknown): void {
    this.#waiting.delete(asked)
    asked.reject(reason)
    asked.onLeave?.()
  }

  #sendSoon(): void {
    if (this.#isDue || this.#waiting.size === 0 || this.#underWay >= REQUESTS_MAX) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      while (this.#waiting.size > 0 && this.#underWay < REQUESTS_MAX) void this.#send(this.#take())
    })
  }

  #take(): Asked[] {
    const taken: Asked[] = []
    let sizeBytes = 0
    for (const asked of this.#waiting) {
      const [head, body] = asked.entry
      sizeBytes += head.byteLength + body.byteLength
      if (taken.length === VERSIONS_MAX || (taken.length > 0 && sizeBytes > REQUEST_MAX_BYTES)) break
      taken.push(asked)
      this.#waiting.delete(asked)
    }
    return taken
  }

  /** Never rejects: whoever asked is told. */
  async #send(together: readonly Asked[]): Promise<void> {
    this.#underWay++
    let isUnderWay = true
    const leave = (): void => {
      if (isUnderWay) this.#underWay--
      isUnderWay = false
      this.#sendSoon()
    }
    const slow = setTimeout(leave, SLOW_MS)
    if (together.length > 1) await this.#sendTogether(together)
    else await this.#sendAlone(together[0]!, (put) => this.#bucket.connection.ask(put.request))
    clearTimeout(slow)
    leave()
  }

  async #sendTogether(together: readonly Asked[]): Promise<void> {
    const answers = await this.#answersTo(together)
    for (const [index, asked] of together.entries()) {
      if (asked.isOver) continue
      // What the request failed for, one of them or anything else, each finds out for itself.
      if (answers === undefined) void this.#sendAlone(asked, (put) => this.#askAlone(put))
      else asked.resolve(this.#bucket.connection.answerTo(asked.put.request, answers[index]!))
    }
  }

  async #sendAlone(asked: Asked, ask: (put: HeldPut) => Promise<S3Answer>): Promise<void> {
    try {
      asked.resolve(await ask(asked.put))
    } catch (error) {
      asked.reject(error)
    }
  }

  /** One at which connections break off must not be among others again. */
  async #askAlone({ versionId, request }: HeldPut): Promise<S3Answer> {
    this.#alone.add(versionId)
    if (this.#alone.size > ALONE_MAX) this.#alone.delete(this.#alone.values().next().value!)
    const answer = await this.#bucket.connection.ask(request)
    if (isGranted(answer)) this.#alone.delete(versionId)
    return answer
  }

  /** Undefined where the request fails as a whole, or its answer is none of all. Cut when nobody waits for it any more. */
  async #answersTo(together: readonly Asked[]): Promise<readonly ReplicaAnswer[] | undefined> {
    const cut = new AbortController()
    let waiting = together.length
    for (const asked of together)
      asked.onLeave = () => {
        if (--waiting === 0) cut.abort()
      }
    try {
      const answer = await this.#bucket.connection.ask({
        ...{ method: 'POST', query: { 'aquifer-replicas': '' }, signal: cut.signal },
        headers: { ...replicationRequest, 'content-type': replicasContentType },
        body: Buffer.concat(together.flatMap(({ entry }) => entry)),
        answerMaxBytes: ANSWER_MAX_BYTES,
      })
      if (answer.status === 200) return decodeReplicaAnswers(answer.text, together.length)
      // It is not the Aquifer that it was, or whoever stands before it now takes no such requests.
      if (answer.status < 500 || answer.status === 501) this.#bucket.forget()
    } catch {
      // Who asks alone meets the same error, where it was not for one of the others.
    }
    return undefined
  }
}
