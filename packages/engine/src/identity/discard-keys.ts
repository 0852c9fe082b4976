import { accessKeyIdOf, allAccessKeys, sealingKey } from '../catalog/keys.js'
import { encodeUser } from '../catalog/records/user-record.js'
import { rowsUnder } from '../catalog/scan.js'
import { EngineError } from '../errors.js'
import { dropAccessKey } from './access-keys.js'
import { findAccessKeyRecord, findOwner } from './entities.js'
import { changeIdentities, type IdentityWorks } from './identity-works.js'

const PAGE = 100

/** Page by page, then what they were sealed by. No key can come into being meanwhile: there is nothing to seal it by. */
export async function discardKeys(works: IdentityWorks): Promise<number> {
  if (works.sealing.hasKey) {
    const reason = 'Open the store without a sealing key to discard what only a lost one opens.'
    throw new EngineError('InvalidRequest', reason, { reason })
  }
  let discarded = 0
  const page: string[] = []
  for await (const { key } of rowsUnder(works.kv, allAccessKeys())) {
    page.push(accessKeyIdOf(key))
    if (page.length === PAGE) discarded += await discardPage(works, page.splice(0))
  }
  discarded += await discardPage(works, page)
  await changeIdentities(
    works,
    (draft) => draft.get(sealingKey()),
    (row, draft) => {
      if (row !== undefined) draft.delete(row.key)
    },
  )
  return discarded
}

function discardPage(works: IdentityWorks, accessKeyIds: readonly string[]): Promise<number> {
  return changeIdentities(
    works,
    async (draft) => {
      const found = await Promise.all(accessKeyIds.map((id) => findAccessKeyRecord(draft, id)))
      const keys = found.filter((key) => key !== undefined)
      // Each owner once, however many keys of the page are his; another of his name is another.
      const owners = new Map(keys.map(({ record }) => [record.userId, record]))
      return {
        keys,
        owners: await Promise.all([...owners.values()].map((record) => findOwner(draft, record))),
      }
    },
    ({ keys, owners }, draft) => {
      draft.freesSpace = true
      for (const { name, record } of keys) dropAccessKey(draft, name, record)
      for (const owner of owners) {
        if (owner === undefined) continue
        const { userId, keyCount } = owner.record
        const lasting = keys.filter(({ record }) => record.userId === userId && record.kind !== 'temporary')
        if (lasting.length > 0)
          draft.put(owner.row.key, encodeUser({ ...owner.record, keyCount: keyCount - lasting.length }))
      }
      return keys.length
    },
  )
}
