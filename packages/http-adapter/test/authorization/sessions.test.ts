import assert from 'node:assert/strict'
import test from 'node:test'
import { contentType, formBody, signForm } from '../forms.js'
import { arn, document, HOST, StoreWithUsers } from './store-with-users.js'

test('a session works by header, by query and by form, with no more rights than its user and its policy', async () => {
  await using store = await StoreWithUsers.open({ now: Date.now })
  await store.engine.createBucket('bucket')
  await store.engine.bucket('bucket').put('mine/a', Buffer.from('body'))
  await store.allow({ Effect: 'Allow', Action: 's3:*Object', Resource: arn('bucket/mine/*') })
  const session = await store.engine.identities.assumeRole({
    user: 'alice',
    policy: document({
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject'],
      Resource: arn('bucket/*'),
    }),
  })
  const date = new Date()
  const ask = (
    method: string,
    path: string,
    form: 'header' | 'query' = 'header',
    sessionToken = session.sessionToken,
  ) => store.ask(method, path, { signer: { ...session, sessionToken }, date, form, payload: 'unsigned' })
  for (const form of ['header', 'query'] as const) {
    assert.equal((await ask('GET', '/bucket/mine/a', form)).text, 'body', form)
    assert.equal(
      (await ask('DELETE', '/bucket/mine/a', form)).code,
      'AccessDenied',
      'its own policy does not allow it',
    )
    assert.equal((await ask('GET', '/bucket/theirs/a', form)).code, 'AccessDenied', 'its user may not')
    assert.equal((await ask('GET', '/bucket/mine/a', form, 'another token')).code, 'InvalidToken', form)
    const { sessionToken: _, ...without } = session
    const naked = await store.ask('GET', '/bucket/mine/a', {
      signer: without,
      date,
      form,
      payload: 'unsigned',
    })
    assert.equal(naked.code, 'InvalidAccessKeyId', form)
  }

  const post = (key: string, sessionToken: string) => {
    const signing = signForm({
      conditions: [{ bucket: 'bucket' }, ['eq', '$key', key]],
      date,
      secretAccessKey: session.secretAccessKey,
      sessionToken,
      accessKeyId: session.accessKeyId,
    })
    const bytes = formBody([...signing, ['key', key]], { bytes: 'by form' })
    const headers = [
      ['host', HOST],
      ['content-type', contentType],
      ['content-length', String(bytes.byteLength)],
    ] as const
    return store.say({ method: 'POST', rawUrl: '/bucket', headers, frames: [bytes] })
  }
  assert.equal((await post('mine/b', session.sessionToken)).status, 204)
  assert.equal((await post('theirs/b', session.sessionToken)).code, 'AccessDenied')
  assert.equal((await post('mine/b', 'another token')).code, 'InvalidToken')
})

test('a session ends by its time, and with its user', async () => {
  let clock = Date.now()
  await using store = await StoreWithUsers.open({ now: () => clock })
  await store.engine.createBucket('bucket')
  await store.allow({ Effect: 'Allow', Action: 's3:ListBucket', Resource: arn('bucket') })
  const session = await store.engine.identities.assumeRole({ user: 'alice', durationSeconds: 900 })
  const ask = async () => store.ask('GET', '/bucket', { signer: session, date: new Date(clock) })
  assert.equal((await ask()).status, 200)
  await store.engine.identities.users.setEnabled('alice', false)
  assert.equal((await ask()).code, 'InvalidAccessKeyId')
  await store.engine.identities.users.setEnabled('alice', true)
  assert.equal((await ask()).status, 200)
  clock += 901_000
  assert.equal((await ask()).code, 'ExpiredToken')
})
