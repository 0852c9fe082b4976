import type { Rule } from './picture.js'

/** Whatever two rows of identities say of the same thing agrees. */
const identitiesDisagree: Rule = function* ({ rows: { identities, deferred } }) {
  const { users, keys, groups, policies, documents, members, names, ownedKeys } = identities

  for (const [name, { userId }] of users)
    if (names.get(userId) !== name) yield `user "${name}" is not found by its id`
  for (const [id, name] of names)
    if (users.get(name)?.userId !== id) yield `the id ${id} is that of "${name}", who has another`

  const leaving = new Set(
    deferred.flatMap(({ work }) =>
      work.kind === 'access-keys' ? [Buffer.from(work.userId).toString('hex')] : [],
    ),
  )
  const ending = new Set(
    deferred.flatMap(({ work }) => (work.kind === 'temporary-key' ? [work.accessKeyId] : [])),
  )
  const keyCounts = new Map<string, number>()
  for (const [accessKeyId, { kind, userId, user, federation, actsFor, sealedSecret }] of keys) {
    if (!ownedKeys.has(`${userId} ${accessKeyId}`)) yield `the key ${accessKeyId} is in no list of its user`
    // What acts for another key has that key's owner, who may be no user of ours.
    const isOurs = federation === undefined && actsFor === undefined
    if (isOurs && users.get(user)?.userId !== userId && !leaving.has(userId))
      yield `the key ${accessKeyId} belongs to user "${user}", who is not there`
    if (kind === 'temporary' && !ending.has(accessKeyId)) yield `the key ${accessKeyId} stays for ever`
    if (kind !== 'temporary') keyCounts.set(userId, (keyCounts.get(userId) ?? 0) + 1)
    if (!identities.sealingGenerations.includes(sealedSecret.generation))
      yield `the secret of ${accessKeyId} is sealed by a key that is not there`
  }
  for (const owned of ownedKeys) {
    const [userId, accessKeyId] = owned.split(' ') as [string, string]
    if (keys.get(accessKeyId)?.userId !== userId) yield `the key ${accessKeyId} is in the list of another`
  }

  for (const [name, { userId, keyCount, groups: joined }] of users) {
    const found = keyCounts.get(userId) ?? 0
    if (found !== keyCount) yield `user "${name}" counts ${keyCount} keys and has ${found}`
    for (const group of joined)
      if (!members.has(`${group}\0${name}`)) yield `group "${group}" does not list its member "${name}"`
  }
  for (const member of members) {
    const [group, user] = member.split('\0') as [string, string]
    if (!users.get(user)?.groups.includes(group)) yield `group "${group}" lists "${user}", who is no member`
  }
  for (const [name, { memberCount }] of groups) {
    const found = [...members].filter((member) => member.startsWith(`${name}\0`)).length
    if (found !== memberCount) yield `group "${name}" counts ${memberCount} members and has ${found}`
  }

  const attached = new Map<string, number>()
  for (const { policies: held } of [...users.values(), ...groups.values()])
    for (const policy of held) attached.set(policy, (attached.get(policy) ?? 0) + 1)
  for (const [name, { attachmentCount }] of policies) {
    const found = attached.get(name) ?? 0
    if (found !== attachmentCount) yield `policy "${name}" counts ${attachmentCount} holders and has ${found}`
    if (!documents.has(name)) yield `policy "${name}" has no document`
  }
  for (const name of documents) if (!policies.has(name)) yield `the document of policy "${name}" is left over`
}

export const identityRules: Readonly<Record<string, Rule>> = { 'identities-disagree': identitiesDisagree }
