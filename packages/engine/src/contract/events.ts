import type { Tags } from './object.js'
import type { Cancel } from './source.js'

/**
 * What can be told of. Names are AIStor's; where AWS has another for the same, a rule may ask for either.
 * @see S3 User Guide, "Supported event types for SQS, SNS, and Lambda".
 */
export type EventName =
  | 's3:ObjectAccessed:Attributes'
  | 's3:ObjectAccessed:Get'
  | 's3:ObjectAccessed:GetLegalHold'
  | 's3:ObjectAccessed:GetRetention'
  | 's3:ObjectAccessed:Head'
  | 's3:ObjectCreated:CompleteMultipartUpload'
  | 's3:ObjectCreated:Copy'
  | 's3:ObjectCreated:DeleteTagging'
  | 's3:ObjectCreated:Post'
  | 's3:ObjectCreated:Put'
  | 's3:ObjectCreated:PutLegalHold'
  | 's3:ObjectCreated:PutRetention'
  | 's3:ObjectCreated:PutTagging'
  | 's3:ObjectRemoved:Delete'
  | 's3:ObjectRemoved:DeleteAllVersions'
  | 's3:ObjectRemoved:DeleteMarkerCreated'
  | 's3:ObjectRemoved:NoOP'
  | 's3:LifecycleDelMarkerExpiration:Delete'
  | 's3:ObjectTagging:Put'
  | 's3:ObjectTagging:Delete'
  | 's3:LifecycleExpiration:Delete'
  | 's3:LifecycleExpiration:DeleteMarkerCreated'
  | 's3:BucketCreated:*'
  | 's3:BucketRemoved:*'
  | 's3:Replication:OperationCompletedReplication'
  | 's3:Replication:OperationFailedReplication'
  | 's3:Replication:OperationMissedThreshold'
  | 's3:Replication:OperationNotTracked'
  | 's3:Replication:OperationReplicatedAfterThreshold'
  | 's3:TestEvent'

/** Who asked for what an event tells of, and how: plain facts, each kept and told as it was given. */
export interface EventOrigin {
  /** The access key that signed, or what else names who asked. */
  readonly principalId?: string
  readonly sourceAddress?: string
  readonly sourcePort?: string
  readonly userAgent?: string
  readonly requestId?: string
  readonly hostId?: string
  readonly region?: string
  /** The range of bytes that was read, as it was asked for. */
  readonly range?: string
  /** The event's name, where the verb alone does not tell it: a form's upload is `s3:ObjectCreated:Post`. */
  readonly name?: EventName
}

/** Of what changes or reads something: who asked for it, as events will tell. */
export interface Caused {
  /**
   * Given as a function, it is asked for only where somebody is to be told. With `false` reads are not told of at all: for
   * who looks something up to answer another question. @defaultValue nothing is known of who asked
   */
  origin?: EventOrigin | (() => EventOrigin) | false
}

/** Something that happened, as its commit wrote it down. */
export interface EngineEvent {
  readonly name: EventName
  readonly time: Date
  readonly bucket: string
  readonly bucketOwnerId?: string
  /** Empty where it is about a bucket. */
  readonly key: string
  readonly versionId?: string
  readonly sizeBytes?: number
  /** Without quotes. */
  readonly etag?: string
  readonly contentType?: string
  readonly metadata?: Tags
  /**
   * Sixteen hexadecimal digits which, compared as text, order the events of a key as they happened. An event that is
   * delivered twice has the same both times.
   */
  readonly sequencer: string
  readonly origin: EventOrigin
}

/** Which events are meant. Prefix and suffix are asked of the key, each for itself, as they stand. */
export interface EventFilter {
  /** Names, or groups of them such as `s3:ObjectCreated:*`. */
  readonly names: readonly string[]
  readonly prefix?: string
  readonly suffix?: string
}

/** One rule of a bucket's notification configuration. */
export interface NotificationRule extends EventFilter {
  readonly id?: string
  /** The target's ARN, `arn:minio:sqs::ID:webhook`. The region may be left out. */
  readonly arn: string
}

/** Who wants to be told of what happens in a bucket. */
export interface Notification {
  readonly rules: readonly NotificationRule[]
}

/**
 * Somewhere events go. One that resolves has the event for certain; one that rejects, or takes longer than it may, is asked
 * again later. The same event may come twice, with the same sequencer; those of a key come in order.
 */
