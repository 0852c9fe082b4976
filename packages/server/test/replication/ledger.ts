import type { Retention, Tags } from '@aquifer/engine'
import type { Outcome, SeenVersion } from './side.js'

/** A change of one fact of a version. What was lost may have been made at any moment until its end, or never. */
interface Change<T> {
  readonly value: T
  readonly side: string
  readonly beganMs: number
  readonly endedMs: number
  readonly isSure: boolean
}

interface Told {
  readonly key: string
  /** Where it was written. */
  readonly side: string
  /** Of a delete marker nothing is told but that it is there. */
  readonly isMarker: boolean
  readonly sha256: string
  readonly tags: Change<string>[]
  readonly holds: Change<boolean>[]
  readonly compliance: Change<number>[]
  /** A lock was once asked for it, or that there be none: who removes it in the other store meanwhile does not know of that. */
  lockSpokenOf: boolean
  /** `'perhaps'`: the answer was lost, or the store may not have had it yet, of which S3 says nothing. */
  removed: 'no' | 'perhaps' | 'surely'
}

/** What was asked to be written; a delete marker has neither bytes nor anything else. */
interface Version {
  readonly key: string
  readonly sha256?: string
  readonly tags?: Tags
  readonly retention?: Retention
  readonly legalHold?: boolean
}

/**
 * The clocks of two stores differ by less on one machine; and a store whose versions are changed twice in a millisecond is ahead of the
 * clock by so little.
 */
const APART_MS = 500

export const textOfTags = (tags: Tags): string =>
  JSON.stringify(Object.entries(tags).sort(([one], [other]) => (one < other ? -1 : 1)))

/** What was acknowledged by either store, and what may be said of both when they have come to rest. */
export class Ledger {
  readonly #versions = new Map<string, Told>()
  readonly #violations: string[] = []
  /** Writes whose answer was lost: each may have made a version whose id nobody knows. */
  #lostWrites = 0
  readonly counts = { acknowledged: 0, refused: 0, 'answers lost': 0 }

  written(side: string, beganMs: number, version: Version, outcome: Outcome): void {
    this.#count(outcome)
    if (outcome.is === 'lost') this.#lostWrites++
    if (outcome.is !== 'done') return
    const at = { side, beganMs, endedMs: Date.now(), isSure: true }
    const told: Told = {
      key: version.key,
      side,
      isMarker: version.sha256 === undefined,
      sha256: version.sha256 ?? '',
      tags: [{ ...at, value: textOfTags(version.tags ?? {}) }],
      holds: [{ ...at, value: version.legalHold ?? false }],
      compliance: [],
      lockSpokenOf: version.retention !== undefined || version.legalHold === true,
      removed: 'no',
    }
    if (version.retention?.mode === 'compliance')
      told.compliance.push({ ...at, value: version.retention.retainUntil.getTime() })
    this.#versions.set(outcome.versionId!, told)
  }

  tagged(side: string, beganMs: number, versionId: string, tags: Tags, outcome: Outcome): void {
    this.#count(outcome)
    this.#change('tags', versionId, { side, beganMs, value: textOfTags(tags) }, outcome)
  }

  held(side: string, beganMs: number, versionId: string, on: boolean, outcome: Outcome): void {
    this.#count(outcome)
    this.#versions.get(versionId)!.lockSpokenOf = true
    this.#change('holds', versionId, { side, beganMs, value: on }, outcome)
  }

  retained(side: string, beganMs: number, versionId: string, retention: Retention, outcome: Outcome): void {
    this.#count(outcome)
    this.#versions.get(versionId)!.lockSpokenOf = true
    if (retention.mode !== 'compliance') return
    const value = retention.retainUntil.getTime()
    this.#change('compliance', versionId, { side, beganMs, value }, outcome)
  }

