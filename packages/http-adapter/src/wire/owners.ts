import type { Call } from '../operation.js'
import { element, text } from './xml-out.js'

/** How an owner is shown: its id, and its display name where somebody has the id. */
export type OwnerElement = (ownerId: string | undefined, name?: 'Owner' | 'Initiator') => string

/** The elements of all owners of a page, whose names are looked up once each. What has no owner is the server's own. */
export async function ownersOf(
  { engine, settings }: Pick<Call, 'engine' | 'settings'>,
  ownerIds: Iterable<string | undefined>,
): Promise<OwnerElement> {
  const { owner } = settings
  const names = new Map([[owner.id, owner.displayName]])
  let last: string | undefined = owner.id
  for (const id of ownerIds) {
    // Most of a page have the owner of the one before.
    if (id === last || id === undefined) continue
    last = id
    if (names.has(id)) continue
    names.set(id, (await engine.identities.findDisplayName(id)) ?? '')
  }
  return (ownerId = owner.id, name = 'Owner') => {
    const displayName = names.get(ownerId) ?? ''
    return element(name, text('ID', ownerId), displayName === '' ? '' : text('DisplayName', displayName))
  }
}
