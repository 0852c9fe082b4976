import { CommandFailure } from '../failure.js'
import type { Desk } from '../identity/identity-command.js'
import type { Which } from './replication-settings.js'

/** @throws {@link CommandFailure} `refused` for a bucket that has none, or several. */
export async function arnOf(which: Which, desk: Desk): Promise<string> {
  const arns = await arnsOf(which, desk)
  if (arns.length === 1) return arns[0]!
  throw new CommandFailure(
    'refused',
    `The bucket has ${arns.length} targets.`,
    `Name one: ${arns.join(', ')}.`,
  )
}

/** @throws {@link CommandFailure} `refused` for a bucket that has none. */
export async function arnsOf(which: Which, desk: Desk): Promise<string[]> {
  if ('arn' in which) return [which.arn]
  const { bucket } = which
  const answer: { buckets: { targets: { arn: string }[] }[] } = await desk.ask('replicate/list', { bucket })
  const arns = answer.buckets.flatMap(({ targets }) => targets.map(({ arn }) => arn))
  if (arns.length > 0) return arns
  const remedy =
    '"aquifer replicate list" tells what is replicated, and "aquifer replicate add" adds a target.'
  throw new CommandFailure('refused', `The bucket "${bucket}" has no targets.`, remedy)
}
