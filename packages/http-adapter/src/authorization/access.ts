import type { Principal as Identity, PolicyContext } from '@aquifer/engine'
import type { Principal } from '../auth/principal.js'
import type { RequestContext } from './request-context.js'

/** What is asked for a right: nothing in particular, a bucket, an object, or one version of it. */
export interface Resource {
  /** Empty where the right is for no bucket in particular. */
  readonly bucket: string
  /** Empty where it is for no object. */
  readonly key: string
  readonly versionId?: string
}

/** What {@link S3HandlerOptions.authorize} is asked. */
export interface AccessRequest extends Resource {
  readonly principal: Principal
  /** As IAM names it, such as `s3:GetObject`. */
  readonly action: string
  /** As policies name what is asked for: `arn:aws:s3:::bucket/key`, `arn:aws:s3:::bucket`, or `arn:aws:s3:::*`. */
  readonly resource: string
  /** What the conditions of policies may ask of the request. */
  readonly context: PolicyContext
}

/** Whether a principal may do something. What answers at once makes nobody wait. */
export type Authorize = (access: AccessRequest) => boolean | Promise<boolean>

/** Context and ARN are made when they are asked for: a hook of few words asks for neither. */
export class Access implements AccessRequest {
  readonly principal: Principal
  readonly action: string
  readonly bucket: string
  readonly key: string
  readonly versionId?: string
  readonly #request: RequestContext

  constructor(
    principal: Principal,
    action: string,
    { bucket, key, versionId }: Resource,
    request: RequestContext,
  ) {
    this.principal = principal
    this.action = action
    this.bucket = bucket
    this.key = key
    if (versionId !== undefined) this.versionId = versionId
    this.#request = request
  }

  get resource(): string {
    const { bucket, key } = this
    if (bucket === '') return 'arn:aws:s3:::*'
    return key === '' ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${key}`
  }

  get context(): PolicyContext {
    return this.#request.of(this)
  }
}

const nobody: Identity = { kind: 'anonymous', id: '', name: '', displayName: '' }

/**
 * Whom the engine's policies take a principal for. Keys and callers that its store does not know were let in by whoever
 * embeds it, and own it: what a bucket's policy denies holds for them too, and they need no other leave.
 */
export function identityOf({ anonymous, identity, ownerId, displayName, accessKeyId }: Principal): Identity {
  if (identity !== undefined) return identity
  if (anonymous) return nobody
  return {
    kind: 'root',
    id: ownerId,
    name: displayName,
    displayName,
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
  }
}
