import type { Engine, LifecycleRule } from '@aquifer/engine'

const days = 36_500

/** Rules about everything, by which nothing goes in our lifetime: all that they take is that it is written down when it would. */
const rules: readonly LifecycleRule[] = [
  { id: 'current', status: 'enabled', expiration: { days } },
  {
    id: 'others',
    status: 'enabled',
    deleteMarkerExpiration: { days },
    noncurrentVersionExpiration: { noncurrentDays: days, newerNoncurrentVersions: 1 },
    abortIncompleteMultipartUpload: { daysAfterInitiation: days },
  },
]

/** Puts a bucket under them. */
export const setDistantRules = (engine: Engine, bucket: string): Promise<void> =>
  engine.bucket(bucket).setConfiguration('lifecycle', { rules })

/** Has what was there before looked at, and all that asks for it. Nothing may come of it. */
export async function sweepInVain(engine: Engine): Promise<void> {
  for await (const { bucket, key } of engine.sweep({ now: new Date() }))
    throw new Error(`"${key}" of ${bucket} went by a rule that is for the next century.`)
}
