import type { ResyncRecord } from '../../catalog/records/resync-record.js'

type Counted = Pick<ResyncRecord, 'completed' | 'failed'>

const NONE = { versions: 0, bytes: 0 }

/** What has been counted of resyncs since it was last written down with them. */
export class ResyncCounts {
  readonly #since = new Map<string, Counted>()

  add(resyncId: string, outcome: 'completed' | 'failed', bytes: number): void {
    const counted = this.#since.get(resyncId) ?? { completed: NONE, failed: NONE }
    this.#since.set(resyncId, { ...counted, [outcome]: plus(counted[outcome], { versions: 1, bytes }) })
  }

  has(resyncId: string): boolean {
    return this.#since.has(resyncId)
  }

  addedTo(record: ResyncRecord): ResyncRecord {
    const since = this.#since.get(record.resyncId)
    return since === undefined ? record : withCounted(record, since)
  }

  /** It is about to be written down. */
  take(resyncId: string): Counted {
    const since = this.#since.get(resyncId) ?? { completed: NONE, failed: NONE }
    this.#since.delete(resyncId)
    return since
  }

  /** It was not. */
  giveBack(resyncId: string, { completed, failed }: Counted): void {
    const since = this.#since.get(resyncId) ?? { completed: NONE, failed: NONE }
    this.#since.set(resyncId, {
      completed: plus(since.completed, completed),
      failed: plus(since.failed, failed),
    })
  }
}

export const withCounted = (record: ResyncRecord, since: Counted): ResyncRecord => ({
  ...record,
  completed: plus(record.completed, since.completed),
  failed: plus(record.failed, since.failed),
})

const plus = (a: Counted['completed'], b: Counted['completed']): Counted['completed'] => ({
  versions: a.versions + b.versions,
  bytes: a.bytes + b.bytes,
})
