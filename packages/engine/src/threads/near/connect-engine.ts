import type { MessagePort } from 'node:worker_threads'
import type { Bucket } from '../../contract/bucket.js'
import type { OpenEngine } from '../../contract/engine.js'
import type { Caused } from '../../contract/events.js'
import type { AccessKeys, Groups, Identities, Policies, Principal, Users } from '../../contract/identity.js'
import type { Upload } from '../../contract/multipart.js'
import type { Decision, PolicyContext } from '../../contract/policy.js'
import type { Replication } from '../../contract/replication.js'
import type { Cancel } from '../../contract/source.js'
import type { RightsSource } from '../../identity/rights-source.js'
import type { Awaitable } from '../../kv/kv.js'
import { crossOrigin } from '../crossed-origin.js'
import { Connection } from './connection.js'
import { call, handleOf, verbsOf } from './handles.js'
import { KnownRights } from './known-rights.js'

/** What stands for an engine that another thread has. */
export interface ConnectedEngine extends OpenEngine, AsyncDisposable {
  /**
   * Lets go of the engine, which stays open: refuses new work, and waits for what is running. With a signal, what still runs
   * when it fires is given up.
   */
  close(options?: Cancel): Promise<void>
}

/**
 * Stands for the engine that another thread serves at the other end of the port: all verbs, with what they promise. Errors
 * are of the same class and code; bytes stream at the pace of whoever takes them. When the port closes, what is under way
 * rejects with `EngineClosed`, and a write may have happened or not.
 *
 * What is iterated over comes up to a thousand at a time, so that a sweep has done so much more than was looked at.
 *
 * A signal crosses as `signal` of a call's options alone; one inside of an array is refused with a `DataCloneError`.
 *
 * @param port The other end of one that was given to {@link serveEngine}. It is this engine's from now on.
 * @throws {@link EngineError} `EngineClosed` where nobody serves the other end any more.
 */
export async function connectEngine(port: MessagePort): Promise<ConnectedEngine> {
  const { connection, changes } = await Connection.open(port)
  return new RemoteEngine(connection, changes)
}

class RemoteBucket extends handleOf<Omit<Bucket, 'upload' | 'createUpload' | 'name'>>('bucket') {
  get name(): string {
    return this.names[0]!
  }

  upload(key: string, uploadId: string): Upload {
    return new RemoteUpload(this.connection, [this.name, key, uploadId, this.names[3] ?? ''])
  }

  async createUpload(...args: Parameters<Bucket['createUpload']>): Promise<Upload> {
    const [key] = args
    const asked = { room: 'bucket', verb: 'createUpload', names: this.names, args } as const
    return this.upload(key, await call<string>(this.connection, asked))
  }
}

class RemoteUpload extends handleOf<Omit<Upload, 'key' | 'uploadId'>>('upload') {
  get key(): string {
    return this.names[1]!
  }

  get uploadId(): string {
    return this.names[2]!
  }
}

const noContext: PolicyContext = new Map()

class RemoteEngine
  extends handleOf<Omit<OpenEngine, 'bucket' | 'identities' | 'replication' | 'can'>>('engine')
  implements ConnectedEngine
{
  readonly identities: Identities
  readonly replication: Replication
  readonly #rights: KnownRights

  constructor(connection: Connection, changes: SharedArrayBuffer) {
    super(connection)
    const identities = verbsOf<Identities>('identities', connection)
    const rights = new KnownRights(verbsOf<RightsSource>('rights', connection), identities, changes)
    this.#rights = rights
    this.replication = verbsOf<Replication>('replication', connection)
    this.identities = {
      ...identities,
      users: verbsOf<Users>('users', connection),
      keys: verbsOf<AccessKeys>('keys', connection),
      groups: verbsOf<Groups>('groups', connection),
      policies: verbsOf<Policies>('policies', connection),
      findAccessKey: (accessKeyId) => rights.findAccessKey(accessKeyId),
      findDisplayName: (id) => rights.findDisplayName(id),
    }
  }

  bucket(name: string, { origin }: Caused = {}): Bucket {
    const names = origin === undefined ? [name] : [name, '', '', crossOrigin(origin)]
    return new RemoteBucket(this.connection, names) as unknown as Bucket
  }

  can(
    principal: Principal,
    action: string,
    resource: string,
    context: PolicyContext = noContext,
  ): Awaitable<Decision> {
    return this.#rights.can(principal, { action, resource, context })
  }

  async close({ signal }: Cancel = {}): Promise<void> {
    await this.connection.close(signal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
