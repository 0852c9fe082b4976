import { Buffer } from 'node:buffer'
import {
  accessKeyIdOf,
  allAccessKeys,
  allReplicationTargets,
  replicationTargetIdOf,
  sealingKey,
} from '../catalog/keys.js'
import { decodeAccessKey, encodeAccessKey } from '../catalog/records/access-key-record.js'
import {
  decodeReplicationTarget,
  encodeReplicationTarget,
} from '../catalog/records/replication-target-record.js'
import { rowsUnder } from '../catalog/scan.js'
import type { Finding } from '../contract/store.js'
import { isEngineError } from '../errors.js'
import type { Row } from '../kv/kv.js'
import { changeIdentities, type IdentityWorks } from './identity-works.js'
import { checkSealingKey, type SealingKeys } from './sealing.js'

/** Secrets that one commit seals again. */
const PAGE = 200

/**
 * Seals the store's own keys under another, begins a new one of those, and seals every secret by it. The first commit
 * is what counts: the former key opens nothing any more that is written from then on. A crash behind it leaves secrets
 * sealed by two of the store's own keys, which the next start finds and goes on with.
 *
 * @returns What {@link finishResealing} does.
 */
export async function reseal(works: IdentityWorks, given: Uint8Array): Promise<Finding[]> {
  checkSealingKey(given)
  const outerKey = Uint8Array.from(given)
  works.sealing.expect(outerKey)
  try {
    await changeSealingKeys(works, outerKey, (keys) => keys.withNext())
  } catch (error) {
    if (!isEngineError(error, 'StorageUnavailable')) works.sealing.forgetExpected()
    throw error
  }
  works.sealing.settle(outerKey)
  return finishResealing(works)
}

/**
 * Seals by the newest of the store's own keys what is sealed by an older one, and lets go of those.
 *
 * @returns The rows that are damaged. While there are any the older keys are kept, and each start tries again: where such a row is
 * mended its secret opens.
 */
export async function finishResealing(works: IdentityWorks): Promise<Finding[]> {
  const damaged: Finding[] = []
  for (const { rows, sealedAnew } of [keys, targets]) {
    const page: Row[] = []
    for await (const row of rowsUnder(works.kv, rows())) {
      page.push(row)
      if (page.length === PAGE) damaged.push(...(await resealRows(works, page.splice(0), sealedAnew)))
    }
    damaged.push(...(await resealRows(works, page, sealedAnew)))
  }
  if (damaged.length > 0) return damaged
  // What was sealed since the newest key is there was sealed by it: every such change rests on the row of the keys.
  await changeSealingKeys(works, works.sealing.outerKey, (keys) => keys.onlyLast())
  return []
}

/** One kind of rows that hold a secret. */
interface SealedRows {
  rows(): Uint8Array
  /** The row with its secret sealed by the last of the keys; undefined where it is so already, or never opens again. @throws {@link EngineError} `CorruptRecord` */
  sealedAnew(row: Row, keys: SealingKeys): Uint8Array | undefined
}

const keys: SealedRows = {
  rows: allAccessKeys,
  sealedAnew(row, keys) {
    const accessKeyId = accessKeyIdOf(row.key)
    const record = decodeAccessKey(row.value, `access key "${accessKeyId}"`)
    if (record.sealedSecret.generation === keys.generation) return undefined
    const of = { accessKeyId, userId: record.userId }
    return encodeAccessKey({ ...record, sealedSecret: keys.seal(of, keys.unseal(of, record.sealedSecret)) })
  },
}

const targets: SealedRows = {
  rows: allReplicationTargets,
  sealedAnew(row, keys) {
    const record = decodeReplicationTarget(
      row.value,
      `replication target ${Buffer.from(replicationTargetIdOf(row.key)).toString('hex')}`,
    )
    const { accessKeyId, arn, sealedSecret } = record
    if (sealedSecret.generation === keys.generation) return undefined
    const of = { accessKeyId, targetArn: arn }
    // One whose secret was sealed by keys that were discarded gets another, or goes.
    if (!keys.opens(of, sealedSecret)) return undefined
    return encodeReplicationTarget({ ...record, sealedSecret: keys.seal(of, keys.unseal(of, sealedSecret)) })
  },
}

function resealRows(
  works: IdentityWorks,
  page: readonly Row[],
  sealedAnew: SealedRows['sealedAnew'],
): Promise<Finding[]> {
  return changeIdentities(
    works,
    async (draft) => ({
      sealing: await works.sealing.read(draft),
      rows: await Promise.all(page.map(({ key }) => draft.get(key))),
    }),
    ({ sealing, rows }, draft) => {
      const keys = sealing.use(draft)
      const damaged: Finding[] = []
      for (const row of rows) {
        if (row === undefined) continue // Removed meanwhile.
        try {
          const value = sealedAnew(row, keys)
          if (value !== undefined) draft.put(row.key, value)
        } catch (error) {
          if (!isEngineError(error, 'CorruptRecord')) throw error
          damaged.push({ what: 'store', code: error.code, detail: error.message })
        }
      }
      return damaged
    },
  )
}

function changeSealingKeys(
  works: IdentityWorks,
  outerKey: Uint8Array,
  change: (keys: SealingKeys) => SealingKeys,
): Promise<void> {
  return changeIdentities(
    works,
    (draft) => works.sealing.read(draft),
    ({ keys }, draft) => draft.put(sealingKey(), change(keys).write(outerKey)),
  )
}
