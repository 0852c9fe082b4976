import type { Call } from '../operation.js'
import type { Row } from '../route.js'
import { S3Error } from '../s3-error.js'
import { readCopySource, readRenameSource } from '../wire/copy-source.js'
import { Access, type Authorize, type Resource } from './access.js'
import type { Action, Need } from './needs.js'
import type { RequestContext, Seen } from './request-context.js'
import { actionOn } from './version-actions.js'
import { asksFor } from './when.js'

/** A request of which it is not decided yet whether it may be carried out. */
export type Undecided = Omit<Call, 'rights'>

export interface Deciding {
  readonly authorize: Authorize
  /** Of what is not served nothing is read but the address. */
  readonly isServed: boolean
  readonly context: RequestContext
}

/** Why a key is missing is told to who may list alone, whatever the operation. */
const askedOfAll: ReadonlySet<Action> = new Set<Action>(['s3:ListBucket', 's3:ListBucketVersions'])

/**
 * That a request was let in, and what else it may do. No operation can be called without one, and none comes into being
 * but by deciding all that the operation's row says it needs.
 */
export class Rights {
  readonly #row: Row
  readonly #request: Undecided
  readonly #by: Deciding

  private constructor(row: Row, request: Undecided, by: Deciding) {
    this.#row = row
    this.#request = request
    this.#by = by
  }

  /**
   * Decides, at once where nothing has to be looked up.
   *
   * @throws {@link S3Error} `AccessDenied`, and `InvalidArgument` for a source that cannot be read.
   */
  static decide(row: Row, request: Undecided, by: Deciding): Rights | Promise<Rights> {
    const rights = new Rights(row, request, by)
    if ('openToAll' in row.needs) return rights
    for (const [at, need] of row.needs.entries()) {
      const allowed = rights.#has(need)
      if (allowed instanceof Promise) return rights.#decideFrom(at, allowed)
      if (!allowed) throw accessDenied()
    }
    return rights
  }

  async #decideFrom(at: number, first: Promise<boolean>): Promise<Rights> {
    if (!(await first)) throw accessDenied()
    for (const need of (this.#row.needs as readonly Need[]).slice(at + 1))
      if (!(await this.#has(need))) throw accessDenied()
    return this
  }

  #has(need: Need): boolean | Promise<boolean> {
    if (!need.isRequired || (need.of === 'source' && !this.#by.isServed)) return true
    if (need.when !== undefined && !asksFor(need.when, this.#request.headers)) return true
    return this.#ask(need.action, this.#resourceOf(need))
  }

  #resourceOf({ of }: Need): Resource {
    const { target, query, headers } = this.#request
    switch (of) {
      case 'service':
        return { bucket: '', key: '' }
      case 'bucket':
        return { bucket: target.bucket, key: '' }
      case 'object': {
        const versionId = query.get('versionId')
        return versionId === undefined ? target : { ...target, versionId }
      }
      case 'source':
        return this.#row.subResource === 'renameObject'
          ? readRenameSource(headers.get('x-amz-rename-source'))
          : readCopySource(headers.get('x-amz-copy-source') ?? '')
      case 'each':
      case 'archive':
        throw new TypeError('What is needed for each of a list is asked by the operation that reads it.')
    }
  }

  #ask(action: Action, resource: Resource, seen?: Seen): boolean | Promise<boolean> {
    const { principal } = this.#request
    const context = seen === undefined ? this.#by.context : this.#by.context.as(seen)
    return this.#by.authorize(new Access(principal, actionOn(action, resource), resource, context))
  }

  /**
   * Whether the request may do this, too.
   *
   * @param seen What conditions are to see in place of what the request says, or beside it.
   * @throws {TypeError} where the operation's row does not say that it asks this.
   */
  may(action: Action, resource: Resource, seen?: Seen): boolean | Promise<boolean> {
    const { needs } = this.#row
    const isStated =
      !('openToAll' in needs) && needs.some((need) => need.action === action && !need.isRequired)
    if (!isStated && !askedOfAll.has(action))
      throw new TypeError(`The table of operations does not say that ${this.#row.route} asks for ${action}.`)
    return this.#ask(action, resource, seen)
  }

  /**
   * The same, for what cannot go on without it.
   *
   * @throws {@link S3Error} `AccessDenied`
   */
  async demand(action: Action, resource: Resource, seen?: Seen): Promise<void> {
    if (!(await this.may(action, resource, seen))) throw accessDenied()
  }
}

/** Says nothing of what was asked for, so that it is the same whether or not that is there. */
export const accessDenied = (): S3Error => new S3Error('AccessDenied', 'Access Denied')
