import pLimit from 'p-limit'
import { type StagedBody, stageBody } from '../../bodies/stage.js'
import { checkObjectAsked, checkObjectEarly } from '../../bodies/write-object.js'
import type { ObjectTarget } from '../../catalog/find.js'
import { turnOf } from '../../commit/object-change.js'
import type { Caused } from '../../contract/events.js'
import type { FanOutOptions, FanOutTarget, ObjectInfo } from '../../contract/object.js'
import type { ByteSource } from '../../contract/source.js'
import { limits } from '../../limits.js'
import { toAsyncIterable } from '../../streams/byte-source.js'
import type { Works } from '../../works.js'
import { checkAtOnce, writeAtOnce } from './write-at-once.js'
import { writeEach } from './write-each.js'

/** A target as its commit needs it: where it goes, and with what. */
export interface Entry {
  readonly target: ObjectTarget
  readonly options: FanOutTarget
}

/** One stream, read and stored once, as many objects. */
export async function fanOut(
  works: Works,
  bucket: string,
  source: ByteSource,
  targets: readonly FanOutTarget[],
  options: FanOutOptions & Caused,
): Promise<PromiseSettledResult<ObjectInfo>[]> {
  // From the first moment: a stream that fails while nobody listens would end the process. Refused, it is closed.
  using bytes = toAsyncIterable(source, options.signal)
  if (targets.length === 0) throw new RangeError('A fan-out has at least one target.')
  const entries = targets.map((target) => ({
    target: { bucket: target.bucket ?? bucket, key: target.key },
    options: target,
  }))
  if (options.atomic === true) checkAtOnce(works, entries)
  const refusals = await checkEarly(works, entries)
  const refused = refusals.find((refusal) => refusal !== undefined)
  if (options.atomic === true && refused !== undefined) throw refused.reason
  if (refusals.every((refusal) => refusal !== undefined)) return refusals as PromiseRejectedResult[]

  const share = Math.floor(limits.fanOutByValueBytes / targets.length)
  await using body = await stage(works, source, bytes, options, share)
  if (options.atomic === true) return await writeAtOnce(works, body, entries, options)
  const left = entries.filter((_, at) => refusals[at] === undefined)
  const written = await writeEach(works, body, left, options)
  return refusals.map((refusal) => refusal ?? written.shift()!)
}

/** Spares a long upload what the commits would refuse; decides nothing. */
async function checkEarly(
  works: Works,
  entries: readonly Entry[],
): Promise<(PromiseRejectedResult | undefined)[]> {
  const limit = pLimit(limits.fanOutConcurrency)
  const named = new Set<string>()
  const checks = await Promise.allSettled(
    entries.map(({ target, options }) => {
      // Where a key is named again, its conditions are about what the target before it will have written.
      const isFirst = !named.has(turnOf(target))
      named.add(turnOf(target))
      return limit(async () => {
        checkObjectAsked(target, options)
        await checkObjectEarly(works, target, isFirst ? options : unconditional(options))
      })
    }),
  )
  return checks.map((check) => (check.status === 'rejected' ? check : undefined))
}

const unconditional = ({ ifMatch: _is, ifNoneMatch: _isNot, ...attributes }: FanOutTarget) => attributes

/** Small bodies go to each target by value, as long as all of that together is little. */
function stage(
  works: Works,
  source: ByteSource,
  bytes: AsyncIterable<Uint8Array>,
  options: FanOutOptions,
  shareBytes: number,
): Promise<StagedBody> {
  const inlineMaxBytes = Math.min(works.settings.inlineMaxBytes, shareBytes)
  return stageBody(works, source instanceof Uint8Array ? source : bytes, { ...options, inlineMaxBytes })
}