export interface EventTarget {
  deliver(event: EngineEvent, options: { readonly signal: AbortSignal }): Promise<void>
  /** Called once, when the engine closes. */
  close?(): Promise<void>
}

/** What becomes of a write whose event has no room in its target's backlog. */
export type WhenFull = 'block' | 'drop'

/** A target under the ARN by which notification configurations name it. */
export interface EventTargetOptions {
  readonly arn: string
  readonly target: EventTarget
  /** Events that may wait, those given up among them. @defaultValue 1000000 */
  readonly backlogMax?: number
  /**
   * `'block'`: the write is refused with `EventBacklogFull`, and nothing acknowledged is ever without its event. `'drop'`: the
   * write goes through, and that its event is missing is counted and listed. @defaultValue 'block'
   */
  readonly whenFull?: WhenFull
  /** Events under way at a time; those of one key are so one after the other. @defaultValue 8 */
  readonly concurrency?: number
  /** How long one delivery may take. @defaultValue 10000 */
  readonly timeoutMs?: number
  /** After so many tries an event is given up: it waits among the dead letters. @defaultValue 50 */
  readonly attemptsMax?: number
  /** The same after this time since its first try. @defaultValue 86400000 */
  readonly retryForMs?: number
  /** How long to wait after a first failure; doubled with each further one, up to 15 minutes. @defaultValue 1000 */
  readonly retryDelayMs?: number
}

/** Events that were dropped because a backlog was full: a stretch of time in which some are missing. */
export interface EventGap {
  readonly from: Date
  readonly to: Date
  readonly count: number
}

export interface EventTargetStatus {
  /** A target's ARN, or a subscriber's name. */
  readonly name: string
  readonly kind: 'target' | 'subscriber' | 'listener'
  /** False where configurations or waiting events name what this engine was not given. */
  readonly isConfigured: boolean
  readonly waiting: number
  readonly deadLetters: number
  readonly backlogMax: number
  readonly whenFull: WhenFull
  readonly gaps: readonly EventGap[]
  /** What last went wrong, unless a delivery has succeeded since. */
  readonly lastError?: { readonly message: string; readonly at: Date; readonly nextTry: Date }
}

/** An event that was given up. */
export interface DeadLetter {
  readonly target: string
  /** Names it to `redrive`. */
  readonly id: string
  readonly event: EngineEvent
  readonly attempts: number
  readonly error: string
}

export interface SubscribeOptions extends Partial<EventFilter>, Cancel {
  /** 1 to 128 characters of `A-Z a-z 0-9 . _ -`. */
  readonly subscriber: string
  /** Of one bucket alone. @defaultValue all of them */
  readonly bucket?: string
  /** As {@link EventTargetOptions} has them. @defaultValue 100000 */
  readonly backlogMax?: number
  readonly whenFull?: WhenFull
}

export interface ListenOptions extends EventFilter, Cancel {
  readonly bucket?: string
}

/** Events as they come, until it is left. */
export interface EventStream extends AsyncIterableIterator<EngineEvent, undefined>, AsyncDisposable {
  /** Also while `next` is waited for: it says that there is none. */
  return(): Promise<IteratorResult<EngineEvent, undefined>>
}

/** What happens, told to whoever asks. */
export interface Events {
  /**
   * All that happens from now on and matches, in order for each key, one at a time: asking for the next acknowledges the
   * last. It is durable under its name: whoever comes back under it goes on where it left, and gets again what it had not
   * acknowledged. With another filter than before, that holds from then on. One at a time may listen under a name.
   *
   * @throws {@link EngineError} `InvalidArgument`, `NoSuchBucket`; `InvalidRequest` while another listens under the name.
   */
  (options: SubscribeOptions): AsyncIterable<EngineEvent>
  /**
   * As a subscriber without a name, from when the promise resolves: what was not read when it ends is forgotten. Ends with
   * `EventsDropped` where more than 100,000 events waited.
   */
  listen(options: ListenOptions): Promise<EventStream>
  /** Forgets a subscriber and what waits for it. Nobody of the name is no error. */
  unsubscribe(subscriber: string): Promise<void>
  /** Every target and subscriber, with what waits for it. */
  status(options?: Cancel): Promise<readonly EventTargetStatus[]>
  /** The events that were given up, oldest first. */
  deadLetters(options?: { target?: string } & Cancel): AsyncIterable<DeadLetter>
  /** Has events that were given up delivered again, as if they were new. Answers how many. */
  redrive(options?: { target?: string; id?: string } & Cancel): Promise<number>
}
