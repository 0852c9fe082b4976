import type { ObjectLock } from '@aquifer/engine'
import fc from 'fast-check'
import type { LockAsked, RetentionAsked, Step } from './step.js'
import { at, bytes, conditions, fanOutTo, listing, version, versioning } from './step-values.js'

// Two keys alone, so that they come to have many versions, and their states to follow each other.
const crowded = fc.record({ bucket: fc.constant('first'), key: fc.constantFrom('a', 'b') })
const oneOfMany = fc.record({ bucket: fc.constant('first'), key: fc.constantFrom('a', 'b'), version })
const noConditions = fc.constant({})
const plainPut = {
  verb: fc.constant('put' as const),
  at: crowded,
  bytes,
  claim: fc.constant('nothing' as const),
  attributes: fc.constant({}),
  conditions: noConditions,
}
const plainCopy = {
  verb: fc.constant('copy' as const),
  from: oneOfMany,
  at: crowded,
  fromConditions: noConditions,
  conditions: noConditions,
}

const bring = {
  verb: fc.constant('bring' as const),
  at: crowded,
  bytes,
  isMarker: fc.constantFrom(false, false, true),
  isNewest: fc.boolean(),
}

export const versionStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record(bring) },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: fc.constant('removeReplica' as const),
      at: oneOfMany,
      bypassGovernance: fc.constant(false),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record(plainPut),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      verb: fc.constant('delete' as const),
      at: fc.oneof(oneOfMany, oneOfMany, crowded),
      conditions: noConditions,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record(plainCopy),
  },
  {
    weight: 2,
    arbitrary: fanOutTo(
      fc.array(fc.record({ at: crowded, attributes: fc.constant({}), conditions }), {
        minLength: 1,
        maxLength: 4,
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constant('setVersioning' as const),
      bucket: fc.constant('first'),
      versioning,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constant('listVersions' as const),
      bucket: fc.constant('first'),
      options: listing,
    }),
  },
)

// Some end while the sequence runs, some do not, and one has ended already.
const retention: fc.Arbitrary<RetentionAsked> = fc.record({
  mode: fc.constantFrom('governance' as const, 'compliance' as const),
  afterMs: fc.constantFrom(-1, 0, 1_500, 4_500, 20_000, 86_400_000),
})
const lock: fc.Arbitrary<LockAsked> = fc.record({ retention, legalHold: fc.boolean() }, { requiredKeys: [] })
export const lockStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ ...bring, lock }) },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: fc.constant('removeReplica' as const),
      at: oneOfMany,
      bypassGovernance: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ ...plainPut, lock }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ ...plainCopy, lock }),
  },
  {
    weight: 2,
    arbitrary: fanOutTo(
      fc.array(
        fc.record({
          at: fc.oneof({ weight: 3, arbitrary: crowded }, { weight: 1, arbitrary: at }),
          attributes: fc.constant({}),
          conditions: noConditions,
          lock,
        }),
        { minLength: 1, maxLength: 4 },
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: fc.constant('createUpload' as const),
      at: crowded,
      attributes: fc.constant({}),
      checksum: fc.constant({}),
      conditions: noConditions,
      lock,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        verb: fc.constant('setRetention' as const),
        at: oneOfMany,
        retention,
        bypassGovernance: fc.boolean(),
      },
      { requiredKeys: ['verb', 'at', 'bypassGovernance'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({ verb: fc.constant('setLegalHold' as const), at: oneOfMany, on: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('delete' as const),
      at: oneOfMany,
      conditions: noConditions,
      bypassGovernance: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: fc.constant('setObjectLock' as const),
      bucket: fc.constant('first'),
      objectLock: fc.constantFrom<ObjectLock>(
        {},
        { defaultRetention: { mode: 'governance', days: 1 } },
        { defaultRetention: { mode: 'compliance', days: 1 } },
      ),
    }),
  },
)
