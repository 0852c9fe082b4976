import type { Change, CommitOutcome } from '../../kv.js'
import { recordKind, recordSizeBytes } from '../journal/frame.js'
import type { PendingRows } from '../pending-rows.js'
import type { GroupDraft, Member } from './group.js'

const NO_VALUE = new Uint8Array(0)

/** A caller's commit. Its checks are evaluated when its group closes, after the members that came before it. */
export class CommitMember implements Member {
  readonly sizeBytes: number
  readonly #change: Change
  readonly #resolve: (outcome: CommitOutcome) => void
  readonly #reject: (error: unknown) => void
  #outcome: CommitOutcome | undefined

  constructor(change: Change, resolve: (outcome: CommitOutcome) => void, reject: (error: unknown) => void) {
    this.sizeBytes = changeSizeBytes(change)
    this.#change = change
    this.#resolve = resolve
    this.#reject = reject
  }

  join(draft: GroupDraft): void {
    const conflicts = conflictsOf(this.#change, draft.pending)
    if (conflicts.length > 0) {
      this.#outcome = { committed: false, conflicts }
      return
    }
    const revision = ++draft.revision
    for (const { key, value, payload } of this.#change.puts) {
      const payloadBytes = payload?.byteLength ?? 0
      const sizeBytes = recordSizeBytes(key.byteLength, value.byteLength, payloadBytes)
      const bytes = payloadBytes === 0 ? undefined : payload
      draft.records.push({ kind: recordKind.put, key, value, revision, payloadBytes, payload: bytes })
      draft.pending.set(key, { revision, sizeBytes, place: undefined })
    }
    for (const key of this.#change.deletes) {
      // A row that is not there needs no record; the commit has its revision all the same.
      if (draft.pending.find(key) === undefined) continue
      draft.records.push({
        kind: recordKind.delete,
        key,
        value: NO_VALUE,
        revision,
        payloadBytes: 0,
        payload: undefined,
      })
      draft.pending.set(key, undefined)
    }
    this.#outcome = { committed: true, revision }
  }

  answer(): void {
    this.#resolve(this.#outcome!)
  }

  fail(error: unknown): void {
    // A conflict wrote nothing, whatever became of the group.
    if (this.#outcome?.committed === false) this.#resolve(this.#outcome)
    else this.#reject(error)
  }
}

function conflictsOf({ checks }: Change, pending: PendingRows): Uint8Array[] {
  const conflicts: Uint8Array[] = []
  for (const check of checks) {
    const wanted = 'revision' in check ? check.revision : undefined
    if (pending.find(check.key)?.revision !== wanted) conflicts.push(check.key)
  }
  return conflicts
}

function changeSizeBytes({ puts, deletes }: Change): number {
  let bytes = 0
  for (const { key, value, payload } of puts)
    bytes += recordSizeBytes(key.byteLength, value.byteLength, payload?.byteLength ?? 0)
  for (const key of deletes) bytes += recordSizeBytes(key.byteLength, 0, 0)
  return bytes
}
