import { Buffer } from 'node:buffer'
import { Draft } from '../catalog/draft.js'
import { deferredKey, extentsKey } from '../catalog/keys.js'
import type { Body } from '../catalog/records/body.js'
import type { Extent } from '../catalog/records/extent.js'
import { encodeExtents } from '../catalog/records/extent-row.js'
import type { Staged } from '../commit/commit.js'
import { referToBody } from '../commit/references.js'
import { EngineError } from '../errors.js'
import type { Revision } from '../kv/kv.js'
import { limits } from '../limits.js'
import type { Works } from '../works.js'

/** At the most, as encoded, without a part's checksum. */
const EXTENT_BYTES = 40
/** Keeps a row of extents well under what a row's value may hold. */
const ROW_BYTES = 24 * 1024
/** Longer than any staging takes: rows that a dead process staged go after this. */
const GUARD_MS = 24 * 60 * 60 * 1_000

/**
 * Collects the extents of a new body. Up to 64 stand in its record; a longer list goes to rows of its own,
 * written as it grows, before the one commit that names them. A deferred row guards these: it removes them if
 * that commit never comes, and the commit takes it away. Bodies that own borrowed blobs get a reference each.
 */
export class ExtentList implements Staged, AsyncDisposable {
  readonly bodyId: Uint8Array
  readonly #works: Works
  readonly #owners = new Map<string, Uint8Array>() // Not referred to yet.
  #pending: Extent[] = []
  #pendingAt = 0
  #pendingBytes = 0
  #sizeBytes = 0
  #count = 0
  #guard: { key: Uint8Array; revision: Revision } | undefined
  #fate: 'staged' | 'used' | 'unknown' = 'staged'

  constructor(works: Works) {
    this.#works = works
    this.bodyId = works.ids.next()
  }

  async add(extent: Extent): Promise<void> {
    const bytes = EXTENT_BYTES + (extent.part?.checksum?.byteLength ?? 0)
    if (this.#pending.length === limits.extentsPerRow || this.#pendingBytes + bytes > ROW_BYTES)
      await this.#spill()
    this.#pending.push(extent)
    this.#pendingBytes += bytes
    this.#sizeBytes += extent.length
    this.#count++
    if (extent.owner !== undefined) this.#owners.set(Buffer.from(extent.owner).toString('hex'), extent.owner)
  }

  /** The body to be named, once every extent is in. */
  async finish(): Promise<Exclude<Body, { kind: 'inline' }>> {
    const { bodyId } = this
    const sizeBytes = this.#sizeBytes
    if (this.#guard === undefined && this.#count <= limits.extentsInRecord)
      return { kind: 'extents', bodyId, sizeBytes, extents: this.#pending }
    if (this.#pending.length > 0) await this.#spill()
    return { kind: 'long', bodyId, sizeBytes, extentCount: this.#count }
  }

  async #spill(): Promise<void> {
    if (this.#guard === undefined) await this.#putGuard()
    const draft = new Draft(this.#works.kv)
    draft.put(extentsKey(this.bodyId, this.#pendingAt), encodeExtents(this.#pending))
    this.#refer(draft)
    await this.#works.kv.commit(draft.toChange())
    this.#pending = []
    this.#pendingBytes = 0
    this.#pendingAt = this.#sizeBytes
  }

  async #putGuard(): Promise<void> {
    const draft = new Draft(this.#works.kv)
    const dueMs = this.#works.clock.now() + GUARD_MS
    draft.defer(dueMs, this.bodyId, { kind: 'extent-rows', bodyId: this.bodyId })
    const outcome = await this.#works.kv.commit(draft.toChange())
    if (!outcome.committed)
      throw new EngineError('OperationAborted', 'The store refused an unconditional write.', {})
    this.#guard = { key: deferredKey(dueMs, this.bodyId), revision: outcome.revision }
  }

  #refer(draft: Draft): void {
    for (const owner of this.#owners.values()) referToBody(draft, owner, this.bodyId)
    this.#owners.clear()
  }

  use(draft: Draft): void {
    for (const owner of this.#owners.values()) referToBody(draft, owner, this.bodyId)
    if (this.#guard === undefined) return
    draft.check(this.#guard.key, this.#guard)
    draft.delete(this.#guard.key)
  }

  async used(): Promise<void> {
    this.#fate = 'used'
  }

  unknown(): void {
    this.#fate = 'unknown'
  }

  /** Rows staged in vain go soon instead of in a day. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#fate !== 'staged' || this.#guard === undefined) return
    const draft = new Draft(this.#works.kv)
    draft.freesSpace = true
    draft.delete(this.#guard.key)
    draft.defer(this.#works.clock.now(), this.bodyId, { kind: 'extent-rows', bodyId: this.bodyId })
    try {
      await this.#works.kv.commit(draft.toChange())
      this.#works.wakeReclaim()
    } catch {
      // The guard is still there, and what failed before this is what the caller is to be told.
    }
  }
}
