import type { Draft } from '../../catalog/draft.js'
import { type FoundObject, foundObject, type ObjectTarget } from '../../catalog/find.js'
import { afterAllUnder, versionsOfKey } from '../../catalog/keys.js'
import { rowsUnder } from '../../catalog/scan.js'
import { type ObjectState, readForChange } from '../../commit/object-change.js'
import { ruledVersions } from '../../commit/ruled-versions.js'
import { isEngineError } from '../../errors.js'
import { limits } from '../../limits.js'
import { isDue } from '../../rules/lifecycle/days.js'
import { type Forecast, firstOf, forecastsFor } from '../../rules/lifecycle/forecast.js'
import { mayRemove } from '../../rules/object-lock.js'
import type { Works } from '../../works.js'

/** The times by which a sweep decides. */
export interface SweepTime {
  /** What is due before it is due. */
  readonly nowMs: number
  /** Retentions end by this one, which nobody can set. */
  readonly lockMs: number
}

export interface DueVersion {
  readonly found: FoundObject
  readonly forecast: Forecast
}

/** What is to become of a key now, and when it has to be looked at again. */
export interface KeyPlan {
  readonly target: ObjectTarget
  /** Absent where there is nothing that could be changed. */
  readonly state?: ObjectState
  /** The current version goes, or a marker hides it. */
  readonly current?: DueVersion
  /** Noncurrent versions that go for good. */
  readonly noncurrent?: readonly DueVersion[]
  /** All versions go, the current one first among them. */
  readonly all?: readonly DueVersion[]
  /** There is more to be done for it than one commit should: it is to be looked at again at once. */
  readonly again?: boolean
  readonly nextLookMs?: number | undefined
}

/**
 * Looks at a key under its bucket's rules. What the plan rests on is checked by the draft's commit: the bucket, the key's
 * own row, the versions that go, and of those that stay the ones that count.
 */
export async function planKey(
  works: Works,
  draft: Draft,
  target: ObjectTarget,
  time: SweepTime,
): Promise<KeyPlan> {
  try {
    return await new Planner(works, draft, target, time).plan()
  } catch (error) {
    if (isEngineError(error, 'NoSuchBucket')) return { target }
    // The bucket is being removed, which may come to nothing.
    if (isEngineError(error, 'OperationAborted'))
      return { target, nextLookMs: time.lockMs + limits.sweepAgainMs }
    throw error
  }
}

class Planner {
  readonly #works: Works
  readonly #draft: Draft
  readonly #target: ObjectTarget
  readonly #time: SweepTime
  #nextLookMs: number | undefined

  constructor(works: Works, draft: Draft, target: ObjectTarget, time: SweepTime) {
    this.#works = works
    this.#draft = draft
    this.#target = target
    this.#time = time
  }

  async plan(): Promise<KeyPlan> {
    const target = this.#target
    const state = await readForChange(this.#works, this.#draft, target)
    const { lifecycle, current } = state
    if (lifecycle === undefined || current === undefined) return { target }
    const noncurrent: DueVersion[] = []
    const counted: FoundObject[] = []
    let successor: FoundObject | undefined
    let checked = 0
    let again = false
    for await (const { found, facts } of ruledVersions(this.#works.kv, target, current)) {
      const forecast = firstOf(forecastsFor(lifecycle, facts), this.#time.nowMs)
      const due = forecast !== undefined && isDue(forecast.dueMs, this.#time.nowMs) ? forecast : undefined
      if (due === undefined) this.#lookAgain(forecast?.dueMs)
      else if (facts.isLatest) {
        const planned =
          due.action === 'expire'
            ? { current: { found, forecast: due }, again: current.record.summary !== undefined }
            : await this.#wholeKey(state, due)
        if (planned !== undefined) return { target, state, ...planned, nextLookMs: this.#nextLookMs }
      } else if (this.#isFree(found)) {
        if (noncurrent.length === limits.sweepVersionsPerKey) {
          again = true
          break
        }
        this.#check(found, successor!)
        for (; checked < Math.min(due.newerKept ?? 0, counted.length); checked++)
          this.#check(counted[checked]!)
        noncurrent.push({ found, forecast: due })
      }
      if (!facts.isLatest && counted.length < limits.newerNoncurrentVersionsMax) counted.push(found)
      successor = found
    }
    // A delete marker may be the last of its key once they are gone.
    again ||= noncurrent.length > 0 && current.record.isDeleteMarker
    return { target, state, noncurrent, again, nextLookMs: this.#nextLookMs }
  }

  /**
   * A key that goes with all versions it has. Of very many the oldest go first and the current one last, so that no old
   * version shows itself meanwhile. One that is locked keeps all of them.
   */
  async #wholeKey(
    { bucket, current }: ObjectState,
    forecast: Forecast,
  ): Promise<Pick<KeyPlan, 'all' | 'noncurrent' | 'again'> | undefined> {
    if (current!.record.summary === undefined)
      return this.#isFree(current!) ? { all: [{ found: current!, forecast }] } : undefined
    const family = versionsOfKey(bucket.bucketId, this.#target.key)
    let isFree = true
    for await (const row of rowsUnder(this.#works.kv, family))
      if (!this.#isFree(foundObject(bucket, this.#target, row))) isFree = false
    if (!isFree) return undefined
    const { rows, more } = await this.#works.kv.scan({
      from: family,
      to: afterAllUnder(family),
      limit: limits.sweepVersionsPerKey,
      reverse: true,
    })
    const versions = rows.map((row) => foundObject(bucket, this.#target, row))
    this.#check(...versions)
    const going = versions.map((found) => ({ found, forecast }))
    return more ? { noncurrent: going, again: true } : { all: going.reverse() }
  }

  /** What is locked is looked at again when its lock may have ended. The end of a legal hold has a look of its own. */
  #isFree({ record }: FoundObject): boolean {
    const { lockMs } = this.#time
    if (mayRemove(record, lockMs, false)) return true
    if (record.legalHold !== true && record.retention !== undefined)
      this.#lookAgain(Math.max(record.retention.retainUntilMs + 1, lockMs + limits.sweepAgainMs))
    return false
  }

  #lookAgain(ms: number | undefined): void {
    if (ms !== undefined) this.#nextLookMs = Math.min(ms, this.#nextLookMs ?? ms)
  }

  #check(...found: readonly FoundObject[]): void {
    for (const { row } of found) this.#draft.check(row.key, row)
  }
}
