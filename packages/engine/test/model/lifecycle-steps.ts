import type { Expiration, LifecycleFilter, LifecycleRule, Tags } from '@aquifer/engine'
import fc from 'fast-check'
import type { Step } from './step.js'
import { bucket } from './step-values.js'

/** In the model's runs: each step takes a second and a half, so that a few make a day. */
export const LIFECYCLE_DAY_SECONDS = 5

const plain = { noNullPrototype: true } as const
const days = fc.constantFrom(1, 1, 2, 3)
const filter: fc.Arbitrary<LifecycleFilter> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        prefix: fc.constantFrom('', 'a', 'a/', 'b', 'none'),
        tags: fc.constantFrom<Tags>({ a: '' }, { a: 'x' }, { a: 'x', b: 'ä' }),
        sizeGreaterThan: fc.constantFrom(0, 7, 30),
        sizeLessThan: fc.constantFrom(8, 17, 100),
      },
      { ...plain, requiredKeys: [] },
    ),
  },
)
const expiration: fc.Arbitrary<Expiration> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ days }, plain) },
  { weight: 2, arbitrary: fc.record({ days, allVersions: fc.boolean() }, plain) },
  { weight: 2, arbitrary: fc.constant({ expiredObjectDeleteMarker: true } as const) },
  // The runs begin on the second.
  { weight: 1, arbitrary: fc.constantFrom(2, 3).map((day) => ({ date: new Date(Date.UTC(2026, 0, day)) })) },
)
const noncurrent = fc.record(
  { noncurrentDays: days, newerNoncurrentVersions: fc.constantFrom(0, 1, 2) },
  { ...plain, requiredKeys: [] },
)
const rule: fc.Arbitrary<LifecycleRule> = fc.record(
  {
    status: fc.constantFrom('enabled', 'enabled', 'enabled', 'disabled'),
    filter,
    expiration,
    deleteMarkerExpiration: fc.record({ days }, plain),
    noncurrentVersionExpiration: noncurrent,
    abortIncompleteMultipartUpload: fc.record({ daysAfterInitiation: days }, plain),
  },
  { ...plain, requiredKeys: ['status'] },
)

/** Rules of all kinds, some of which are refused, and sweeps of what they have due. */
export const lifecycleStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record(
      {
        verb: fc.constant('setLifecycle' as const),
        bucket,
        rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
      },
      { ...plain, requiredKeys: ['verb', 'bucket'] },
    ),
  },
  { weight: 3, arbitrary: fc.constant({ verb: 'sweep' as const }) },
)
