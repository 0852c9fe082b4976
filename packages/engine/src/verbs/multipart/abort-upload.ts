import { getUpload, type UploadTarget } from '../../catalog/find.js'
import { commit } from '../../commit/commit.js'
import { uploadTurn } from '../../commit/part-change.js'
import { endUpload } from '../../commit/upload-end.js'
import type { Cancel } from '../../contract/source.js'
import type { Works } from '../../works.js'

/** Ends an upload: its parts go, and what is still being sent to it will find no upload. */
export function abortUpload(works: Works, target: UploadTarget, { signal }: Cancel): Promise<void> {
  return commit(works, {
    turns: [uploadTurn(target)],
    read: (draft) => {
      signal?.throwIfAborted()
      return getUpload(draft, target)
    },
    decide: (upload, draft) => endUpload(draft, upload, works.clock.now()),
  })
}
