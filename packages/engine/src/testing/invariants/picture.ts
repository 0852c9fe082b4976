import type { BlobId } from '../../blobs/blobs.js'
import type { EndedUploads, HeldBody } from './held-bodies.js'
import { type Id, idOf, type StoredRows } from './stored-rows.js'

/** A store at rest, as its rows and its list of blobs tell. */
export interface Picture {
  readonly rows: StoredRows
  readonly bodies: readonly HeldBody[]
  readonly bodiesById: ReadonlyMap<Id, readonly HeldBody[]>
  readonly blobs: ReadonlySet<BlobId>
  readonly endedUploads: EndedUploads
  readonly nowMs: number
}

/** Buckets that have gone and of which something is still to be let go of. */
export const leavingBuckets = ({ deferred }: StoredRows): ReadonlySet<Id> =>
  new Set(deferred.flatMap(({ work }) => (work.kind === 'bucket' ? [idOf(work.bucketId)] : [])))

/** Yields a sentence for each thing that is not as it must be. */
export type Rule = (picture: Picture) => Generator<string, void, undefined>
