import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import type { ObjectInfo } from '@aquifer/engine'
import { type Brought, linesOf, listHeaders, listOf } from '../replica-list.js'
import type { PayloadKind } from '../signing-client.js'
import { arn, now, type Said, type Statement, StoreWithUsers } from './store-with-users.js'

type Headers = Record<string, string>

const body = Buffer.from('body')
const md5 = createHash('md5').update(body).digest('base64')
const request: Headers = { 'x-minio-source-replication-request': 'true' }
const allow = (...actions: string[]): Statement => ({
  Effect: 'Allow',
  Action: actions.map((action) => `s3:${action}`),
  Resource: [arn('here/*'), arn('here')],
})
/** What whoever writes and removes may do, and no more. */
const writing = [
  ...['PutObject', 'GetObject', 'GetObjectVersion', 'DeleteObject', 'DeleteObjectVersion'],
  ...['PutObjectTagging', 'PutObjectRetention', 'PutObjectLegalHold'],
]

async function open() {
  const store = await StoreWithUsers.open()
  for (const name of ['there', 'here']) await store.engine.createBucket(name, { objectLock: true })
  const there = store.engine.bucket('there')
  const told = ({ lastModified, etag }: ObjectInfo): Headers => ({
    ...request,
    'x-amz-replication-status': 'REPLICA',
    'x-minio-source-mtime': lastModified.toISOString(),
    'x-minio-source-etag': etag,
    'content-md5': md5,
  })
  return Object.assign(store, {
    here: store.engine.bucket('here'),
    make: () => there.put('key', body),
    told,
    bring: (info: ObjectInfo, headers: Headers = {}): Promise<Said> =>
      store.ask('PUT', `/here/key?versionId=${info.versionId}`, {
        headers: { ...told(info), ...headers },
        body,
      }),
    merge: (info: ObjectInfo, headers: Headers): Promise<Said> =>
      store.ask('PUT', `/here/key?versionId=${info.versionId}`, {
        headers: { ...request, 'x-amz-copy-source': `/here/key?versionId=${info.versionId}`, ...headers },
      }),
  })
}

test('every header of another store, by itself, needs the right to replicate', async () => {
  await using store = await open()
  const info = await store.make()
  const headers: Headers = {
    ...request,
    'x-amz-replication-status': 'REPLICA',
    'x-minio-source-replication-check': 'true',
    'x-minio-source-mtime': '2026-10-05T10:00:00Z',
    'x-minio-source-etag': info.etag,
    'x-minio-source-replication-tagging-timestamp': '2026-10-05T10:00:00Z',
    'x-minio-source-replication-retention-timestamp': '2026-10-05T10:00:00Z',
    'x-minio-source-replication-legalhold-timestamp': '2026-10-05T10:00:00Z',
  }
  const url = `/here/key?versionId=${info.versionId}`
  for (const [name, value] of Object.entries(headers)) {
    const asks: [method: string, url: string, more: Headers][] = [
      ['PUT', url, {}],
      ['PUT', '/here/key', {}],
      ['PUT', url, { 'x-amz-copy-source': url }],
      ['POST', url.replace('?', '?uploads&'), {}],
      ['POST', '/here/key?uploadId=none', {}],
    ]
    for (const [method, path, more] of asks) {
      const ask = () =>
        store.ask(method, path, {
          headers: { ...more, [name]: value },
          ...(method === 'PUT' ? { body } : {}),
        })
      await store.allow(allow(...writing))
      const refused = await ask()
      assert.equal(`${refused.status} ${refused.code}`, '403 AccessDenied', `${name} ${method} ${path}`)
      await store.allow(allow(...writing, 'ReplicateObject', 'ReplicateTags'))
      assert.notEqual((await ask()).status, 403, `${name} ${method} ${path}`)
    }
  }
  for (const name of ['replication-request', 'deletemarker', 'deletemarker-delete', 'replication-check'])
    for (const path of [url, '/here/key']) {
      const ask = () => store.ask('DELETE', path, { headers: { [`x-minio-source-${name}`]: 'true' } })
      await store.allow(allow(...writing, 'ReplicateObject', 'ReplicateTags'))
      assert.equal((await ask()).code, 'AccessDenied', `${name} ${path}`)
      await store.allow(allow(...writing, 'ReplicateDelete'))
      assert.notEqual((await ask()).status, 403, `${name} ${path}`)
    }
  const versions = []
  for await (const entry of store.here.listVersions()) versions.push(entry)
  assert.deepEqual(versions, [], 'Half of what was asked was no replica, and the other was not allowed.')
})

