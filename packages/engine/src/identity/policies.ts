import { Buffer } from 'node:buffer'
import { allPolicies, justAfter, policyDocumentKey, policyKey } from '../catalog/keys.js'
import type { ListedRange, ListedRows } from '../catalog/listable.js'
import { listing } from '../catalog/listing.js'
import {
  decodePolicy,
  encodePolicy,
  encodePolicyDocument,
  type PolicyRecord,
} from '../catalog/records/policy-record.js'
import type { PolicyInfo, PolicyWithDocument } from '../contract/identity.js'
import type { Listing, ListOptions } from '../contract/listing.js'
import { EngineError, entityAlreadyExists, noSuchEntity } from '../errors.js'
import type { Row } from '../kv/kv.js'
import { checkIdentityName } from '../rules/identity-name.js'
import { parsePolicy } from '../rules/policy/parse-policy.js'
import { builtInNames, findBuiltIn, isBuiltIn } from './built-in-policies.js'
import { findPolicy, findPolicyDocument, getPolicy, labelOf } from './entities.js'
import { changeIdentities, type IdentityWorks } from './identity-works.js'

export function addPolicy(works: IdentityWorks, name: string, document: string): Promise<PolicyWithDocument> {
  checkIdentityName('policy', name)
  parsePolicy(document, 'identity')
  if (isBuiltIn(name)) throw entityAlreadyExists('policy', name)
  return changeIdentities(
    works,
    (draft) => findPolicy(draft, name),
    (before, draft) => {
      if (before !== undefined) throw entityAlreadyExists('policy', name)
      const nowMs = works.clock.now()
      const record = { createdMs: nowMs, updatedMs: nowMs, attachmentCount: 0 }
      draft.put(policyKey(name), encodePolicy(record))
      const { value, payload } = encodePolicyDocument(document)
      draft.put(policyDocumentKey(name), value, payload)
      return { ...toPolicyInfo(name, record), document }
    },
  )
}

export function replacePolicy(
  works: IdentityWorks,
  name: string,
  document: string,
): Promise<PolicyWithDocument> {
  parsePolicy(document, 'identity')
  if (isBuiltIn(name)) throw cannotChange(name)
  return changeIdentities(
    works,
    (draft) => getPolicy(draft, name),
    ({ row, record }, draft) => {
      const changed = { ...record, updatedMs: works.clock.now() }
      draft.put(row.key, encodePolicy(changed))
      const { value, payload } = encodePolicyDocument(document)
      draft.put(policyDocumentKey(name), value, payload)
      return { ...toPolicyInfo(name, changed), document }
    },
  )
}

export async function getPolicyInfo(works: IdentityWorks, name: string): Promise<PolicyWithDocument> {
  const builtIn = findBuiltIn(name)
  if (builtIn !== undefined) return { name, isBuiltIn: true, document: builtIn }
  const { record } = await getPolicy(works.kv, name)
  const document = await findPolicyDocument(works.kv, name)
  if (document === undefined) throw noSuchEntity('policy', name) // Removed between the two.
  return { ...toPolicyInfo(name, record), document }
}

export function removePolicy(works: IdentityWorks, name: string): Promise<void> {
  if (isBuiltIn(name)) return Promise.reject(cannotChange(name))
  return changeIdentities(
    works,
    (draft) => getPolicy(draft, name),
    ({ row, record: { attachmentCount } }, draft) => {
      if (attachmentCount > 0)
        throw new EngineError(
          'DeleteConflict',
          `The policy "${name}" is attached to ${attachmentCount} users and groups. Detach it first.`,
          { kind: 'policy', name },
        )
      draft.freesSpace = true
      draft.delete(row.key)
      draft.delete(policyDocumentKey(name))
    },
  )
}

export function listPolicies(works: IdentityWorks, options: ListOptions): Listing<PolicyInfo, 'policy'> {
  return listing(works.kv, options, async () => ({
    type: 'policy',
    family: allPolicies(),
    read: (row, { key }) =>
      isBuiltIn(key)
        ? { name: key, isBuiltIn: true }
        : toPolicyInfo(key, decodePolicy(row.value, labelOf('policy', key))),
    scan: (range) => scanWithBuiltIn(works, range),
  }))
}

/** The built-in policies have no rows, and are listed as if they had. */
async function scanWithBuiltIn({ kv }: IdentityWorks, range: ListedRange): Promise<ListedRows> {
  const { rows, more } = await kv.scan(range)
  const end = more ? justAfter(rows.at(-1)!.key) : range.to
  const builtIn = builtInNames
    .map((name): Row => ({ key: policyKey(name), value: new Uint8Array(), revision: 0, payloadBytes: 0 }))
    .filter(({ key }) => Buffer.compare(key, range.from) >= 0 && Buffer.compare(key, end) < 0)
  return {
    rows: [...rows, ...builtIn].sort((one, other) => Buffer.compare(one.key, other.key)),
    next: more ? end : undefined,
  }
}

const cannotChange = (name: string): EngineError<'DeleteConflict'> =>
  new EngineError(
    'DeleteConflict',
    `The policy "${name}" is built in: it can be neither changed nor removed.`,
    {
      kind: 'policy',
      name,
    },
  )

const toPolicyInfo = (name: string, { createdMs, updatedMs, attachmentCount }: PolicyRecord): PolicyInfo => ({
  name,
  isBuiltIn: false,
  created: new Date(createdMs),
  updated: new Date(updatedMs),
  attachmentCount,
})
