import type { Draft } from '../catalog/draft.js'
import type { FoundUpload } from '../catalog/find.js'

/** An upload ends without an object: its parts go. */
export function endUpload(draft: Draft, { row, uploadId }: FoundUpload, nowMs: number): void {
  draft.freesSpace = true
  draft.delete(row.key)
  draft.defer(nowMs, uploadId, { kind: 'parts', uploadId, used: new Set() })
}
