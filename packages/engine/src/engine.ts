import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { Deliveries } from './background/deliveries/deliveries.js'
import { LifecycleSweeper } from './background/lifecycle/sweeper.js'
import { LockTimeKeeper } from './background/lock-time-keeper.js'
import { Reclaimer } from './background/reclaim.js'
import { Replicator } from './background/replication/replicator.js'
import type { BlobStore } from './blobs/blobs.js'
import { FileBlobStore } from './blobs/files/file-blob-store.js'
import { MemoryBlobStore } from './blobs/memory/memory-blob-store.js'
import { BlobIds } from './bodies/blob-ids.js'
import { Pins } from './bodies/pins.js'
import { BucketHandle } from './bucket.js'
import { type Clock, systemClock } from './clock.js'
import { LifecycleRules } from './commit/lifecycle-rules.js'
import { LockTime } from './commit/lock-time.js'
import { ReplicationRules } from './commit/replication-rules.js'
import type { Bucket, BucketInfo, CreateBucketOptions } from './contract/bucket.js'
import type { OpenEngine } from './contract/engine.js'
import type { Caused, Events, EventTargetOptions } from './contract/events.js'
import type { Identities, Principal } from './contract/identity.js'
import type { SweepAction, SweepOptions } from './contract/lifecycle.js'
import type { Listing, ListOptions } from './contract/listing.js'
import type { Decision, PolicyContext } from './contract/policy.js'
import type { ConnectReplicationTarget, Replication } from './contract/replication.js'
import type { Cancel } from './contract/source.js'
import type { EngineStat, Finding, Health } from './contract/store.js'
import { type Disk, nodeDisk } from './disk.js'
import { engineClosed } from './errors.js'
import { eventsHandle } from './events.js'
import { BucketPolicies } from './identity/bucket-policies.js'
import { IdentitiesHandle } from './identity/identities.js'
import type { RightsSource } from './identity/rights-source.js'
import { Sealing, type SealingKeySource } from './identity/sealing.js'
import { type Ids, randomIds } from './ids.js'
import type { Awaitable, KvStore } from './kv/kv.js'
import { LevelKvStore } from './kv/level/level-kv-store.js'
import { MemoryKvStore } from './kv/memory/memory-kv-store.js'
import { limits } from './limits.js'
import { Outbox } from './outbox/outbox.js'
import { ReplicationTargets } from './replication/targets.js'
import { replicationHandle } from './replication.js'
import { HashThreads } from './streams/hash-threads.js'
import { Activity } from './sync/activity.js'
import { MemoryBudget } from './sync/memory-budget.js'
import { SharedCount } from './sync/shared-count.js'
import { Turns } from './sync/turns.js'
import { createBucket } from './verbs/buckets/create-bucket.js'
import { listBuckets } from './verbs/buckets/list-buckets.js'
import { statStore } from './verbs/store/stat-store.js'
import { type VerifyOptions, verifyStore } from './verbs/store/verify-store.js'
import type { Works } from './works.js'

export interface EngineOptions {
  /** Where the data lies. Left out together with `stores`, everything is in memory and gone at close. */
  directory?: string
  /** When false, a directory that holds no store is refused with `NoSuchStore`. @defaultValue true */
  createIfMissing?: boolean
  /** Stores of your own instead of a directory; the engine closes them. */
  stores?: { kv: KvStore; blobs: BlobStore }
  /**
   * Whether the engine frees space and carries out lifecycle rules by itself. When false, call `reclaim` and `sweep`.
   * @defaultValue true
   */
  background?: boolean
  /** @defaultValue 'md5' */
  etag?: 'md5' | 'opaque'
  /**
   * 32 bytes under which the secrets of access keys are sealed, or what gives them once the store is owned. It keeps
   * the secrets from whoever has the stored bytes without it, such as a backup. Without it the engine neither makes nor
   * finds access keys. Losing it loses the secrets. @defaultValue none
   */
  sealingKey?: Uint8Array | SealingKeySource
  /**
   * Bodies up to this many bytes are stored with their record: one sync for both, but they are rewritten
   * when the journal is compacted. Larger ones get a file. @defaultValue 65536, at most 262144
   */
  inlineMaxBytes?: number
  /**
   * How long a day of lifecycle rules lasts: another than a real one is for tests and trials, and everything that days are
   * said of goes by it. @defaultValue 86400
   */
  lifecycleDaySeconds?: number
  /** Where the notification configurations of buckets may have events sent. @defaultValue none */
  eventTargets?: readonly EventTargetOptions[]
  /**
   * Makes what the targets of replication are reached by. Without it none can be added, and what is for those that are there waits.
   * @defaultValue none
   */
  connectReplicationTarget?: ConnectReplicationTarget
  disk?: Disk
  clock?: Clock
  ids?: Ids
}

