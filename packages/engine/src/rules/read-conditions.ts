import type { Headers, ReadConditions } from '../contract/object.js'
import { EngineError } from '../errors.js'
import { etagListMatches } from './etag-match.js'

/** What conditions are asked about. */
export interface ReadFacts {
  readonly etag: string
  readonly lastModifiedMs: number
  /** What a reader's own copy is to be kept by, when it is told to keep it. */
  readonly headers?: Pick<Headers, 'cacheControl' | 'expires'>
}

type Verdict = { outcome: 'read' } | { outcome: 'failed' | 'not-modified'; condition: keyof ReadConditions }

/** HTTP writes times to the second, so that is all a caller can have learnt of one. */
export const seconds = (ms: number): number => Math.floor(ms / 1_000)

/**
 * A date that could not be read counts as not given, and so does an `ifModifiedSince` that is yet to come.
 * Source: RFC 9110 §13.2.2; S3 API Reference, GetObject.
 */
function judge(conditions: ReadConditions, { etag, lastModifiedMs }: ReadFacts, nowMs: number): Verdict {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions
  const modified = seconds(lastModifiedMs)
  if (ifMatch !== undefined) {
    if (!etagListMatches(ifMatch, etag)) return { outcome: 'failed', condition: 'ifMatch' }
  } else if (ifUnmodifiedSince !== undefined && modified > seconds(ifUnmodifiedSince.getTime())) {
    return { outcome: 'failed', condition: 'ifUnmodifiedSince' }
  }
  if (ifNoneMatch !== undefined) {
    if (etagListMatches(ifNoneMatch, etag)) return { outcome: 'not-modified', condition: 'ifNoneMatch' }
  } else if (ifModifiedSince !== undefined && ifModifiedSince.getTime() <= nowMs) {
    if (modified <= seconds(ifModifiedSince.getTime())) {
      return { outcome: 'not-modified', condition: 'ifModifiedSince' }
    }
  }
  return { outcome: 'read' }
}

/** @throws {@link EngineError} `PreconditionFailed`, `NotModified`. */
export function checkReadConditions(
  conditions: ReadConditions,
  facts: ReadFacts,
  nowMs: number,
  versionId?: string,
): void {
  const verdict = judge(conditions, facts, nowMs)
  if (verdict.outcome === 'read') return
  if (verdict.outcome === 'failed') throw preconditionFailed(verdict.condition, facts, versionId)
  const { etag, lastModifiedMs, headers: { cacheControl, expires } = {} } = facts
  throw new EngineError('NotModified', 'The object is as the reader knows it.', {
    etag,
    lastModified: new Date(lastModifiedMs),
    ...(cacheControl === undefined ? {} : { cacheControl }),
    ...(expires === undefined ? {} : { expires }),
    ...(versionId === undefined ? {} : { versionId }),
  })
}

/**
 * The same table for the source of a copy, where nothing is "not modified": whatever does not hold refuses it.
 * Source: S3 API Reference, CopyObject.
 */
export function checkCopySourceConditions(conditions: ReadConditions, facts: ReadFacts, nowMs: number): void {
  const verdict = judge(conditions, facts, nowMs)
  if (verdict.outcome !== 'read') throw preconditionFailed(`source.${verdict.condition}`, facts)
}

/** And for what a rename replaces, as far as its time is asked about. Source: S3 API Reference, RenameObject. */
export function checkTimeConditions(
  { ifModifiedSince, ifUnmodifiedSince }: ReadConditions,
  facts: ReadFacts,
  nowMs: number,
): void {
  const times = {
    ...(ifModifiedSince && { ifModifiedSince }),
    ...(ifUnmodifiedSince && { ifUnmodifiedSince }),
  }
  const verdict = judge(times, facts, nowMs)
  if (verdict.outcome !== 'read') throw preconditionFailed(verdict.condition, facts)
}

/** @param condition An option's name; for a condition about a copy's source, after `source.`. */
export const preconditionFailed = (
  condition: string,
  { etag, lastModifiedMs }: Pick<ReadFacts, 'etag' | 'lastModifiedMs'>,
  versionId?: string,
): EngineError<'PreconditionFailed'> =>
  new EngineError('PreconditionFailed', `The condition ${condition} does not hold.`, {
    condition,
    etag,
    lastModified: new Date(lastModifiedMs),
    ...(versionId === undefined ? {} : { versionId }),
  })
