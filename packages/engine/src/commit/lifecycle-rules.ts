import { Buffer } from 'node:buffer'
import { documentKey } from '../catalog/keys.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import { decodeLifecycle } from '../catalog/records/lifecycle-document.js'
import { isEngineError } from '../errors.js'
import type { Awaitable, KvStore } from '../kv/kv.js'
import { limits } from '../limits.js'
import type { ActiveRules } from '../rules/lifecycle/active-rules.js'
import { Shelf } from '../shelf.js'

/**
 * The lifecycle rules of buckets. A bucket's record says by an id whether there are any and which: where there are
 * none, nothing is looked up. What was read is remembered by that id.
 */
export class LifecycleRules {
  readonly #kv: KvStore
  readonly #dayMs: number
  readonly #known = new Shelf<ActiveRules>(limits.lifecyclesRemembered)

  constructor(kv: KvStore, dayMs: number) {
    this.#kv = kv
    this.#dayMs = dayMs
  }

  of({ bucketId, lifecycleId }: BucketRecord): Awaitable<ActiveRules | undefined> {
    if (lifecycleId === undefined) return undefined
    const name = hex(lifecycleId)
    return this.#known.get(name) ?? this.#read(bucketId, name)
  }

  /**
   * Where others were set meanwhile, it answers with those: whoever decides by the bucket's record will find it changed
   * when he commits.
   */
  async #read(bucketId: Uint8Array, name: string): Promise<ActiveRules | undefined> {
    for (;;) {
      const row = await this.#kv.get(documentKey(bucketId, LIFECYCLE))
      if (row === undefined) return undefined
      const payload = await this.#kv.readPayload(row.key, row.revision)
      if (payload === 'changed') continue
      const { lifecycleId, rules } = decodeLifecycle(row.value, payload, 'the lifecycle rules of a bucket')
      const active: ActiveRules = { rules, dayMs: this.#dayMs }
      if (lifecycleId === name) this.#known.put(name, active)
      return active
    }
  }
}

/** The name of the document. */
export const LIFECYCLE = 'lifecycle'

const hex = (id: Uint8Array): string => Buffer.from(id).toString('hex')

/**
 * For who reads: of a version that is named nothing is told, since it may not be the current one. Nor is anything where the
 * rules are damaged: an object is whole without them, and `verify` names them.
 */
export function rulesForReader(
  { lifecycleRules }: { readonly lifecycleRules: LifecycleRules },
  { versionId }: { readonly versionId?: string },
  bucket: BucketRecord,
): Awaitable<ActiveRules | undefined> {
  const rules = versionId === undefined ? lifecycleRules.of(bucket) : undefined
  return rules instanceof Promise ? rules.catch(noneWhereDamaged) : rules
}

function noneWhereDamaged(error: unknown): undefined {
  if (!isEngineError(error, 'CorruptRecord')) throw error
}