/** After so long without a large body the threads that hash them end. */
const HASH_THREADS_IDLE_MS = 10_000

const noContext: PolicyContext = new Map()

/** Stores that say nothing of it always serve. */
const HEALTHY: Health = { isServing: true, writes: 'all', isVerified: true, quarantinedFiles: 0 }

/** What of the works is the engine's own doing. */
type Hooks = Pick<Works, 'wakeReclaim' | 'wakeSweeper' | 'wakeResync'>

/** What of an engine is for its stand-ins in other threads, and for who is its neighbour, alone. */
interface Inside {
  readonly rights: RightsSource
  readonly rightsChanges: SharedCount
}

export let insideOf: (engine: Engine) => Inside

/** An open store of objects. One you hold is open; `close` it, or let `await using` do so. */
export class Engine implements OpenEngine, AsyncDisposable {
  readonly #works: Works
  readonly #activity = new Activity()
  readonly #reclaimer: Reclaimer
  readonly #sweeper: LifecycleSweeper
  readonly #lockTimeKeeper: LockTimeKeeper
  readonly #deliveries: Deliveries
  readonly #replicator: Replicator
  /** Who is told of what happens. */
  readonly events: Events
  /** Carrying versions over to other buckets. */
  readonly replication: Replication
  #identities: IdentitiesHandle | undefined
  #closed: Promise<void> | undefined

  static {
    insideOf = (engine) => ({
      rights: engine.#identities!.rights,
      rightsChanges: engine.#works.rightsChanges,
    })
  }