  removal(side: string, beganMs: number, versionId: string, outcome: Outcome): void {
    this.#count(outcome)
    const told = this.#versions.get(versionId)!
    if (outcome.is === 'refused') return
    const now = Date.now()
    const keeping = told.compliance.find(
      (each) => each.isSure && each.side === side && each.endedMs < beganMs && each.value > now,
    )
    if (outcome.is === 'done' && keeping !== undefined)
      this.#violations.push(`${told.key} ${versionId} was removed from ${side} under COMPLIANCE`)
    if (outcome.is === 'done' && side === told.side) told.removed = 'surely'
    else if (told.removed === 'no') told.removed = 'perhaps'
  }

  #count(outcome: Outcome): void {
    if (outcome.is === 'done') this.counts.acknowledged++
    else if (outcome.is === 'refused') this.counts.refused++
    else this.counts['answers lost']++
  }

  #change<K extends 'tags' | 'holds' | 'compliance'>(
    kind: K,
    versionId: string,
    change: { side: string; beganMs: number; value: Told[K][number]['value'] },
    outcome: Outcome,
  ): void {
    if (outcome.is === 'refused') return
    const made = { ...change, endedMs: Date.now(), isSure: outcome.is === 'done' }
    const changes = this.#versions.get(versionId)![kind] as (typeof made)[]
    changes.push(made)
  }

  /** What is wrong with what a store has at rest, by what was promised. `atMs` is when it was asked. */
  findViolations(seen: ReadonlyMap<string, SeenVersion>, atMs: number): string[] {
    const found = [...this.#violations]
    for (const [versionId, told] of this.#versions) {
      const name = `${told.key} ${versionId}`
      const version = seen.get(versionId)
      const kept = told.compliance.filter(({ isSure, value }) => isSure && value > atMs)
      if (version === undefined) {
        // What one store had promised to keep is not lost by a removal in the other that had not heard of it.
        if (told.removed === 'no') found.push(`${name} was acknowledged, never removed, and is not there`)
        else if (kept.length > 0) found.push(`${name} is gone though COMPLIANCE keeps it`)
        else if (!told.isMarker && !mayStand(told.holds, false))
          found.push(`${name} is gone though it is held`)
        continue
      }
      // Of whose locks something is said in one store survives that it is removed in the other, and goes back there.
      if (told.removed === 'surely' && !told.lockSpokenOf) found.push(`${name} was removed, and is there`)
      // What came back is as it was when the other store locked it, and later changes of it went with it.
      if (told.isMarker || told.removed !== 'no') continue
      const { facts } = version
      if (facts['sha256'] !== told.sha256) found.push(`${name} has other bytes than were written`)
      if (!mayStand(told.tags, facts['tags']!))
        found.push(`${name} has the tags ${facts['tags']}, of ${describe(told.tags)}`)
      if (!mayStand(told.holds, facts['legal hold'] === 'on'))
        found.push(`${name} has the legal hold ${facts['legal hold']}, of ${describe(told.holds)}`)
      for (const { value } of kept) {
        const [mode, until] = (facts['retention'] ?? '').split(' until ')
        if (mode !== 'compliance' || Date.parse(until!) < value)
          found.push(
            `${name} has the retention ${facts['retention']}: shorter than was promised, ${new Date(value).toISOString()}`,
          )
      }
    }
    const unknown = [...seen.values()].filter(({ versionId }) => !this.#versions.has(versionId))
    if (unknown.length > this.#lostWrites)
      found.push(
        `${unknown.length} versions were never acknowledged, where ${this.#lostWrites} answers were lost: ${unknown[0]!.key} ${unknown[0]!.versionId}`,
      )
    return found
  }
}

/** Whether a value can be what is left when the newest change wins. */
function mayStand<T>(changes: readonly Change<T>[], value: T): boolean {
  return changes.some(
    (each) =>
      each.value === value &&
      !changes.some(
        (later) => later.isSure && later.beganMs > each.endedMs + (later.side === each.side ? 0 : APART_MS),
      ),
  )
}

const describe = (changes: readonly Change<unknown>[]): string =>
  changes
    .slice(-6)
    .map(
      ({ value, side, beganMs, endedMs, isSure }) =>
        `${value} (${side}, ${new Date(beganMs).toISOString()} to ${new Date(endedMs).toISOString()}${isSure ? '' : ', lost'})`,
    )
    .join('; ')
