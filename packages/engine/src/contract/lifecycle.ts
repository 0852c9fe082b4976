import type { Tags } from './object.js'
import type { Cancel } from './source.js'

/** Which objects a rule is about. All that is said must hold; saying nothing means every object. */
export interface LifecycleFilter {
  readonly prefix?: string
  /** Each must be there with its value. A delete marker has no tags. */
  readonly tags?: Tags
  /** Sizes strictly between the two. Delete markers have none, and are not asked. */
  readonly sizeGreaterThan?: number
  readonly sizeLessThan?: number
}

/** What happens to the current version of a key. */
export type Expiration =
  /** So many days after it was written. `allVersions`: with it go all other versions of the key. */
  | { readonly days: number; readonly allVersions?: boolean }
  /** From a midnight UTC on, whenever it was written. */
  | { readonly date: Date }
  /** A delete marker goes once no other version of its key is left. */
  | { readonly expiredObjectDeleteMarker: true }

/**
 * A rule by which objects go by themselves. It needs an action. Days end at the midnight (UTC) after they are over.
 *
 * @see S3 API Reference, LifecycleRule; aistor-s3-api, PutBucketLifecycle.
 */
export interface LifecycleRule {
  /** Up to 255 characters, no two alike. @defaultValue one is made */
  readonly id?: string
  readonly status: 'enabled' | 'disabled'
  readonly filter?: LifecycleFilter
  /**
   * In a bucket without versions the object goes. With versions a delete marker hides it, and the version becomes
   * noncurrent; days also clean up a delete marker that is the last of its key.
   */
  readonly expiration?: Expiration
  /** A key whose current version has been a delete marker for so many days goes with all its versions. */
  readonly deleteMarkerExpiration?: { readonly days: number }
  /**
   * A version goes for good, delete markers among them: so many days after it became noncurrent, and only where so many
   * newer noncurrent ones are kept. At least one of the two is there.
   */
  readonly noncurrentVersionExpiration?: {
    readonly noncurrentDays?: number
    readonly newerNoncurrentVersions?: number
  }
  /** An upload that has not been completed so many days after it was begun is aborted. */
  readonly abortIncompleteMultipartUpload?: { readonly daysAfterInitiation: number }
}

export interface LifecycleConfiguration {
  /** 1 to 1,000. */
  readonly rules: readonly LifecycleRule[]
  /** When it was set; of no meaning to who sets it. */
  readonly updated?: Date
  /** Which small objects transitions are to leave alone. Kept and given back: there are no transitions yet. */
  readonly transitionMinimum?: 'all-storage-classes' | 'varies-by-storage-class'
}

export type LifecycleAction =
  /** The current version goes, or is hidden by a delete marker. */
  | 'expire'
  /** A key goes with all its versions. */
  | 'expire-all-versions'
  /** The delete marker that is the last of its key goes. */
  | 'remove-delete-marker'
  /** A noncurrent version goes for good. */
  | 'remove-noncurrent'
  /** An incomplete upload is aborted. */
  | 'abort-upload'

export interface SweepOptions extends Cancel {
  /** What is due before it is carried out. Locks end by the time of the store, whatever this says. */
  now: Date
  /** Whether it only tells what it would do. @defaultValue false */
  dryRun?: boolean
}

/** Something a sweep did, or would do. */
export interface SweepAction {
  readonly action: LifecycleAction
  readonly bucket: string
  readonly key: string
  /** Where the bucket has versions: the one that goes, or is hidden. */
  readonly versionId?: string
  readonly uploadId?: string
  readonly ruleId: string
  /** Since when it was due. */
  readonly due: Date
}

/** What one rule has to do with a version or an upload. */
export interface RuleVerdict {
  readonly ruleId: string
  /** What it will do, and from when on; absent where it will do nothing. */
  readonly action?: LifecycleAction
  readonly due?: Date
  /** Why it will do nothing. */
  readonly because?:
    | 'disabled'
    | 'other-prefix'
    | 'other-tags'
    | 'too-small'
    | 'too-large'
    /** No action of the rule is about such a version. */
    | 'no-such-action'
    /** So many newer noncurrent versions are not there yet. */
    | 'among-the-newest'
}

/** What will become of one version or upload by itself. */
export interface LifecycleForecast {
  readonly versionId?: string
  readonly uploadId?: string
  readonly isLatest?: boolean
  readonly isDeleteMarker?: boolean
  /** When it was written, or the upload begun. */
  readonly since: Date
  /** One for each rule, in their order. */
  readonly verdicts: readonly RuleVerdict[]
  /** Which of them comes first. */
  readonly next?: {
    readonly action: LifecycleAction
    readonly ruleId: string
    readonly due: Date
    /** Object lock keeps the version beyond that: until this moment, or until the hold is taken back. */
    readonly waitsFor?: 'retention' | 'legal-hold'
    readonly retainUntil?: Date
  }
}

export interface LifecycleExplanation {
  readonly key: string
  /** The newest first, up to 100. */
  readonly versions: readonly LifecycleForecast[]
  readonly uploads: readonly LifecycleForecast[]
  /** Rules were set and not all that was there before has been looked at yet: so many keys have. */
  readonly indexing?: { readonly keys: number }
}
