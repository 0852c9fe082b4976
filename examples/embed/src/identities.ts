// Who may do what, without HTTP: users with keys and policies in the store, and a question asked for each request.
import { randomBytes } from 'node:crypto'
import { Engine, type Principal } from '@aquifer/engine'

// A program that keeps its store keeps this key as well, and apart from the store's backups.
await using engine = await Engine.open({ sealingKey: randomBytes(32) })
const { users, policies, groups, keys } = engine.identities

const document = {
  Version: '2012-10-17',
  Statement: [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a variable of the policy.
    { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::photos/${aws:username}/*' },
    { Sid: 'KeepRaw', Effect: 'Deny', Action: 's3:DeleteObject', Resource: 'arn:aws:s3:::photos/raw/*' },
  ],
}
await policies.add('own-photos', JSON.stringify(document))
await groups.add('photographers')
await engine.identities.attach('own-photos', { group: 'photographers' })

// The secret is told once, here. Whoever verifies signatures finds it again by findAccessKey.
const { accessKey } = await users.add('alice', { displayName: 'Alice A.', accessKey: {} })
await groups.addMember('photographers', 'alice')
const found = await engine.identities.findAccessKey(accessKey!.accessKeyId)
console.log('found again:', found?.secretAccessKey === accessKey?.secretAccessKey)

async function ask(who: Principal, action: string, resource: string): Promise<void> {
  const { allowed, reason, by } = await engine.can(who, action, `arn:aws:s3:::${resource}`)
  console.log(who.name, allowed ? 'may' : 'may not', action, resource, reason, by ?? '')
}
const alice = found!.principal
await ask(alice, 's3:GetObject', 'photos/alice/cat.jpg')
await ask(alice, 's3:GetObject', 'photos/bob/cat.jpg')
await ask(alice, 's3:DeleteObject', 'photos/raw/1.dng')

// For an hour, and for less: what both the user's policies and this one allow.
const narrowed = {
  ...document,
  Statement: [{ ...document.Statement[0], Resource: 'arn:aws:s3:::photos/alice/a*' }],
}
const session = await engine.identities.assumeRole({ user: 'alice', policy: JSON.stringify(narrowed) })
const guest = (await engine.identities.findAccessKey(session.accessKeyId))!.principal
await ask(guest, 's3:GetObject', 'photos/alice/ant.jpg')
await ask(guest, 's3:GetObject', 'photos/alice/cat.jpg')

// It holds for the next question.
await users.setEnabled('alice', false)
await ask(alice, 's3:GetObject', 'photos/alice/cat.jpg')
for await (const entry of keys.list({ user: 'alice' }))
  if (entry.type === 'access-key') console.log(entry.info.kind, entry.info.enabled)
