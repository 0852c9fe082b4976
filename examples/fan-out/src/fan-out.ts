import { Readable } from 'node:stream'
import { type FanOutEntry, fanOutForm, type Signing } from './fan-out-form.js'

/** What became of one entry: an `error`, or else what was written. */
export interface FanOutResult {
  readonly key: string
  readonly etag?: string
  readonly versionId?: string
  readonly lastModified?: string
  readonly error?: string
}

/** Sends a stream, as it comes and once, and answers for each entry, in their order, what became of it. */
export async function fanOut(
  endpoint: string,
  bucket: string,
  source: AsyncIterable<Uint8Array>,
  entries: readonly FanOutEntry[],
  signing: Signing,
): Promise<FanOutResult[]> {
  const { contentType, head, tail } = fanOutForm(bucket, entries, signing)
  async function* body() {
    yield head
    yield* source
    yield tail
  }
  const answer = await fetch(`${endpoint}/${bucket}`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: Readable.from(body(), { objectMode: false }),
    duplex: 'half', // The length is not known: the body goes in chunks.
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`The fan-out was refused with ${answer.status}: ${text}`)
  // A line of JSON for each entry.
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as FanOutResult)
}
