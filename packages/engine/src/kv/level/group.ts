import { type KeyText, keyText } from '../key-text.js'
import type { Change, CommitOutcome, Revision, Row } from '../kv.js'

/** A commit waiting for its group. */
export interface Waiting {
  readonly change: Change
  readonly sizeBytes: number
  resolve(outcome: CommitOutcome): void
  reject(error: unknown): void
}

/** A change whose checks held, with the revision it was given. */
export interface Accepted {
  readonly change: Change
  readonly revision: Revision
}

export interface Closed {
  readonly accepted: readonly Accepted[]
  /** Answers the members: those accepted and those in conflict alike. */
  answer(): void
  fail(error: unknown): void
}

/** Takes from the front what fits in one group; at least one commit, however large. */
export function takeGroup(queue: Waiting[], groupBytesMax: number): Waiting[] {
  let bytes = 0
  let count = 0
  for (const { sizeBytes } of queue) {
    bytes += sizeBytes
    if (count > 0 && bytes > groupBytesMax) break
    count++
  }
  return queue.splice(0, count)
}

/**
 * Evaluates the members' checks in the order of their arrival, each against the index and the members accepted
 * before it. Nothing is written yet, so nobody is answered yet: a conflict with a member that then fails would
 * be a conflict with nothing.
 */
export function closeGroup(
  members: readonly Waiting[],
  find: (key: Uint8Array) => Row | undefined,
  lastRevision: Revision,
): Closed {
  const accepted: Accepted[] = []
  const outcomes: CommitOutcome[] = []
  const earlier = new Map<KeyText, Revision | undefined>()
  let revision = lastRevision
  for (const { change } of members) {
    const conflicts = conflictsOf(change, earlier, find)
    if (conflicts.length > 0) {
      outcomes.push({ committed: false, conflicts })
      continue
    }
    revision++
    // With one member nobody comes later to ask.
    if (members.length > 1) {
      for (const { key } of change.puts) earlier.set(keyText(key), revision)
      for (const key of change.deletes) earlier.set(keyText(key), undefined)
    }
    accepted.push({ change, revision })
    outcomes.push({ committed: true, revision })
  }
  return {
    accepted,
    answer: () => members.forEach((member, i) => void member.resolve(outcomes[i]!)),
    fail: (error) => members.forEach((member) => void member.reject(error)),
  }
}

function conflictsOf(
  { checks }: Change,
  earlier: ReadonlyMap<KeyText, Revision | undefined>,
  find: (key: Uint8Array) => Row | undefined,
): Uint8Array[] {
  const conflicts: Uint8Array[] = []
  for (const check of checks) {
    const text = keyText(check.key)
    const found = earlier.has(text) ? earlier.get(text) : find(check.key)?.revision
    const wanted = 'revision' in check ? check.revision : undefined
    if (found !== wanted) conflicts.push(check.key)
  }
  return conflicts
}

/** What a change adds to a group, roughly: its bytes and a little for each row. */
export function changeSizeBytes({ puts, deletes }: Change): number {
  let bytes = 0
  for (const { key, value, payload } of puts)
    bytes += 32 + key.byteLength + value.byteLength + (payload?.byteLength ?? 0)
  for (const key of deletes) bytes += 32 + key.byteLength
  return bytes
}