test('who asks whether it may is told so once all rights were looked at, and then too nothing is done', async () => {
  await using store = await open()
  await store.allow(allow(...writing, 'ReplicateObject'))
  const info = await store.make()
  assert.equal((await store.bring(info)).status, 200)
  const check = { ...request, 'x-minio-source-replication-check': 'true' }
  const url = `/here/key?versionId=${info.versionId}`
  const merge = { 'x-amz-copy-source': url, 'x-amz-tagging-directive': 'REPLACE', 'x-amz-tagging': 'a=b' }
  const asks: [method: string, headers: Headers, rights: string[]][] = [
    ['PUT', {}, ['ReplicateObject', 'PutObject']],
    ['DELETE', {}, ['ReplicateDelete', 'DeleteObjectVersion']],
    ['PUT', merge, ['ReplicateTags', 'GetObjectVersion', 'ReplicateObject', 'PutObject']],
  ]
  for (const [method, more, rights] of asks) {
    const ask = async (...rights: string[]) => {
      await store.allow(allow(...rights))
      const { status, code } = await store.ask(method, url, { headers: { ...check, ...more } })
      return `${status} ${code}`
    }
    for (const right of rights) {
      const others = [...writing, 'ReplicateObject', 'ReplicateDelete', 'ReplicateTags']
      assert.equal(await ask(...others.filter((other) => other !== right)), '403 AccessDenied', right)
    }
    assert.equal(await ask(...rights), '400 ReplicationPermissionCheck', method)
  }
  assert.equal((await store.here.head('key')).tagCount, 0)
  const versions = []
  for await (const entry of store.here.listVersions()) versions.push(entry)
  assert.equal(versions.length, 1)
})

test('who may replicate may not write for that alone, and needs a right of its own for tags and locks', async () => {
  await using store = await open()
  const info = await store.make()
  const status = async (rights: string[], headers: Headers = {}): Promise<number> => {
    await store.allow(allow(...rights))
    return (await store.bring(info, headers)).status
  }
  const put = ['PutObject', 'ReplicateObject']
  assert.equal(await status(['ReplicateObject', 'ReplicateDelete', 'ReplicateTags']), 403)
  assert.equal(await status(['PutObject']), 403)
  assert.equal(await status(put), 200)
  const tags = { 'x-amz-tagging': 'a=b' }
  assert.equal(await status([...put, 'PutObjectTagging', 'PutObjectVersionTagging'], tags), 403)
  assert.equal(await status([...put, 'ReplicateTags'], tags), 200)
  const none = { 'x-minio-source-replication-tagging-timestamp': new Date().toISOString() }
  assert.equal(await status(put, none), 403)
  const taken = { 'x-minio-source-replication-retention-timestamp': new Date().toISOString() }
  assert.equal(await status(put, taken), 403)
  assert.equal(await status([...put, 'PutObjectRetention'], taken), 200)
  const lifted = { 'x-minio-source-replication-legalhold-timestamp': new Date().toISOString() }
  assert.equal(await status(put, lifted), 403)
  assert.equal(await status([...put, 'PutObjectLegalHold'], lifted), 200)
})

test('a merge goes past governance for who has that right, and tells what is not there without the right to list', async () => {
  await using store = await open()
  const info = await store.make()
  const rights = ['PutObject', 'GetObjectVersion', 'ReplicateObject', 'PutObjectRetention']
  await store.allow(allow(...rights))
  const at = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString()
  const governed = {
    'x-amz-object-lock-mode': 'GOVERNANCE',
    'x-amz-object-lock-retain-until-date': at(3),
    'x-minio-source-replication-retention-timestamp': at(0),
  }
  const missing = await store.merge(info, governed)
  assert.equal(`${missing.status} ${missing.code}`, '404 NoSuchVersion', missing.text)
  assert.equal((await store.bring(info)).status, 200)
  assert.equal((await store.merge(info, governed)).status, 200)
  const weaker = {
    ...governed,
    'x-amz-object-lock-retain-until-date': at(1),
    'x-minio-source-replication-retention-timestamp': at(0.1),
    'x-amz-bypass-governance-retention': 'true',
  }
  const kept = await store.merge(info, weaker)
  assert.equal(`${kept.status} ${kept.code}`, '403 AccessDenied')
  assert.match(kept.text, /object protected by object lock/)
  assert.doesNotMatch((await store.ask('PUT', '/there/key', { body })).text, /object lock/)
  await store.allow(allow(...rights, 'BypassGovernanceRetention'))
  assert.equal((await store.merge(info, weaker)).status, 200)
})