  private constructor(works: Omit<Works, keyof Hooks>, background: boolean) {
    this.#works = {
      ...works,
      wakeReclaim: () => this.#reclaimer.wake(),
      wakeSweeper: (dueMs) => this.#sweeper.wakeAt(dueMs),
      wakeResync: () => this.#replicator.wakeResync(),
    }
    this.#sweeper = new LifecycleSweeper(this.#works, { background })
    this.#reclaimer = new Reclaimer(this.#works, { background })
    this.#lockTimeKeeper = new LockTimeKeeper(this.#works.lockTime)
    this.#deliveries = new Deliveries(this.#works)
    this.#replicator = new Replicator(this.#works, this.#activity)
    this.events = eventsHandle(this.#works, this.#activity, this.#deliveries)
    this.replication = replicationHandle(this.#works, this.#activity, this.#replicator)
  }

  /**
   * Opens a store, finishing or forgetting what an earlier process left undone.
   *
   * @throws {@link EngineError} `EngineLocked` while another process has the directory; `NoSuchStore`;
   * `StoreDamaged` where acknowledged writes are missing: see {@link rebuildIndex}; `FormatTooNew`; `SealingKeyMismatch`.
   */
  static async open(options: EngineOptions = {}): Promise<Engine> {
    const { background = true, etag = 'md5', clock = systemClock } = options
    const { inlineMaxBytes = limits.inlineMaxBytesDefault, ids = randomIds(clock) } = options
    if (
      !Number.isInteger(inlineMaxBytes) ||
      inlineMaxBytes < 0 ||
      inlineMaxBytes > limits.inlineMaxBytesLimit
    )
      throw new RangeError(`inlineMaxBytes is a whole number up to ${limits.inlineMaxBytesLimit}.`)
    const { lifecycleDaySeconds = 86_400 } = options
    if (!Number.isInteger(lifecycleDaySeconds) || lifecycleDaySeconds < 1 || lifecycleDaySeconds > 86_400)
      throw new RangeError('lifecycleDaySeconds is a whole number from 1 to 86400.')
    const { kv, blobs } = await openStores(options)
    try {
      const blobIds = new BlobIds(kv, blobs)
      const lockTime = await LockTime.open(kv, clock)
      const rightsChanges = new SharedCount()
      const sealing = await Sealing.open(kv, options.sealingKey)
      const engine = new Engine(
        {
          kv,
          blobs,
          blobIds,
          pins: new Pins(),
          turns: new Turns(),
          clock,
          ids,
          opening: randomBytes(16),
          lockTime,
          lifecycleRules: new LifecycleRules(kv, lifecycleDaySeconds * 1_000),
          replicationRules: new ReplicationRules(kv),
          bucketPolicies: new BucketPolicies(kv, rightsChanges),
          rightsChanges,
          outbox: await Outbox.open(kv, options.eventTargets ?? []),
          sealing,
          replicationTargets: await ReplicationTargets.open(kv, sealing, options.connectReplicationTarget),
          gathering: new MemoryBudget(limits.gatheringBudgetBytes),
          hashThreads: new HashThreads(background ? { idleMs: HASH_THREADS_IDLE_MS } : {}),
          settings: { etag, inlineMaxBytes },
        },
        background,
      )
      if (kv.hasLost?.()) {
        await blobIds.startAnew()
        await kv.settleLoss?.()
      }
      await blobIds.recover()
      engine.#identities = await IdentitiesHandle.open(engine.#works, engine.#activity)
      engine.#reclaimer.wake()
      engine.#sweeper.wakeAt(0)
      if (background) {
        engine.#lockTimeKeeper.start()
        engine.#deliveries.start()
        engine.#replicator.start()
      }
      return engine
    } catch (error) {
      await blobs.close()
      await kv.close()
      throw error
    }
  }

  /**
   * A handle: no I/O, cannot fail.
   *
   * @param options.origin For whom the handle is: what is done by it is told of with this.
   */
  bucket(name: string, { origin }: Caused = {}): Bucket {
    return new BucketHandle(
      { works: this.#works, activity: this.#activity, ...(origin !== undefined && { origin }) },
      name,
    )
  }

  /** @throws {@link EngineError} `BucketAlreadyExists`, `BucketAlreadyOwnedByYou`, `InvalidBucketName` */
  createBucket(name: string, options: CreateBucketOptions = {}): Promise<BucketInfo> {
    return this.#activity.run(options.signal, (signal) =>
      createBucket(this.#works, name, { ...options, signal }),
    )
  }

  listBuckets(options: ListOptions = {}): Listing<BucketInfo, 'bucket'> {
    return listBuckets(this.#works, options)
  }

  /** Who may use the store. */
  get identities(): Identities {
    return this.#identities!
  }

  /**
   * Whether a principal may do something, by what the store says at this moment: the policies of the user and its
   * groups, that of the key or session, and the bucket's. The answer names the statement that decided. It comes at once
   * where nothing has to be looked up.
   *
   * @param action Such as `s3:GetObject`.
   * @param resource `arn:aws:s3:::bucket`, `arn:aws:s3:::bucket/key`, or `arn:aws:s3:::*` for what is of no bucket.
   * @param context What conditions may ask for; see {@link PolicyRequest}.
   */
  can(
    principal: Principal,
    action: string,
    resource: string,
    context: PolicyContext = noContext,
  ): Awaitable<Decision> {
    if (this.#activity.closing) throw engineClosed()
    const decision = this.#identities!.can(principal, { action, resource, context })
    return decision instanceof Promise ? this.#activity.runBriefly(() => decision) : decision
  }

  /** Frees the space of what no record names any more. What a reader still holds is left for the next time. */
  reclaim(options: Cancel = {}): Promise<void> {
    return this.#activity.run(options.signal, (signal) => this.#reclaimer.reclaim(signal))
  }

  /**
   * Carries out lifecycle rules once, by a time of the caller's, and tells each thing that it did. What is due is found by
   * the rows that writes have left, not by searching. What object lock keeps is left, and what fails: it keeps nothing
   * behind it waiting. Leaving the loop early leaves the rest undone.
   */
  sweep({
    now,
    dryRun = false,
    signal = new AbortController().signal,
  }: SweepOptions): AsyncIterable<SweepAction> {
    return this.#sweeper.sweep(now.getTime(), { dryRun, signal })
  }

  /**
   * The time by which retentions end. It is held back when the wall clock was far ahead, at the open, of the last time
   * seen: nothing that was locked then is freed by the clock alone before someone calls {@link confirmClock}.
   */
  lockTime(): { readonly now: Date; readonly isHeldBack: boolean } {
    const { lockTime } = this.#works
    return { now: new Date(lockTime.nowMs()), isHeldBack: lockTime.isHeldBack }
  }

  /** Someone who knows what time it is says so. Retentions that ended before it have ended. */
  confirmClock(now: Date, options: Cancel = {}): Promise<void> {
    return this.#activity.run(options.signal, () => this.#works.lockTime.confirm(now.getTime()))
  }

  /** Counts what the store holds, by one scan over its records. */
  stat(options: Cancel = {}): Promise<EngineStat> {
    return this.#activity.run(options.signal, (signal) => statStore(this.#works, { signal }))
  }

  /** What of its work the store can do at this moment. No I/O. */
  health(): Health {
    if (this.#activity.closing) throw engineClosed()
    return this.#works.kv.health?.() ?? HEALTHY
  }

  /** Reads back every record and every byte, and tells of what is not as it was written. The engine goes on working. */
  verify(options: VerifyOptions = {}): AsyncIterable<Finding> {
    return verifyStore(this.#works, options)
  }

  /**
   * Refuses new work, waits for what is running, then closes the stores. With a signal, what still runs when it
   * fires is aborted. Twice is fine.
   */
  close({ signal }: Cancel = {}): Promise<void> {
    this.#closed ??= this.#close(signal)
    return this.#closed
  }

  async #close(signal: AbortSignal | undefined): Promise<void> {
    await this.#activity.close(signal)
    await this.#sweeper.stop()
    await this.#works.outbox.close()
    await Promise.all([this.#deliveries.stop(), this.#replicator.stop()])
    await this.#reclaimer.stop()
    await this.#works.replicationTargets.close()
    await this.#lockTimeKeeper.stop()
    await this.#works.hashThreads.close()
    try {
      await this.#works.blobs.close()
    } finally {
      await this.#works.kv.close()
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

async function openStores({
  directory,
  createIfMissing = true,
  stores,
  disk = nodeDisk,
}: EngineOptions): Promise<{ kv: KvStore; blobs: BlobStore }> {
  if (stores !== undefined) {
    if (directory !== undefined) throw new TypeError('Give a directory or stores, not both.')
    return stores
  }
  if (directory === undefined) return { kv: MemoryKvStore.open(), blobs: await MemoryBlobStore.open() }
  const root = resolve(directory)
  // First: it holds the lock on the directory.
  const kv = await LevelKvStore.open({ directory: root, disk, createIfMissing })
  try {
    return { kv, blobs: await FileBlobStore.open({ directory: join(root, 'blobs'), disk }) }
  } catch (error) {
    await kv.close()
    throw error
  }
}
