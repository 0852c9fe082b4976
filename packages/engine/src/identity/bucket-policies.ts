import { bucketKey, documentKey } from '../catalog/keys.js'
import { decodeBucket } from '../catalog/records/bucket-record.js'
import { decodeDocument } from '../catalog/records/document.js'
import type { Policy } from '../contract/policy.js'
import { isEngineError } from '../errors.js'
import type { Awaitable, KvStore, Revision } from '../kv/kv.js'
import { limits } from '../limits.js'
import { parsePolicy } from '../rules/policy/parse-policy.js'
import type { SharedCount } from '../sync/shared-count.js'

/**
 * The policies of buckets, each read again only when its row has changed. That a bucket has none is what nearly every
 * request asks: of a store that nobody else writes to it is remembered until a policy is put, and costs no look.
 */
export class BucketPolicies {
  readonly #kv: KvStore
  readonly #rightsChanges: SharedCount
  readonly #known = new Map<string, { readonly revision: Revision; readonly policy: Policy }>()
  readonly #without = new Set<string>()
  /** A policy was put there, and nobody knows whether it will be found. */
  readonly #uncertain = new Set<string>()
  #changes = 0

  constructor(kv: KvStore, rightsChanges: SharedCount) {
    this.#kv = kv
    this.#rightsChanges = rightsChanges
  }

  /** Undefined where there is no such bucket, or it has no policy. */
  find(bucket: string): Awaitable<Policy | undefined> {
    return this.#without.has(bucket) ? undefined : this.#look(bucket)
  }

  /** Whether what was found stays right until a change is counted. */
  mayBeRemembered(bucket: string): boolean {
    return this.#kv.isExclusive === true && !this.#uncertain.has(bucket)
  }

  /** Carries out a change of a bucket's policy, after which nothing is answered from memory that was there before it. */
  async changing(bucket: string, change: () => Promise<void>): Promise<void> {
    this.#forget(bucket)
    try {
      await change()
    } catch (error) {
      if (mayHaveHappened(error)) this.#uncertain.add(bucket)
      throw error
    } finally {
      this.#forget(bucket)
    }
  }

  #forget(bucket: string): void {
    this.#changes++
    this.#without.delete(bucket)
    this.#rightsChanges.add()
  }

  async #look(bucket: string): Promise<Policy | undefined> {
    const kv = this.#kv
    for (;;) {
      const before = this.#changes
      const bucketRow = await kv.get(bucketKey(bucket))
      if (bucketRow === undefined) return undefined
      const { bucketId } = decodeBucket(bucketRow.value, `bucket "${bucket}"`)
      const row = await kv.get(documentKey(bucketId, 'policy'))
      if (row === undefined) {
        if (kv.isExclusive && before === this.#changes) this.#rememberWithout(bucket)
        return undefined
      }
      // Revisions are of the whole store: that of another bucket of the name, before this one, was another.
      const known = this.#known.get(bucket)
      if (known?.revision === row.revision) return known.policy
      const payload = await kv.readPayload(row.key, row.revision)
      if (payload === 'changed') continue
      const document = decodeDocument(row.value, payload, `policy of "${bucket}"`)
      const policy = parsePolicy(document, 'bucket', { bucket })
      this.#remember(bucket, { revision: row.revision, policy })
      return policy
    }
  }

  /** A bucket that is removed and made again has none either. */
  #rememberWithout(bucket: string): void {
    if (this.#uncertain.has(bucket)) return
    if (this.#without.size >= limits.bucketsWithoutPolicyRemembered) this.#without.clear()
    this.#without.add(bucket)
  }

  #remember(bucket: string, found: { readonly revision: Revision; readonly policy: Policy }): void {
    this.#known.delete(bucket)
    this.#known.set(bucket, found)
    if (this.#known.size <= limits.identitiesRemembered) return
    const [oldest] = this.#known.keys()
    this.#known.delete(oldest!)
  }
}

const mayHaveHappened = (error: unknown): boolean =>
  !isEngineError(error) || (isEngineError(error, 'StorageUnavailable') && error.details.outcome !== 'absent')
