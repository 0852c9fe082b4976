import { Draft } from '../catalog/draft.js'
import { EngineError, isEngineError } from '../errors.js'
import type { Awaitable } from '../kv/kv.js'
import { limits } from '../limits.js'
import type { Works } from '../works.js'

/** Bytes written unseen, which a commit is about to name. */
export interface Staged {
  /** Writes into the commit that these bytes are used. */
  use(draft: Draft): void
  /** The commit is durable: the bytes belong to its record. */
  used(): Promise<void>
  /** The commit may have happened: neither keep nor remove them, recovery will tell. */
  unknown(): void
}

export interface Decision<S, T> {
  /** Names of what this change is about; one holder at a time decides about each. */
  readonly turns: readonly string[]
  readonly staged?: readonly Staged[]
  /** Reads, through the draft, what the decision rests on. */
  read(draft: Draft): Awaitable<S>
  /** From the state found to the change wanted. Runs again if the state has changed; may throw to refuse. */
  decide(state: S, draft: Draft): T
}

/** The one door through which a change becomes visible: all or nothing, durable when it resolves. */
export async function commit<S, T>(works: Works, decision: Decision<S, T>): Promise<T> {
  using _turns = await works.turns.acquire(decision.turns)
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const draft = new Draft(works.kv)
    const state = await decision.read(draft)
    const result = decision.decide(state, draft)
    if (draft.isEmpty) return result
    for (const staged of decision.staged ?? []) staged.use(draft)
    const outcome = await carryOut(works, draft, decision.staged ?? [])
    if (!outcome.committed) continue
    for (const staged of decision.staged ?? []) await staged.used()
    if (draft.defersWork) works.wakeReclaim()
    if (draft.nextLookMs !== undefined) works.wakeSweeper(draft.nextLookMs)
    if (draft.beginsResync) works.wakeResync()
    return result
  }
  throw new EngineError('OperationAborted', 'Other writers of the same rows won every time. Try again.', {})
}

async function carryOut(works: Works, draft: Draft, staged: readonly Staged[]) {
  const settle = works.outbox.place(draft)
  try {
    const outcome = await works.kv.commit(draft.toChange())
    settle(outcome.committed ? 'committed' : 'absent')
    return outcome
  } catch (error) {
    // Whatever is not certainly absent may come back as committed after a restart.
    const absent = isEngineError(error, 'StorageUnavailable')
      ? error.details.outcome === 'absent'
      : isEngineError(error, 'StorageFull')
    settle(absent ? 'absent' : 'unknown')
    if (!absent) for (const each of staged) each.unknown()
    throw error
  }
}
