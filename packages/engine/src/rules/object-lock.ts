import type { DefaultRetention, ObjectLock, Retention } from '../contract/object-lock.js'
import { EngineError } from '../errors.js'

/** As records hold it: a moment in milliseconds. */
export interface LockedUntil {
  readonly mode: Retention['mode']
  readonly retainUntilMs: number
}

/** What of a version says whether it may be removed. */
export interface Lock {
  readonly retention?: LockedUntil
  /** Absent: never set. */
  readonly legalHold?: boolean
}

/** What of a bucket says how its versions are locked. */
export interface LockingBucket {
  readonly objectLock?: boolean
  readonly defaultRetention?: DefaultRetention
}

const DAYS_MAX = 36_500
const YEARS_MAX = 100
/** The last moment that a date of four digits can name. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/**
 * Source: S3 API Reference, PutObjectLockConfiguration, DefaultRetention.
 *
 * @throws {@link EngineError} `InvalidRetentionPeriod`
 * @throws TypeError for an unknown mode, and for both days and years or neither.
 */
export function checkObjectLock({ defaultRetention }: ObjectLock): void {
  if (defaultRetention === undefined) return
  checkMode(defaultRetention.mode)
  const { days, years } = defaultRetention as { days?: number; years?: number }
  if ((days === undefined) === (years === undefined))
    throw new TypeError('A default retention is in days or in years.')
  const [period, maximum] = days === undefined ? [years!, YEARS_MAX] : [days, DAYS_MAX]
  if (!Number.isInteger(period) || period < 1)
    throw new EngineError(
      'InvalidRetentionPeriod',
      'Default retention period must be a positive integer value',
      {
        period,
        maximum,
      },
    )
  if (period > maximum)
    throw new EngineError('InvalidRetentionPeriod', 'Default retention period too large', { period, maximum })
}

/**
 * Whether a bucket's object lock may become this. Source: S3 API Reference, PutObjectLockConfiguration.
 *
 * @throws {@link EngineError} `InvalidBucketState`, `InvalidRetentionPeriod`
 */
export function checkObjectLockChange(
  bucket: string,
  { versioning }: { readonly versioning?: 'enabled' | 'suspended' },
  wanted: ObjectLock | undefined,
): ObjectLock {
  if (wanted === undefined)
    throw new EngineError('InvalidBucketState', 'Object Lock cannot be taken back once it is enabled.', {
      bucket,
    })
  checkObjectLock(wanted)
  if (versioning !== 'enabled')
    throw new EngineError(
      'InvalidBucketState',
      "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
      { bucket },
    )
  return wanted
}

/** Until when a version written now is kept by default. The 29th of February a year on is the 1st of March. */
export function retentionByDefault(rule: DefaultRetention, nowMs: number): LockedUntil {
  const until = new Date(nowMs)
  if ('days' in rule) until.setUTCDate(until.getUTCDate() + rule.days)
  else until.setUTCFullYear(until.getUTCFullYear() + rule.years)
  return { mode: rule.mode, retainUntilMs: until.getTime() }
}

/**
 * How a new version is locked: by what its writer says, and where that is no retention by the bucket's default, also
 * beside a legal hold. Source: S3 User Guide, "Object Lock"; aistor §2.3.
 *
 * @throws {@link EngineError} `InvalidRequest` where the bucket has no object lock, `InvalidArgument`.
 */
export function lockOfNewVersion(
  bucket: LockingBucket,
  { retention, legalHold }: { readonly retention?: Retention; readonly legalHold?: boolean },
  nowMs: number,
): Lock {
  if (retention !== undefined || legalHold !== undefined) checkLockEnabled(bucket)
  const { objectLock, defaultRetention } = bucket
  const until =
    retention !== undefined
      ? lockedUntil(retention, nowMs)
      : objectLock === true && defaultRetention !== undefined
        ? retentionByDefault(defaultRetention, nowMs)
        : undefined
  return { ...(until && { retention: until }), ...(legalHold === undefined ? {} : { legalHold }) }
}

/**
 * How a version is locked that was made in another store: as is said of it, whatever the default is here, and also where its
 * retention has ended meanwhile. Where there is no object lock, that it is not locked need not be said. Source: aistor §2.3.
 *
 * @throws {@link EngineError} as {@link lockOfNewVersion}.
 */
export function lockOfReplica(
  bucket: LockingBucket,
  { retention, legalHold }: { readonly retention?: Retention | undefined; readonly legalHold?: boolean },
): Lock {
  if (retention !== undefined || legalHold === true) checkLockEnabled(bucket)
  if (bucket.objectLock !== true) return {}
  const until = retention && lockedUntil(retention, ALWAYS)
  return { ...(until && { retention: until }), ...(legalHold === undefined ? {} : { legalHold }) }
}

/** Before every moment that can be named. */
const ALWAYS = -1

/** @throws {@link EngineError} `InvalidRequest` */
export function checkLockEnabled({ objectLock }: LockingBucket): void {
  if (objectLock === true) return
  const reason = 'Bucket is missing Object Lock Configuration'
  throw new EngineError('InvalidRequest', reason, { reason })
}

/** @throws {@link EngineError} `InvalidArgument` unless the date is yet to come. */
export function lockedUntil({ mode, retainUntil }: Retention, nowMs: number): LockedUntil {
  checkMode(mode)
  const retainUntilMs = retainUntil.getTime()
  if (retainUntilMs > nowMs && retainUntilMs <= LATEST_MS) return { mode, retainUntilMs }
  throw new EngineError('InvalidArgument', 'The retain until date must be in the future!', {
    argument: 'retainUntil',
    value: Number.isNaN(retainUntilMs) ? 'no date' : retainUntil.toISOString(),
  })
}

function checkMode(mode: string): void {
  if (mode !== 'governance' && mode !== 'compliance') throw new TypeError(`${mode} is no mode of retention.`)
}

/** Locked up to its last moment, which is the safe reading of "until". Source: aistor §2.8. */
const isActive = (retention: LockedUntil | undefined, lockMs: number): retention is LockedUntil =>
  retention !== undefined && lockMs <= retention.retainUntilMs

/** Whether a version may be removed for good. Source: S3 User Guide, "Object Lock"; aistor §2.7. */
export function mayRemove(
  { retention, legalHold }: Lock,
  lockMs: number,
  bypassGovernance: boolean,
): boolean {
  if (legalHold === true) return false
  if (!isActive(retention, lockMs)) return true
  return retention.mode === 'governance' && bypassGovernance
}

/**
 * Whether a version's retention may become this; `undefined` takes it away. It may always be made longer in its mode;
 * what else is done to one that is active weakens it, or is taken for that. Source: aistor §2.5.
 */
export function mayRetain(
  current: LockedUntil | undefined,
  wanted: LockedUntil | undefined,
  lockMs: number,
  bypassGovernance: boolean,
): boolean {
  if (!isActive(current, lockMs)) return true
  if (wanted?.mode === current.mode && wanted.retainUntilMs >= current.retainUntilMs) return true
  return current.mode === 'governance' && bypassGovernance
}
