import fc from 'fast-check'
import { lockStep, versionStep } from './crowded-steps.js'
import { lifecycleStep } from './lifecycle-steps.js'
import { plainStep } from './plain-steps.js'
import type { Step } from './step.js'

/** What the steps are of, and what comes before them. */
const themes = [
  { step: plainStep, first: [] },
  { step: fc.oneof(plainStep, versionStep), first: [] },
  {
    step: fc.oneof(plainStep, versionStep, lockStep, lockStep),
    first: [
      { verb: 'setVersioning', bucket: 'first', versioning: 'enabled' },
      { verb: 'setObjectLock', bucket: 'first', objectLock: {} },
    ],
  },
  { step: fc.oneof(plainStep, plainStep, lifecycleStep), first: [] },
  {
    step: fc.oneof(plainStep, versionStep, versionStep, lifecycleStep),
    first: [{ verb: 'setVersioning', bucket: 'first', versioning: 'enabled' }],
  },
  {
    step: fc.oneof(plainStep, versionStep, lockStep, lifecycleStep),
    first: [
      { verb: 'setVersioning', bucket: 'first', versioning: 'enabled' },
      { verb: 'setObjectLock', bucket: 'first', objectLock: {} },
    ],
  },
] as const satisfies { step: fc.Arbitrary<Step>; first: Step[] }[]

/**
 * A bucket to begin with, then up to 40 steps. In a third of the sequences there are no versions: then appends and
 * renames go. Else many of the steps are about the versions of few keys, or about how they are locked. In half of the
 * sequences objects go by lifecycle rules as well.
 */
export const steps: fc.Arbitrary<Step[]> = fc
  .constantFrom(...themes)
  .chain(({ step: of, first }) =>
    fc
      .array<Step>(of, { maxLength: 40, size: 'max' })
      .map((rest): Step[] => [{ verb: 'createBucket', bucket: 'first' }, ...first, ...rest]),
  )
