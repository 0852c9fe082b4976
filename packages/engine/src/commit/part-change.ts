import type { Draft } from '../catalog/draft.js'
import { type FoundUpload, getUpload, type UploadTarget } from '../catalog/find.js'
import { partKey } from '../catalog/keys.js'
import { decodePart, encodePart, type PartRecord } from '../catalog/records/part-record.js'
import { encodeUpload } from '../catalog/records/upload-record.js'
import type { Works } from '../works.js'
import { commit, type Staged } from './commit.js'
import { releaseBody } from './references.js'

/** Names an upload for its turn: held while it is completed or aborted. */
export const uploadTurn = (target: UploadTarget): string => `upload ${target.uploadId}`

/**
 * Records a part, replacing an earlier one of its number. `make` may add to the draft what the part's body
 * needs, and returns the record. Parts of one upload are recorded side by side: the upload's row is checked,
 * not changed. `make` returns `'changed'`, and adds nothing, when what it rests on is not as it was: nothing is
 * recorded then.
 */
export async function changePart<R extends PartRecord | 'changed'>(
  works: Works,
  target: UploadTarget,
  partNumber: number,
  staged: readonly Staged[],
  make: (draft: Draft, upload: FoundUpload, nowMs: number) => R,
  readMore: (draft: Draft) => Promise<void> = async () => {},
): Promise<R> {
  const attempt = () =>
    commit(works, {
      turns: [`${uploadTurn(target)} ${partNumber}`],
      staged,
      read: async (draft) => {
        const upload = await getUpload(draft, target)
        const earlier = await draft.get(partKey(upload.uploadId, partNumber))
        await readMore(draft)
        return { upload, earlier }
      },
      decide: ({ upload, earlier }, draft) => {
        if (upload.record.state === 'completing') return 'completing'
        const nowMs = works.clock.now()
        const record = make(draft, upload, nowMs)
        if (record === 'changed') return record
        if (earlier !== undefined) {
          const { recordId, body } = decodePart(earlier.value, `a part of upload "${target.uploadId}"`)
          releaseBody(draft, { recordId, body, shared: false }, nowMs)
        }
        draft.put(partKey(upload.uploadId, partNumber), encodePart(record))
        return record
      },
    })
  for (;;) {
    const recorded = await attempt()
    if (recorded !== 'completing') return recorded
    await reopen(works, target)
  }
}

/**
 * Waits for a completion under way. If the upload is still marked then, the completion died with its process,
 * and the upload is open again.
 */
function reopen(works: Works, target: UploadTarget): Promise<void> {
  return commit(works, {
    turns: [uploadTurn(target)],
    read: (draft) => getUpload(draft, target),
    decide: (upload, draft) => {
      if (upload.record.state === 'completing') takeMarkBack(draft, upload)
    },
  })
}

export function takeMarkBack(draft: Draft, { row, record }: FoundUpload): void {
  draft.put(row.key, encodeUpload({ ...record, state: 'open' }))
}
