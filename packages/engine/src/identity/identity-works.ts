import type { Draft } from '../catalog/draft.js'
import { commit } from '../commit/commit.js'
import type { Awaitable } from '../kv/kv.js'
import type { Works } from '../works.js'
import type { Remembered } from './remembered.js'

/** What everything about identities works with. */
export interface IdentityWorks extends Works {
  readonly remembered: Remembered
  /** Names that no user and no key may have. */
  readonly reserved: ReadonlySet<string>
}

/** One at a time: changes of identities are rare, and share rows with each other in many ways. No bucket has this name. */
const TURN = '\0identities'

/** A change by the commit's door, after which nothing is answered from memory that was there before it. */
export async function changeIdentities<S, T>(
  works: IdentityWorks,
  read: (draft: Draft) => Awaitable<S>,
  decide: (found: S, draft: Draft) => T,
): Promise<T> {
  try {
    return await commit(works, { turns: [TURN], read, decide })
  } finally {
    // Also when it failed: it may have been carried out all the same.
    works.remembered.forget()
    works.rightsChanges.add()
  }
}