test('a removal that says when a hold was said last goes past it for who may say so', async () => {
  await using store = await open()
  const info = await store.make()
  const rights = ['DeleteObject', 'DeleteObjectVersion', 'ReplicateDelete', 'BypassGovernanceRetention']
  await store.allow(allow(...writing, 'ReplicateObject'))
  assert.equal((await store.bring(info, { 'x-amz-object-lock-legal-hold': 'ON' })).status, 200)
  const later = new Date(Date.now() + 86_400_000).toISOString()
  const remove = (): Promise<Said> =>
    store.ask('DELETE', `/here/key?versionId=${info.versionId}`, {
      headers: {
        ...request,
        'x-minio-source-replication-legalhold-timestamp': later,
        'x-amz-bypass-governance-retention': 'true',
      },
    })
  await store.allow(allow(...rights))
  const refused = await remove()
  assert.equal(`${refused.status} ${refused.code}`, '403 AccessDenied')
  assert.equal((await store.here.head('key')).legalHold, true)
  await store.allow(allow(...rights, 'PutObjectLegalHold'))
  assert.equal((await remove()).status, 204)
})

test('a version that claims to be younger than it is takes no hold and no tags from the one that is there', async () => {
  await using store = await open()
  const info = await store.make()
  await store.allow(allow(...writing, 'ReplicateObject', 'ReplicateTags'))
  const said = { 'x-amz-object-lock-legal-hold': 'ON', 'x-amz-tagging': 'a=b' }
  assert.equal((await store.bring(info, said)).status, 200)
  const tagged = {
    'x-minio-source-replication-tagging-timestamp': new Date(Date.now() + 1_000).toISOString(),
  }
  assert.equal((await store.bring(info, { ...said, ...tagged })).status, 200)
  await store.allow(allow('PutObject', 'ReplicateObject'))
  const claimed = { 'x-minio-source-mtime': new Date(Date.now() + 86_400_000).toISOString() }
  assert.equal((await store.bring(info, claimed)).status, 200)
  const found = await store.here.head('key')
  assert.equal(found.legalHold, true)
  assert.equal(found.tagCount, 1)
  assert.deepEqual(found.lastModified, info.lastModified)
})

test('of many versions in one request each needs the rights that its PUT needs, and those alone', async () => {
  await using store = await open()
  const bring = async (...more: Headers[]): Promise<string[]> => {
    const versions = await Promise.all(
      more.map(async (headers, at): Promise<Brought> => {
        const { versionId, ...info } = await store.make()
        return {
          key: `key ${at}`,
          versionId: versionId!,
          headers: { ...store.told(info), ...headers },
          bytes: body,
        }
      }),
    )
    const together = await store.ask('POST', '/here?aquifer-replicas', {
      headers: listHeaders,
      body: listOf(versions),
    })
    assert.equal(together.status, 200, together.text)
    const alone = await Promise.all(
      versions.map(async ({ key, versionId, headers }) => {
        const path = `/here/${encodeURIComponent(key)}?versionId=${versionId}`
        return store.ask('PUT', path, { headers, body })
      }),
    )
    const lines = linesOf(together.text).map(({ status, code }) => `${status} ${code ?? ''}`)
    assert.deepEqual(
      lines,
      alone.map(({ status, code }) => `${status} ${code ?? ''}`),
    )
    return lines
  }
  const changed = new Date().toISOString()
  const asked: Headers[] = [
    {},
    { 'x-amz-tagging': 'a=b' },
    {
      'x-amz-object-lock-mode': 'GOVERNANCE',
      'x-amz-object-lock-retain-until-date': new Date(Date.now() + 86_400_000).toISOString(),
    },
    { 'x-minio-source-replication-retention-timestamp': changed },
    { 'x-amz-object-lock-legal-hold': 'ON' },
    { 'x-minio-source-replication-legalhold-timestamp': changed },
  ]
  const [ok, denied] = ['200 ', '403 AccessDenied']
  const put = ['PutObject', 'ReplicateObject']
  await store.allow(allow('ReplicateObject', 'ReplicateTags', 'PutObjectRetention', 'PutObjectLegalHold'))
  assert.deepEqual(await bring(...asked), Array(6).fill(denied))
  await store.allow(allow(...writing))
  assert.deepEqual(await bring(...asked), Array(6).fill(denied))
  await store.allow(allow(...put))
  assert.deepEqual(await bring(...asked), [ok, ...Array(5).fill(denied)])
  await store.allow(allow(...put, 'ReplicateTags'))
  assert.deepEqual(await bring(...asked), [ok, ok, ...Array(4).fill(denied)])
  await store.allow(allow(...put, 'PutObjectRetention'))
  assert.deepEqual(await bring(...asked), [ok, denied, ok, ok, denied, denied])
  await store.allow(allow(...put, 'PutObjectLegalHold'))
  assert.deepEqual(await bring(...asked), [ok, denied, denied, denied, ok, ok])
  await store.allow(allow(...put, 'ReplicateTags', 'PutObjectRetention', 'PutObjectLegalHold'))
  assert.deepEqual(await bring(...asked), Array(6).fill(ok))
})

