import { isDeepStrictEqual } from 'node:util'
import type {
  Bucket,
  OpenEngine,
  ReplicationConfiguration,
  ReplicationRule,
  ReplicationTargetInfo,
} from '@aquifer/engine'
import { S3Error } from '@aquifer/http-adapter'
import { z } from 'zod'

/** What is asked of a rule when a target is added. What is not said is on: that is what replication both ways needs. */
export const ruleOptions = z.strictObject({
  id: z.string().min(1).max(255).optional(),
  priority: z.int().min(0).optional(),
  prefix: z.string().max(1_024).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  storageClass: z.string().min(1).max(64).optional(),
  deleteMarkers: z.boolean().optional(),
  versionDeletes: z.boolean().optional(),
  existingObjects: z.boolean().optional(),
  replicaModifications: z.boolean().optional(),
})

export const rulesOf = async (bucket: Bucket): Promise<readonly ReplicationRule[]> =>
  (await bucket.getConfiguration('replication'))?.rules ?? []

/**
 * Puts a rule of a target beside those that are there, above them unless a priority is given.
 *
 * @throws {S3Error} `InvalidRequest` where a rule of another target has the same versions go to the same bucket: each would go twice.
 */
export const addRule = (
  engine: OpenEngine,
  target: ReplicationTargetInfo,
  asked: z.output<typeof ruleOptions>,
): Promise<ReplicationRule> =>
  inTurn(async () => {
    const bucket = engine.bucket(target.sourceBucket)
    const before = await bucket.getConfiguration('replication')
    const rules = before?.rules ?? []
    const rule = ruleOf(target.arn, asked, rules)
    const targets = await engine.replication.status({ bucket: target.sourceBucket })
    const repeated = rules.find((other) => {
      const to = targets.find(({ arn }) => arn === other.destination.arn)
      return to !== undefined && placeOf(to) === placeOf(target) && isOfTheSame(other, rule)
    })
    if (repeated !== undefined)
      throw new S3Error(
        'InvalidRequest',
        `The rule "${repeated.id}" has the same versions go there already, by the target ${repeated.destination.arn}.`,
      )
    await bucket.setConfiguration('replication', { ...before, rules: [...rules, rule] })
    // As it is kept: one that was not given an id has one now.
    const kept = await rulesOf(bucket)
    return kept.find(({ priority }) => priority === rule.priority) ?? rule
  })

/** Takes away the rules of a target, and the configuration with the last one. Answers the ids of those that went. */
export const removeRules = (bucket: Bucket, arn: string): Promise<string[]> =>
  inTurn(async () => {
    const before = await bucket.getConfiguration('replication')
    const gone = (before?.rules ?? []).filter(({ destination }) => destination.arn === arn)
    if (before === undefined || gone.length === 0) return []
    const rules = before.rules.filter((rule) => !gone.includes(rule))
    const after: ReplicationConfiguration | undefined = rules.length === 0 ? undefined : { ...before, rules }
    await bucket.setConfiguration('replication', after)
    return gone.map(({ id, priority }) => id ?? `of priority ${priority}`)
  })

/** @returns The rule that is asked for, in a bucket that has such rules. */
function ruleOf(
  arn: string,
  asked: z.output<typeof ruleOptions>,
  rules: readonly ReplicationRule[],
): ReplicationRule {
  const { id, prefix, tags, storageClass } = asked
  const isFiltered = prefix !== undefined || tags !== undefined
  const filter = { ...(prefix === undefined ? {} : { prefix }), ...(tags === undefined ? {} : { tags }) }
  return {
    ...(id === undefined ? {} : { id }),
    status: 'enabled',
    priority: asked.priority ?? Math.max(0, ...rules.map(({ priority }) => priority)) + 1,
    ...(isFiltered && { filter }),
    destination: { arn, ...(storageClass === undefined ? {} : { storageClass }) },
    // A delete marker has no tags, so that no rule with tags can be about one.
    deleteMarkers: onOrOff(asked.deleteMarkers ?? tags === undefined),
    versionDeletes: onOrOff(asked.versionDeletes),
    existingObjects: onOrOff(asked.existingObjects),
    replicaModifications: onOrOff(asked.replicaModifications),
  }
}

const placeOf = ({ endpoint, bucket }: ReplicationTargetInfo): string => new URL(bucket, endpoint).href

/** Whether two rules that are enabled are about the same versions. */
const isOfTheSame = (one: ReplicationRule, other: ReplicationRule): boolean =>
  one.status === other.status &&
  (one.filter?.prefix ?? '') === (other.filter?.prefix ?? '') &&
  isDeepStrictEqual({ ...one.filter?.tags }, { ...other.filter?.tags })

const onOrOff = (on = true): 'enabled' | 'disabled' => (on ? 'enabled' : 'disabled')

let turn: Promise<unknown> = Promise.resolve()

/** Rules are read, changed and set one after the other: of two that were added at once both are to be there. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = turn.then(work, work)
  turn = done.catch(() => {})
  return done
}
