import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Engine } from '@aquifer/engine'

test('no secret of a key, and no token of a session, stands in any file of the data directory', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-secrets-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const sealingKey = randomBytes(32)
  const engine = await Engine.open({ directory, sealingKey })
  const { users, keys } = engine.identities
  const { accessKey } = await users.add('alice', { accessKey: { secretAccessKey: 'alices-own-secret' } })
  const session = await engine.identities.assumeRole({ user: 'alice' })
  await engine.createBucket('bucket')
  const found = await engine.identities.findAccessKey(accessKey!.accessKeyId)
  const ofBucket = await engine.identities.createSession(found!.principal, { bucket: 'bucket' })
  const rotated = await keys.rotate(accessKey!.accessKeyId)
  await engine.close()

  const secrets = [
    accessKey!.secretAccessKey,
    rotated.secretAccessKey,
    session.secretAccessKey,
    session.sessionToken,
    ofBucket.secretAccessKey,
    ofBucket.sessionToken,
  ].map((text) => Buffer.from(text))
  let isFound = false
  for (const name of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue
    const bytes = await readFile(join(name.parentPath, name.name))
    isFound ||= bytes.includes(accessKey!.accessKeyId)
    for (const secret of [...secrets, sealingKey])
      for (const spelling of [
        secret,
        Buffer.from(secret.toString('base64').replace(/=+$/, '')),
        Buffer.from(secret.toString('hex')),
      ])
        assert.ok(!bytes.includes(spelling), `${name.name} holds ${spelling}`)
  }
  assert.ok(isFound, 'The key itself is there.')
})
