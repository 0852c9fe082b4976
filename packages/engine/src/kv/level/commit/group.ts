import type { NewRecord } from '../journal/frame.js'
import type { PendingRows } from '../pending-rows.js'

/** A group being closed: what its members, one after the other, add to the frame. */
export interface GroupDraft {
  /** The index with what the earlier members change. */
  readonly pending: PendingRows
  readonly records: NewRecord[]
  /** The last one given out. */
  revision: number
  /** A frame is written even when it holds no record. */
  needsFrame: boolean
}

/** Something that waits for its group. */
export interface Member {
  readonly sizeBytes: number
  /** Decides against the draft and adds its records. Answers nobody: nothing is written yet. */
  join(draft: GroupDraft): void
  /** The group is durable and applied. */
  answer(): void
  /** The group is not, or may not be. */
  fail(error: unknown): void
}

/** Takes from the front what fits in one group; at least one member, however large. */
export function takeGroup(queue: Member[], bytesMax: number): Member[] {
  let bytes = 0
  let count = 0
  for (const { sizeBytes } of queue) {
    bytes += sizeBytes
    if (count > 0 && bytes > bytesMax) break
    count++
  }
  return queue.splice(0, count)
}
