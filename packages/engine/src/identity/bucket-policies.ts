import { bucketKey, documentKey } from '../catalog/keys.js'
import { decodeBucket } from '../catalog/records/bucket-record.js'
import { decodeDocument } from '../catalog/records/document.js'
import type { Policy } from '../contract/policy.js'
import type { KvStore, Revision } from '../kv/kv.js'
import { limits } from '../limits.js'
import { parsePolicy } from '../rules/policy/parse-policy.js'

/** The policies of buckets, each read again only when its row has changed. */
export class BucketPolicies {
  readonly #kv: KvStore
  readonly #known = new Map<string, { readonly revision: Revision; readonly policy: Policy }>()

  constructor(kv: KvStore) {
    this.#kv = kv
  }

  /** Undefined where there is no such bucket, or it has no policy. */
  async find(bucket: string): Promise<Policy | undefined> {
    const kv = this.#kv
    for (;;) {
      const bucketRow = await kv.get(bucketKey(bucket))
      if (bucketRow === undefined) return undefined
      const { bucketId } = decodeBucket(bucketRow.value, `bucket "${bucket}"`)
      const row = await kv.get(documentKey(bucketId, 'policy'))
      if (row === undefined) return undefined
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

  #remember(bucket: string, found: { readonly revision: Revision; readonly policy: Policy }): void {
    this.#known.delete(bucket)
    this.#known.set(bucket, found)
    if (this.#known.size <= limits.identitiesRemembered) return
    const [oldest] = this.#known.keys()
    this.#known.delete(oldest!)
  }
}