test('the conditions of policies see of each version what they would see of its PUT', async () => {
  await using store = await open()
  const { versionId } = await store.make()
  const version = (key: string, headers: Headers = {}): Brought => ({
    ...{ key, versionId: versionId!, bytes: body },
    headers: {
      ...request,
      'x-minio-source-mtime': '2026-11-23T12:00:00Z',
      'content-md5': md5,
      ...headers,
    },
  })
  const ask = async (versions: readonly Brought[], headers: Headers = {}): Promise<number[]> => {
    const { text } = await store.ask('POST', '/here?aquifer-replicas', {
      headers: { ...listHeaders, ...headers },
      body: listOf(versions),
    })
    return linesOf(text).map(({ status }) => status)
  }
  const all = allow('PutObject', 'ReplicateObject', 'ReplicateTags', 'PutObjectRetention')
  const deny = (condition: object, resource = 'here/*'): Statement => ({
    ...{ Effect: 'Deny', Action: 's3:PutObject', Resource: arn(resource) },
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  })
  const equals = (key: string, value: string) => ({ StringEquals: { [key]: value } })

  await store.allow(all, deny({}, 'here/private/*'))
  assert.deepEqual(await ask([version('a'), version('private/a'), version('b')]), [200, 403, 200])
  await store.allow(all, deny(equals('s3:RequestObjectTag/secret', 'yes')))
  const tagged = (value: string) => version('tagged', { 'x-amz-tagging': `secret=${value}` })
  assert.deepEqual(await ask([tagged('no'), tagged('yes')]), [200, 403])
  await store.allow(all, deny(equals('s3:x-amz-storage-class', 'STANDARD')))
  assert.deepEqual(await ask([version('a'), version('a', { 'x-amz-storage-class': 'STANDARD' })]), [200, 403])
  await store.allow(all, deny(equals('s3:ObjectCreationOperation', 'false')))
  assert.deepEqual(await ask([version('a')]), [200])
  await store.allow(all, deny(equals('aws:UserAgent', 'stranger')))
  assert.deepEqual(await ask([version('a')], { 'user-agent': 'stranger' }), [403])
  assert.deepEqual(await ask([version('a')], { 'user-agent': 'friend' }), [200])
  await store.allow(all, deny({ NumericGreaterThan: { 's3:object-lock-remaining-retention-days': '10' } }))
  const kept = (days: number) =>
    version(`kept ${days}`, {
      'x-amz-object-lock-mode': 'GOVERNANCE',
      'x-amz-object-lock-retain-until-date': new Date(now + days * 86_400_000).toISOString(),
    })
  assert.deepEqual(await ask([kept(5), kept(20)]), [200, 403])
})

test('what another store says in a body is believed where the signature covers the body', async () => {
  await using store = await open()
  await store.allow(allow('PutObject', 'ReplicateObject'))
  const { versionId, ...info } = await store.make()
  const list = listOf([{ key: 'key', versionId: versionId!, headers: store.told(info), bytes: body }])
  const ask = (form: 'header' | 'query', payload: PayloadKind): Promise<Said> =>
    store.ask('POST', '/here?aquifer-replicas', { headers: listHeaders, body: list, form, payload })
  for (const form of ['header', 'query'] as const) {
    for (const payload of ['unsigned', 'unsigned-chunked'] as const)
      assert.equal((await ask(form, payload)).code, 'AccessDenied', `${form} ${payload}`)
    for (const payload of ['hashed', 'signed-chunked'] as const) {
      const { text } = await ask(form, payload)
      assert.deepEqual(linesOf(text), [{ status: 200, versionId }], `${form} ${payload}`)
    }
  }
})
