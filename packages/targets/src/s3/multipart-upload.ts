import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { type ChecksumAlgorithm, ReplicationError } from '@aquifer/engine'
import type { PlannedPart } from './plan-parts.js'
import type { S3Answer, S3Request } from './s3-connection.js'
import { isGranted, type TargetBucket } from './target-bucket.js'
import { findAll, findText, s3Document, textElement } from './xml.js'

/** A page of parts that fits into what is read of an answer. */
const LISTED_MAX = 100
/** A server may put the parts together before it answers. */
const COMPLETE_IDLE_MS = 5 * 60_000
/** A hiccup in the midst of many requests is no reason to give up what has been sent. */
const PAUSES_MS = [100, 400, 1_600]

export interface SentPart {
  /** As the server wrote it. */
  readonly etag: string
  readonly sizeBytes: number
}

/** How the parts are vouched for, one by one or as a whole. */
export interface PartChecksum {
  readonly algorithm: ChecksumAlgorithm
  readonly isComposite: boolean
  /** Of the whole. */
  readonly value: string
}

/** The server will not have this upload, however often it is tried; or has no such upload any more. */
export class UploadRefused extends Error {
  override readonly name = 'UploadRefused'
  readonly reason: ReplicationError
  readonly isGone: boolean
  constructor(reason: ReplicationError, isGone: boolean) {
    super(reason.message, { cause: reason })
    this.reason = reason
    this.isGone = isGone
  }
}

/** An upload in parts that was begun at a server. */
export class MultipartUpload {
  readonly #bucket: TargetBucket
  readonly #key: string
  readonly #checksum: PartChecksum | undefined
  readonly uploadId: string

  constructor(
    bucket: TargetBucket,
    { key, uploadId, checksum }: { key: string; uploadId: string; checksum: PartChecksum | undefined },
  ) {
    this.#bucket = bucket
    this.#key = key
    this.uploadId = uploadId
    this.#checksum = checksum
  }

  /** Which parts are there, by number; undefined where the server knows nothing of the upload. */
  async parts(signal: AbortSignal): Promise<Map<number, SentPart> | undefined> {
    const sent = new Map<number, SentPart>()
    let after = 0
    for (;;) {
      const query = { 'max-parts': `${LISTED_MAX}`, 'part-number-marker': `${after}` }
      const answer = await this.#try({ method: 'GET', query, signal }, [404])
      if (answer.code === 'NoSuchUpload') return undefined
      if (answer.status === 404) throw await this.#bucket.refusal(answer, signal)
      const before = after
      for (const part of findAll(answer.text, 'Part')) {
        const number = Number(findText(part, 'PartNumber'))
        const etag = findText(part, 'ETag')
        if (etag === undefined || !(number >= 1)) continue
        sent.set(number, { etag, sizeBytes: Number(findText(part, 'Size')) })
        after = Math.max(after, number)
      }
      if (findText(answer.text, 'IsTruncated') !== 'true' || after === before) return sent
    }
  }

  /** @param open The part's bytes, anew each time. */
  async put(
    part: PlannedPart,
    open: () => AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<SentPart> {
    const { partNumber, length } = part
    const value = this.#checksum && part.checksums[this.#checksum.algorithm]
    let digest = ''
    async function* digesting(): AsyncGenerator<Uint8Array> {
      const md5 = createHash('md5')
      for await (const chunk of open()) {
        md5.update(chunk)
        yield chunk
      }
      digest = md5.digest('hex')
    }
    const answer = await this.#try({
      ...{ method: 'PUT', query: { partNumber: `${partNumber}` }, signal },
      body: { sizeBytes: length, open: digesting },
      headers: value === undefined ? {} : { [`x-amz-checksum-${this.#checksum!.algorithm}`]: value },
    })
    const etag = answer.headers.get('etag') ?? ''
    // Most servers' ETag of a part is its MD5: then it tells whether it has arrived as it was sent.
    const told = /^"?([0-9a-f]{32})"?$/.exec(etag)?.[1]
    if (told === undefined || told === digest || answer.headers.has('x-amz-server-side-encryption'))
      return { etag, sizeBytes: length }
    throw new UploadRefused(
      new ReplicationError('Refused', `${answer.told}, but part ${partNumber} is not there as it was sent.`),
      false,
    )
  }

  async complete(
    parts: readonly (PlannedPart & Pick<SentPart, 'etag'>)[],
    { signal, expected }: { signal: AbortSignal; expected: readonly number[] },
  ): Promise<S3Answer> {
    const checksum = this.#checksum
    const body = s3Document(
      'CompleteMultipartUpload',
      ...parts.map(({ partNumber, etag, checksums }) => {
        const value = checksum && checksums[checksum.algorithm]
        const told =
          value === undefined ? '' : textElement(`Checksum${checksum!.algorithm.toUpperCase()}`, value)
        return `<Part>${textElement('PartNumber', partNumber)}${textElement('ETag', etag)}${told}</Part>`
      }),
    )
    const whole: Record<string, string> =
      checksum === undefined || checksum.isComposite
        ? {}
        : {
            [`x-amz-checksum-${checksum.algorithm}`]: checksum.value,
            'x-amz-checksum-type': 'FULL_OBJECT',
          }
    const idleTimeoutMs = COMPLETE_IDLE_MS
    return this.#try({ method: 'POST', body, headers: whole, idleTimeoutMs, signal }, expected)
  }

  /** Where it can be: a server that cannot be reached keeps the parts until its own rules remove them. */
  async abort(): Promise<void> {
    const { connection } = this.#bucket
    const query = { uploadId: this.uploadId }
    const request = { method: 'DELETE', key: this.#key, query, signal: AbortSignal.timeout(10_000) } as const
    await connection.ask(request).catch(() => {})
  }

  async #try(request: S3Request, expected: readonly number[] = []): Promise<S3Answer> {
    const { connection } = this.#bucket
    const query = { uploadId: this.uploadId, ...request.query }
    for (let attempt = 0; ; attempt++) {
      const answer = await connection.ask({ ...request, key: this.#key, query })
      if (isGranted(answer) || expected.includes(answer.status)) return answer
      const isHiccup = answer.status >= 500 || answer.status < 300
      const pauseMs = PAUSES_MS[attempt]
      if (!isHiccup || pauseMs === undefined) throw await this.#refusal(answer, request.signal)
      await setTimeout(pauseMs, undefined, { signal: request.signal })
    }
  }

  async #refusal(answer: S3Answer, signal: AbortSignal): Promise<Error> {
    const error = await this.#bucket.refusal(answer, signal)
    const isFinal = error.code === 'Refused' && answer.status >= 400 && answer.status < 500
    return isFinal ? new UploadRefused(error, answer.code === 'NoSuchUpload') : error
  }
}
