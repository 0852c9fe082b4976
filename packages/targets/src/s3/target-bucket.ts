import { ReplicationError, type ReplicationTargetFacts } from '@aquifer/engine'
import { meaningOf } from './refusal.js'
import { Remembered } from './remembered.js'
import { replicationRequest } from './replica-headers.js'
import type { S3Answer, S3Connection, S3Request } from './s3-connection.js'
import { findText } from './xml.js'

/** Of the key and version that a check of rights names: nothing is ever written there. */
const CHECKED_KEY = 'aquifer-replication-check'
const CHECKED_VERSION = '0'.repeat(32)

interface Check {
  readonly asked: string
  readonly method: 'PUT' | 'DELETE'
  /** Of these only the server knows which is missing. */
  readonly rights: string
  readonly headers?: (bucket: string) => Record<string, string>
}

const ofVersions: Check = {
  ...{ asked: 'versions may be replicated', method: 'PUT' },
  rights: 's3:ReplicateObject and s3:PutObject',
}
/** What else a rule may carry over. A key without a right for it is refused as a target, since that would come to light only later. */
const ofChanges: readonly Check[] = [
  {
    ...{ asked: 'removals may be replicated', method: 'DELETE' },
    rights: 's3:ReplicateDelete and s3:DeleteObjectVersion',
  },
  {
    ...{ asked: 'tags may be replicated', method: 'PUT' },
    rights: 's3:ReplicateTags and s3:GetObjectVersion',
    headers: (bucket) => ({
      'x-amz-copy-source': `/${bucket}/${CHECKED_KEY}?versionId=${CHECKED_VERSION}`,
      'x-amz-metadata-directive': 'REPLACE',
      'x-amz-tagging-directive': 'REPLACE',
    }),
  },
]

/** Where the bucket has object lock. What is said of a retention is never kept: only the right to say it is asked for. */
const ofLocks: Check = {
  ...{ asked: 'locks may be replicated', method: 'PUT' },
  rights: 's3:PutObjectRetention and s3:PutObjectLegalHold',
  headers: () => ({
    'x-amz-object-lock-mode': 'GOVERNANCE',
    'x-amz-object-lock-retain-until-date': new Date(Date.now() + 86_400_000).toISOString(),
    'x-amz-object-lock-legal-hold': 'ON',
  }),
}

/** What is asked of a bucket, and the right that it takes. */
const rightsToAsk = {
  versioning: 's3:GetBucketVersioning',
  'object-lock': 's3:GetBucketObjectLockConfiguration',
} as const

/** What HEAD of a bucket tells. */
export interface HeadFacts extends Pick<ReplicationTargetFacts, 'keepsVersionIds' | 'instanceId'> {
  /** Many small ones in one request: only where their ids are kept. */
  readonly takesReplicas: boolean
}

/** A bucket at a server, what is known of it, and what its refusals mean. */
export class TargetBucket {
  readonly connection: S3Connection
  readonly #closing = new AbortController()
  readonly #head = new Remembered(() => this.#askHead(this.#closing.signal))
  readonly #hasObjectLock = new Remembered(() => this.#askObjectLock(this.#closing.signal))
  readonly #access = new Remembered(() => this.#checkAccess(this.#closing.signal))

  constructor(connection: S3Connection) {
    this.connection = connection
  }

  /** An answer that grants what was asked, or one of the statuses expected besides. @throws {@link ReplicationError} */
  async ask(request: S3Request, expected: readonly number[] = []): Promise<S3Answer> {
    const answer = await this.connection.ask(request)
    await this.expect(answer, expected, request.signal)
    return answer
  }

  /** @throws {@link ReplicationError} for an answer that neither grants what was asked nor has one of the statuses expected besides. */
  async expect(answer: S3Answer, expected: readonly number[], signal: AbortSignal): Promise<void> {
    if (!isGranted(answer) && !expected.includes(answer.status)) throw await this.refusal(answer, signal)
  }

  /** What it is like, asked once; until something shows that it is not what it was. */
  head(signal: AbortSignal): HeadFacts | Promise<HeadFacts> {
    return this.#head.get(signal)
  }

  hasObjectLock(signal: AbortSignal): boolean | Promise<boolean> {
    return this.#hasObjectLock.get(signal)
  }

  forget(): void {
    this.#head.forget()
    this.#hasObjectLock.forget()
  }

  /** What is asked on behalf of many ends. */
  close(): void {
    this.#closing.abort()
  }

