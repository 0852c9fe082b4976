import { ownedKeyIdOf, ownedKeysOf } from '../catalog/keys.js'
import { rowsUnder } from '../catalog/scan.js'
import { commit } from '../commit/commit.js'
import type { Works } from '../works.js'
import { dropAccessKey } from './access-keys.js'
import { findAccessKeyRecord } from './entities.js'

const PAGE = 200

/** Of a user that has gone. Nobody adds one any more: that rests on the user's row. */
export async function clearKeysOf(works: Works, userId: Uint8Array): Promise<void> {
  let accessKeyIds: string[] = []
  for await (const { key } of rowsUnder(works.kv, ownedKeysOf(userId))) {
    accessKeyIds.push(ownedKeyIdOf(key))
    if (accessKeyIds.length < PAGE) continue
    await clearKeys(works, userId, accessKeyIds)
    accessKeyIds = []
  }
  await clearKeys(works, userId, accessKeyIds)
}

/** Only those that are the user's: the id of one that was removed since may be another's by now. */
function clearKeys(works: Works, userId: Uint8Array, accessKeyIds: readonly string[]): Promise<void> {
  const owner = { userId: Buffer.from(userId).toString('hex') }
  return commit(works, {
    turns: [],
    read: (draft) => Promise.all(accessKeyIds.map((id) => findAccessKeyRecord(draft, id))),
    decide: (keys, draft) => {
      draft.freesSpace = true
      for (const key of keys) if (key?.record.userId === owner.userId) dropAccessKey(draft, key.name, owner)
    },
  })
}

/** Only if it has ended: another key may have got its id since. */
export function clearTemporaryKey(works: Works, accessKeyId: string): Promise<void> {
  return commit(works, {
    turns: [],
    read: (draft) => findAccessKeyRecord(draft, accessKeyId),
    decide: (key, draft) => {
      if (key?.record.kind !== 'temporary' || key.record.expiresMs! > works.clock.now()) return
      draft.freesSpace = true
      dropAccessKey(draft, accessKeyId, key.record)
    },
  })
}
