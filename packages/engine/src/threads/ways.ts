import type { Bucket } from '../contract/bucket.js'
import type { OpenEngine } from '../contract/engine.js'
import type { AccessKeys, Groups, Identities, Policies, Users } from '../contract/identity.js'
import type { Listing } from '../contract/listing.js'
import type { Upload } from '../contract/multipart.js'
import type { StoredObject } from '../contract/object.js'
import type { Replication } from '../contract/replication.js'
import type { ByteSource } from '../contract/source.js'
import type { Engine } from '../engine.js'
import type { RightsSource } from '../identity/rights-source.js'

/**
 * How a verb crosses to the thread that has the engine:
 *
 * `call`: what it is given and what it answers are plain. `look`: so it is, and over so soon that no signal need stop it. `tell`: nobody waits for an answer. `send 0`, `send 1`: that
 * argument is a source of bytes. `open`: it answers an object to be read. `list`: pages. `iterate`: many things, some at a
 * time. `upload`: it answers a handle. `near`: it makes a handle and crosses nothing.
 */
export type Way =
  | 'call'
  | 'look'
  | 'tell'
  | 'send 0'
  | 'send 1'
  | 'open'
  | 'list'
  | 'iterate'
  | 'upload'
  | 'near'

// biome-ignore lint/suspicious/noExplicitAny: any function, whatever it takes.
type AnyFunction = (...args: any[]) => unknown

/** A verb's signature decides its way. */
type WayOf<F extends AnyFunction> =
  ReturnType<F> extends Bucket | Upload
    ? 'near'
    : // biome-ignore lint/suspicious/noConfusingVoidType: it is a return type.
      [ReturnType<F>] extends [void]
      ? 'tell'
      : ReturnType<F> extends Listing<infer _T, infer _K>
        ? 'list'
        : ReturnType<F> extends AsyncIterable<unknown>
          ? 'iterate'
          : Awaited<ReturnType<F>> extends StoredObject
            ? 'open'
            : Awaited<ReturnType<F>> extends Upload
              ? 'upload'
              : [ByteSource] extends [Parameters<F>[0]]
                ? 'send 0'
                : [ByteSource] extends [Parameters<F>[1]]
                  ? 'send 1'
                  : 'call' | 'look'

/** The way of each of its verbs. */
type WaysOf<T> = {
  readonly [K in keyof T as T[K] extends AnyFunction ? K : never]: T[K] extends AnyFunction
    ? WayOf<T[K]>
    : never
}

/** What an engine has that a stand-in has not: a verb that is neither here nor an {@link OpenEngine}'s does not compile. */
type LeftOut = 'verify' | 'events' | 'close' | typeof Symbol.asyncDispose
type Missing = Exclude<keyof Engine, keyof OpenEngine | LeftOut>

interface Ways {
  readonly engine: Omit<WaysOf<OpenEngine>, 'can'> &
    ([Missing] extends [never] ? unknown : { missing: Missing })
  readonly bucket: WaysOf<Bucket>
  readonly upload: WaysOf<Upload>
  readonly identities: WaysOf<Identities>
  readonly users: WaysOf<Users>
  readonly keys: WaysOf<AccessKeys>
  readonly groups: WaysOf<Groups>
  readonly policies: WaysOf<Policies>
  readonly replication: WaysOf<Replication>
  /** What `can` is decided by, on whichever thread it is asked. */
  readonly rights: WaysOf<RightsSource>
}

export type Room = keyof Ways

/** Every verb that crosses. A new one does not compile until it stands here, nor one with the wrong way. */
export const ways: Ways = {
  engine: {
    bucket: 'near',
    createBucket: 'call',
    listBuckets: 'list',
    reclaim: 'call',
    sweep: 'iterate',
    lockTime: 'call',
    confirmClock: 'call',
    stat: 'call',
    health: 'call',
  },
  bucket: {
    info: 'look',
    remove: 'call',
    getConfiguration: 'look',
    setConfiguration: 'call',
    explainLifecycle: 'call',
    put: 'send 1',
    get: 'open',
    head: 'look',
    delete: 'call',
    deleteMany: 'call',
    fanOut: 'send 0',
    copy: 'call',
    append: 'send 1',
    rename: 'call',
    getTags: 'look',
    setTags: 'call',
    setRetention: 'call',
    setLegalHold: 'call',
    mergeReplica: 'call',
    list: 'list',
    listVersions: 'list',
    listUploads: 'list',
    createUpload: 'upload',
    upload: 'near',
    parts: 'iterate',
  },
  upload: {
    info: 'call',
    putPart: 'send 1',
    copyPart: 'call',
    parts: 'iterate',
    complete: 'call',
    abort: 'call',
  },
  identities: {
    attach: 'call',
    detach: 'call',
    assumeRole: 'call',
    createSession: 'call',
    findAccessKey: 'call',
    findDisplayName: 'call',
    reserve: 'tell',
    reseal: 'call',
    discardKeys: 'call',
  },
  users: { add: 'call', get: 'call', list: 'list', remove: 'call', setEnabled: 'call' },
  keys: { add: 'call', get: 'call', list: 'list', remove: 'call', setEnabled: 'call', rotate: 'call' },
  groups: {
    add: 'call',
    get: 'call',
    list: 'list',
    remove: 'call',
    addMember: 'call',
    removeMember: 'call',
    members: 'list',
  },
  policies: { add: 'call', replace: 'call', get: 'call', list: 'list', remove: 'call' },
  replication: {
    addTarget: 'call',
    updateTarget: 'call',
    removeTarget: 'call',
    status: 'call',
    check: 'call',
    resync: 'call',
    resyncStatus: 'call',
    cancelResync: 'call',
    failures: 'iterate',
    redrive: 'call',
  },
  rights: { grantsOfKey: 'call', grantsOfUser: 'call', bucketPolicyOf: 'call' },
}