  async probe(signal: AbortSignal): Promise<ReplicationTargetFacts> {
    this.forget()
    const { keepsVersionIds, instanceId } = await this.head(signal)
    const { text } = await this.#askBucket('versioning', signal, [501])
    const versioning = findText(text, 'Status')?.toLowerCase()
    const objectLock = await this.hasObjectLock(signal)
    if (keepsVersionIds)
      for (const check of [ofVersions, ...ofChanges, ...(objectLock ? [ofLocks] : [])])
        await this.#checkRights(check, signal)
    return {
      ...{ keepsVersionIds, objectLock },
      ...(instanceId !== undefined && { instanceId }),
      ...(versioning === 'enabled' || versioning === 'suspended' ? { versioning } : {}),
    }
  }

  /** What a refusal means. Where it does not say whether anything else would be taken, the bucket is asked. */
  async refusal(answer: S3Answer, signal: AbortSignal): Promise<ReplicationError> {
    const meaning = meaningOf(answer)
    if (meaning !== 'unclear') return new ReplicationError(meaning, `${answer.told}.`)
    try {
      await this.#access.get(signal)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof ReplicationError)
        return new ReplicationError(error.code, `${answer.told}. ${error.message}`, { cause: error })
    } finally {
      // Of many that are refused at a time, one asks. Whoever is refused later asks anew.
      this.#access.forget()
    }
    return new ReplicationError('Refused', `${answer.told}.`)
  }

  async #checkAccess(signal: AbortSignal): Promise<void> {
    const { keepsVersionIds } = await this.#askHead(signal)
    if (keepsVersionIds) await this.#checkRights(ofVersions, signal)
  }

  async #askHead(signal: AbortSignal): Promise<HeadFacts> {
    const answer = await this.connection.ask({ method: 'HEAD', signal })
    if (isGranted(answer)) {
      const instanceId = answer.headers.get('x-aquifer-bucket-id') ?? undefined
      const keepsVersionIds = answer.headers.get('x-aquifer-keeps-version-ids') === 'true'
      return {
        keepsVersionIds,
        takesReplicas: keepsVersionIds && answer.headers.get('x-aquifer-takes-replicas') === 'true',
        ...(instanceId !== undefined && { instanceId }),
      }
    }
    if (answer.status === 404)
      throw new ReplicationError('NoSuchBucket', `There is no ${this.connection.place}.`)
    if (answer.status >= 300 && answer.status < 400)
      throw new ReplicationError('Unreachable', `${answer.told}: it is elsewhere.`)
    if (answer.status >= 500) throw new ReplicationError('Unreachable', `${answer.told}.`)
    // A HEAD's answer has no words. Whatever refused it refuses this too, and says why.
    const { told } = await this.#askBucket('versioning', signal)
    throw new ReplicationError(
      'AccessDenied',
      `${answer.told}, which takes s3:ListBucket. When its versioning was asked for, ${told}.`,
    )
  }

  async #askObjectLock(signal: AbortSignal): Promise<boolean> {
    const answer = await this.#askBucket('object-lock', signal, [400, 404, 405, 501])
    if (answer.code === 'NoSuchBucket') throw await this.refusal(answer, signal)
    return isGranted(answer) && findText(answer.text, 'ObjectLockEnabled') === 'Enabled'
  }

  async #askBucket(
    what: keyof typeof rightsToAsk,
    signal: AbortSignal,
    expected: readonly number[] = [],
  ): Promise<S3Answer> {
    const answer = await this.connection.ask({ method: 'GET', query: { [what]: '' }, signal })
    if (isGranted(answer) || expected.includes(answer.status)) return answer
    const meaning = meaningOf(answer)
    const code =
      answer.status >= 500 ? 'Unreachable' : answer.status === 404 ? 'NoSuchBucket' : 'AccessDenied'
    throw new ReplicationError(
      meaning === 'NoSuchBucket' || meaning === 'Unreachable' ? meaning : code,
      `${answer.told}. Its ${what} was asked for${answer.code === 'AccessDenied' ? `, which takes ${rightsToAsk[what]}` : ''}.`,
    )
  }

  async #checkRights({ asked, method, rights, headers }: Check, signal: AbortSignal): Promise<void> {
    const answer = await this.connection.ask({
      ...{ method, key: CHECKED_KEY, query: { versionId: CHECKED_VERSION }, signal },
      headers: {
        ...replicationRequest,
        'x-minio-source-replication-check': 'true',
        ...headers?.(this.connection.remote.bucket),
      },
    })
    if (answer.code === 'ReplicationPermissionCheck') return
    const code = answer.status >= 500 && answer.status !== 501 ? 'Unreachable' : 'AccessDenied'
    throw new ReplicationError(code, `${answer.told}. It was asked whether ${asked}, which takes ${rights}.`)
  }
}

/** Whether what was to be removed is not there. A 404 alone may be said by whoever stands before the server. */
export const isMissing = ({ status, code }: S3Answer): boolean =>
  status === 404 && (code === 'NoSuchKey' || code === 'NoSuchVersion')

export const isGranted = ({ status, code }: S3Answer): boolean =>
  status >= 200 && status < 300 && code === undefined
