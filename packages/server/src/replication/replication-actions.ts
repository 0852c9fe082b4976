import type { ReplicationTargetStatus } from '@aquifer/engine'
import { z } from 'zod'
import { adminAction } from '../identity/admin-action.js'
import { name, withoutUndefined } from '../identity/fields.js'
import { addRule, removeRules, ruleOptions, rulesOf } from './replication-rules.js'

/** Failures that one answer lists. */
const LISTED_MAX = 1_000

const arn = z.string().min(1).max(1_024)
const secret = z.string().min(1).max(256)
const limits = {
  /** 0: as much as there is. */
  bandwidthLimit: z.int().min(0).optional(),
  concurrency: z.int().min(1).max(256).optional(),
}

const target = z.strictObject({
  endpoint: z.string().min(1).max(1_024),
  bucket: name,
  region: name.optional(),
  accessKeyId: secret,
  secretAccessKey: secret,
  addressing: z.enum(['path', 'virtual-host']).optional(),
  ...limits,
})

const change = z.strictObject({
  arn,
  endpoint: z.string().min(1).max(1_024).optional(),
  accessKeyId: secret.optional(),
  secretAccessKey: secret.optional(),
  ...limits,
})

export const replicationActions = {
  'replicate/add': adminAction({
    input: z.strictObject({ bucket: name, target, rule: ruleOptions.optional() }),
    needs: ({ rule }) => ['admin:SetBucketTarget', ...(rule ? ['s3:PutReplicationConfiguration'] : [])],
    async run(administered, { bucket, target, rule: asked }) {
      const { replication } = administered.engine
      const added = await replication.addTarget(bucket, withoutUndefined(target))
      if (asked === undefined) return { target: added }
      try {
        return { target: added, rule: await addRule(administered.engine, added, asked) }
      } catch (error) {
        await replication.removeTarget(added.arn) // Half of what was asked for is of no use.
        throw error
      }
    },
  }),
  'replicate/list': adminAction({
    input: z.strictObject({ bucket: name.optional() }),
    needs: () => ['admin:GetBucketTarget'],
    async run(administered, options) {
      const targets = await administered.engine.replication.status(withoutUndefined(options))
      const names = new Set(targets.map(({ sourceBucket }) => sourceBucket))
      if (options.bucket !== undefined) names.add(options.bucket)
      const buckets = []
      for (const bucket of [...names].sort())
        buckets.push({
          bucket,
          targets: targets.filter(({ sourceBucket }) => sourceBucket === bucket).map(infoOf),
          rules: await rulesOf(administered.engine.bucket(bucket)),
        })
      return { buckets }
    },
  }),
  'replicate/status': adminAction({
    input: z.strictObject({ bucket: name.optional(), check: z.boolean().optional() }),
    needs: () => ['admin:GetBucketTarget'],
    async run(administered, { check = false, ...options }) {
      const { replication } = administered.engine
      const targets = await replication.status(withoutUndefined(options))
      const resyncs = new Map<string, object>()
      const checks = new Map<string, object>()
      for (const bucket of new Set(targets.map(({ sourceBucket }) => sourceBucket))) {
        for (const resync of await replication.resyncStatus(bucket)) resyncs.set(resync.arn, { resync })
        if (!check) continue
        for (const { arn, error } of await replication.check(bucket))
          checks.set(arn, { check: error ?? 'ok' })
      }
      return {
        targets: targets.map((each) => ({ ...each, ...resyncs.get(each.arn), ...checks.get(each.arn) })),
      }
    },
  }),
  'replicate/update': adminAction({
    input: change,
    needs: () => ['admin:SetBucketTarget'],
    run: async (administered, { arn, ...changed }) => ({
      target: await administered.engine.replication.updateTarget(arn, withoutUndefined(changed)),
    }),
  }),
  'replicate/remove': adminAction({
    input: z.strictObject({ arn }),
    needs: () => ['admin:SetBucketTarget', 's3:PutReplicationConfiguration'],
    async run(administered, { arn }) {
      const { replication } = administered.engine
      const found = (await replication.status()).find((each) => each.arn === arn)
      const bucket = found && administered.engine.bucket(found.sourceBucket)
      const rules = bucket === undefined ? [] : await removeRules(bucket, arn)
      await replication.removeTarget(arn)
      return { arn, rules }
    },
  }),
  'replicate/resync': adminAction({
    input: z.strictObject({ arn, olderThanMs: z.int().min(0).optional() }),
    needs: () => ['s3:ResetBucketReplicationState'],
    run: async (administered, { arn, ...options }) => ({
      resync: await administered.engine.replication.resync(arn, withoutUndefined(options)),
    }),
  }),
  'replicate/cancel-resync': adminAction({
    input: z.strictObject({ arn }),
    needs: () => ['s3:ResetBucketReplicationState'],
    run: async (administered, { arn }) => ({
      resync: await administered.engine.replication.cancelResync(arn),
    }),
  }),
  'replicate/failures': adminAction({
    input: z.strictObject({ arn: arn.optional() }),
    needs: () => ['admin:GetBucketTarget'],
    async run(administered, options) {
      const entries = []
      for await (const failure of administered.engine.replication.failures(withoutUndefined(options))) {
        if (entries.length === LISTED_MAX) return { entries, isTruncated: true }
        entries.push(failure)
      }
      return { entries, isTruncated: false }
    },
  }),
  'replicate/redrive': adminAction({
    input: z.strictObject({ arn: arn.optional(), id: z.string().min(1).max(256).optional() }),
    needs: () => ['admin:SetBucketTarget'],
    run: async (administered, options) => ({
      redriven: await administered.engine.replication.redrive(withoutUndefined(options)),
    }),
  }),
}

/** What a target is, without how it fares. */
const infoOf = ({
  arn,
  sourceBucket,
  endpoint,
  bucket,
  region,
  accessKeyId,
  addressing,
  bandwidthLimit,
  concurrency,
  keepsVersionIds,
}: ReplicationTargetStatus) =>
  withoutUndefined({
    ...{ arn, sourceBucket, endpoint, bucket, region, accessKeyId },
    ...{ addressing, bandwidthLimit, concurrency, keepsVersionIds },
  })
