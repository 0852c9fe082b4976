import assert from 'node:assert/strict'
import {
  type Bucket,
  type ChecksumAlgorithm,
  isEngineError,
  type Listed,
  type Listing,
  type ListingPage,
  type ListOptions,
  type ObjectInfo,
  type ObjectSummary,
} from '@aquifer/engine'
import type { ModelInfo } from '@aquifer/engine/testing'
import { createChecksum } from '../../dist/streams/checksums.js'

export type Outcome = { value: unknown } | { code: string }

export async function outcome(verb: () => unknown): Promise<Outcome> {
  try {
    return { value: await verb() }
  } catch (error) {
    return { code: codeOf(error) }
  }
}

export function codeOf(error: unknown): string {
  if (!isEngineError(error)) throw error
  return error.code
}

/** Both answer the same, or refuse with the same code. */
export async function same(engine: () => Promise<unknown>, model: () => unknown): Promise<void> {
  const found = await outcome(engine)
  assert.deepEqual(found, await outcome(model))
}

/** As pages of the size asked for, one after the other, and as one iteration. */
export async function sameListing<T, K extends string, M>(
  engine: (options: ListOptions) => Listing<T, K>,
  model: (options: ListOptions) => ListingPage<M, K>,
  options: ListOptions,
  toModel: (info: T) => M,
  nameOf: (id: string) => string = (id) => id,
): Promise<void> {
  const plain = (entry: { type: string; info?: T }): unknown =>
    entry.type === 'common-prefix' ? entry : { type: entry.type, info: toModel(entry.info!) }
  let from = options
  for (;;) {
    let next: ListingPage<T, K>['next']
    const readPage = async () => {
      const page = await engine(from).page()
      next = page.next
      const entries = page.entries.map(plain)
      return next === undefined ? { entries } : { entries, next: named(next, nameOf) }
    }
    const { startAfterId } = from
    await same(readPage, () =>
      model(startAfterId === undefined ? from : { ...from, startAfterId: nameOf(startAfterId) }),
    )
    if (next === undefined) break
    const { startAfterId: _, ...rest } = options
    from = { ...rest, ...next }
  }
  const iterate = async () => {
    const entries = []
    for await (const entry of engine(options)) entries.push(plain(entry))
    return entries
  }
  await same(iterate, () => model({ ...options, limit: 10_000 }).entries)
}

/** Of each object a list by summaries says what the other says, in pages and as one iteration. */
export async function sameSummaries(bucket: Bucket, options: ListOptions): Promise<void> {
  const shortened = (entry: Listed<ObjectInfo, 'object'>) =>
    entry.type === 'object' ? { ...entry, info: summaryOf(entry.info) } : entry
  await same(
    () => bucket.list({ ...options, summary: true }).page(),
    async () => {
      const { entries, ...rest } = await bucket.list(options).page()
      return { entries: entries.map(shortened), ...rest }
    },
  )
  await same(
    () => collect(bucket.list({ ...options, summary: true })),
    async () => (await collect(bucket.list(options))).map(shortened),
  )
}

function summaryOf({ key, etag, sizeBytes, lastModified, checksums, ...rest }: ObjectInfo): ObjectSummary {
  const { storageClass, ownerId, checksumType } = rest
  return {
    key,
    etag,
    sizeBytes,
    lastModified,
    checksumAlgorithms: Object.keys(checksums) as ChecksumAlgorithm[],
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(ownerId === undefined ? {} : { ownerId }),
    ...(checksumType === undefined ? {} : { checksumType }),
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

type Next = NonNullable<ListingPage<never, never>['next']>

const named = (next: Next, nameOf: (id: string) => string): Next =>
  next.startAfterId === undefined ? next : { ...next, startAfterId: nameOf(next.startAfterId) }

/** The engine's facts as the model has them. */
export function toModelInfo({ checksums: _, checksumType: __, expiry: ___, ...rest }: ObjectInfo): ModelInfo {
  return rest
}

/** What a completed upload remembers: what the object is, and not all that was said of it. */
export function essence(result: Outcome): unknown {
  if ('code' in result) return result
  const { key, versionId, etag, sizeBytes, lastModified, partCount } = result.value as ModelInfo
  return { key, versionId, etag, sizeBytes, lastModified, partCount }
}

/** Which checksums there are depends on how the object came about; those of all its bytes must be right. */
export async function checkChecksums(
  { checksums, checksumType, partCount }: ObjectInfo,
  bytes: Uint8Array,
): Promise<void> {
  for (const [algorithm, value] of Object.entries(checksums)) {
    if (checksumType === 'composite') {
      assert.match(value, new RegExp(`^[A-Za-z0-9+/]+=*-${partCount}$`))
      continue
    }
    const digest = (await createChecksum(algorithm as ChecksumAlgorithm)).digestOf(bytes)
    assert.equal(value, Buffer.from(digest).toString('base64'), algorithm)
  }
}
