import { type CrossedError, crossError, uncrossError } from './crossed-error.js'

type Settled = PromiseSettledResult<unknown>

/** Outcomes of many, of which some are errors. */
interface CrossedOutcomes {
  readonly crossed: readonly ({ readonly value: unknown } | { readonly reason: CrossedError })[]
}

/** What a call has answered, as it crosses. Errors in it would lose what they are. */
export function crossResult(result: unknown): unknown {
  if (!Array.isArray(result) || !result.some(isRejected)) return result
  const crossed = (result as readonly Settled[]).map((outcome) =>
    outcome.status === 'rejected' ? { reason: crossError(outcome.reason) } : { value: outcome.value },
  )
  return { crossed } satisfies CrossedOutcomes
}

export function uncrossResult(result: unknown, findOwn: (number: number) => unknown): unknown {
  if (typeof result !== 'object' || result === null || !('crossed' in result)) return result
  return (result as CrossedOutcomes).crossed.map(
    (outcome): Settled =>
      'reason' in outcome
        ? { status: 'rejected', reason: uncrossError(outcome.reason, findOwn) }
        : { status: 'fulfilled', value: outcome.value },
  )
}

const isRejected = (outcome: unknown): boolean =>
  typeof outcome === 'object' && outcome !== null && 'reason' in outcome
