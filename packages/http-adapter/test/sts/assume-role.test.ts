import assert from 'node:assert/strict'
import test from 'node:test'
import { EXAMPLE } from '../auth/requests.js'
import { arn, document, now, StoreWithUsers } from '../authorization/store-with-users.js'
import { signMessage } from '../signing-client.js'
import { askTokens, askTokensUnsigned, sessionIn } from './ask-tokens.js'

const mayAssume = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' } as const
const mayRead = { Effect: 'Allow', Action: 's3:GetObject', Resource: arn('bucket/*') } as const
const AssumeRole = { Action: 'AssumeRole', RoleArn: 'arn:aws:iam::1:role/any', RoleSessionName: 'a-session' }

async function standing(clock = () => now): Promise<StoreWithUsers> {
  const store = await StoreWithUsers.open({ now: clock })
  await store.engine.createBucket('bucket')
  await store.engine.bucket('bucket').put('key', Buffer.from('body'))
  await store.allow(mayAssume, mayRead)
  return store
}

test('AssumeRole gives credentials that S3 takes with their token, and with nothing less', async () => {
  await using store = await standing(Date.now)
  const date = new Date()
  const said = await askTokens(store, AssumeRole, { date })
  assert.equal(said.status, 200, said.text)
  assert.equal(said.headers['content-type'], 'application/xml')
  assert.match(
    said.text,
    /^<\?xml [^>]*>\n<AssumeRoleResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/"><AssumeRoleResult><Credentials>/,
  )
  assert.equal(said.of('RequestId'), said.headers['x-amz-request-id'])
  assert.match(said.of('AssumedRoleId')!, /^[0-9a-f]{64}:a-session$/)
  const seconds = (Date.parse(said.of('Expiration')!) - Date.now()) / 1_000
  assert.ok(seconds > 3_500 && seconds <= 3_601, String(seconds))

  const session = sessionIn(said)
  assert.equal((await store.ask('GET', '/bucket/key', { signer: session, date })).text, 'body')
  assert.equal(
    (await store.ask('GET', '/bucket/key', { signer: session, date, form: 'query', payload: 'unsigned' }))
      .text,
    'body',
  )
  assert.equal(
    (await store.ask('PUT', '/bucket/key', { signer: session, date })).code,
    'AccessDenied',
    'its user may not',
  )
  const { sessionToken: _, ...naked } = session
  assert.equal((await store.ask('GET', '/bucket/key', { signer: naked, date })).code, 'InvalidAccessKeyId')
  const other = { ...session, sessionToken: 'another' }
  assert.equal((await store.ask('GET', '/bucket/key', { signer: other, date })).code, 'InvalidToken')
})

test('a session is over at its time: ExpiredToken', async () => {
  let clock = Date.now()
  await using store = await standing(() => clock)
  const said = await askTokens(store, { ...AssumeRole, DurationSeconds: '900' }, { date: new Date(clock) })
  const ask = () => store.ask('GET', '/bucket/key', { signer: sessionIn(said), date: new Date(clock) })
  assert.equal((await ask()).status, 200)
  clock += 901_000
  assert.equal((await ask()).code, 'ExpiredToken')
})

test("a session's policy narrows it, and never adds", async () => {
  await using store = await standing(Date.now)
  const date = new Date()
  const Policy = document({ Effect: 'Allow', Action: 's3:*', Resource: arn('bucket/mine/*') })
  const session = sessionIn(await askTokens(store, { ...AssumeRole, Policy }, { date }))
  await store.engine.bucket('bucket').put('mine/a', Buffer.from('mine'))
  const ask = (method: string, path: string) => store.ask(method, path, { signer: session, date })
  assert.equal((await ask('GET', '/bucket/mine/a')).text, 'mine')
  assert.equal((await ask('GET', '/bucket/key')).code, 'AccessDenied')
  assert.equal((await ask('PUT', '/bucket/mine/a')).code, 'AccessDenied')
})

test('AssumeRole needs its right, and a policy can bound how long a session lasts', async () => {
  await using store = await standing()
  await store.allow(mayRead)
  const refused = await askTokens(store, AssumeRole)
  assert.equal(refused.status, 403)
  assert.equal(refused.of('Code'), 'AccessDenied')
  await store.allow({
    ...mayAssume,
    Condition: { NumericLessThanEquals: { 'sts:DurationSeconds': '1800' } },
  })
  assert.equal((await askTokens(store, { ...AssumeRole, DurationSeconds: '1800' })).status, 200)
  for (const more of [{ DurationSeconds: '1801' }, { DurationSeconds: '' }])
    assert.equal((await askTokens(store, { ...AssumeRole, ...more })).of('Code'), 'AccessDenied')
})

test('whom the built-in policies let in may have sessions', async () => {
  await using store = await standing()
  await store.allow()
  for (const policy of ['readonly', 'readwrite', 'writeonly', 'admin']) {
    await store.engine.identities.attach(policy, { user: 'alice' })
    assert.equal((await askTokens(store, AssumeRole)).status, 200, policy)
    await store.engine.identities.detach(policy, { user: 'alice' })
  }
})

test('root, service keys, sessions and nobody have no sessions', async () => {
  await using store = await standing(Date.now)
  const date = new Date()
  const code = async (signer: typeof EXAMPLE & { sessionToken?: string }) =>
    (await askTokens(store, AssumeRole, { signer, date })).of('Code')
  assert.equal(await code({ accessKeyId: 'ROOT', secretAccessKey: 'root-secret' }), 'AccessDenied')
  assert.equal(await code(sessionIn(await askTokens(store, AssumeRole, { date }))), 'AccessDenied')
  const policy = document(mayAssume, mayRead)
  assert.equal(await code(await store.engine.identities.keys.add('alice', { policy })), 'AccessDenied')
  assert.equal((await askTokensUnsigned(store, AssumeRole)).of('Code'), 'AccessDenied')
})

test('a request for tokens is signed for sts, in its headers and over its body', async () => {
  await using store = await standing()
  const code = async (...[what]: [Parameters<typeof askTokens>[2]]) => {
    const said = await askTokens(store, AssumeRole, what)
    assert.match(said.text, /<ErrorResponse xmlns="[^"]+"><Error><Type>Sender<\/Type><Code>/, said.text)
    return said.of('Code')
  }
  assert.equal(await code({ signer: { ...EXAMPLE, service: 's3' } }), 'AuthorizationHeaderMalformed')
  assert.equal(await code({ signer: { ...EXAMPLE, secretAccessKey: 'wrong' } }), 'SignatureDoesNotMatch')
  assert.equal(await code({ signer: { ...EXAMPLE, accessKeyId: 'NOBODY' } }), 'InvalidClientTokenId')
  assert.equal(await code({ date: new Date(now - 16 * 60_000) }), 'RequestTimeTooSkewed')
  assert.equal(await code({ form: 'query' }), 'AccessDenied')
  for (const payload of ['unsigned', 'unsigned-chunked-trailer', 'signed-chunked'] as const)
    assert.equal(await code({ payload, isHashUnstated: false }), 'AccessDenied', payload)
  assert.equal(
    (await askTokens(store, AssumeRole, { isHashUnstated: false })).status,
    200,
    'as minio-go signs',
  )

  const asked = await store.ask('GET', '/bucket/key', { signer: { ...EXAMPLE, service: 'sts' } })
  assert.equal(asked.code, 'AuthorizationHeaderMalformed', 'nothing else is asked for by such a signature')
})

test('another body than was signed is refused, whether or not its hash was sent', async () => {
  await using store = await standing()

  for (const isHashUnstated of [true, false]) {
    const message = signMessage(
      { ...EXAMPLE, service: 'sts' },
      {
        form: 'header',
        payload: 'hashed',
        isHashUnstated,
        method: 'POST',
        path: '/',
        host: 's3.test:9000',
        date: new Date(now),
        body: Buffer.from('Action=AssumeRole&Version=2011-06-15&DurationSeconds=0900'),
      },
    )
    message.frames[0]!.write('9', message.frames[0]!.byteLength - 4)
    const said = await store.say(message)
    const code = /<Code>(.*?)</.exec(said.text)?.[1]
    assert.equal(code, isHashUnstated ? 'SignatureDoesNotMatch' : 'XAmzContentSHA256Mismatch')
  }
})

test('what is wrong with a request for tokens is said in the words of that service', async () => {
  await using store = await standing()
  const wrong: readonly (readonly [Record<string, string>, number, string])[] = [
    [{}, 400, 'MissingParameter'],
    [{ ...AssumeRole, Version: '' }, 400, 'MissingParameter'],
    [{ ...AssumeRole, Version: '2012-01-01' }, 400, 'InvalidParameterValue'],
    [{ ...AssumeRole, DurationSeconds: '899' }, 400, 'InvalidParameterValue'],
    [{ ...AssumeRole, DurationSeconds: '31536001' }, 400, 'InvalidParameterValue'],
    [{ ...AssumeRole, DurationSeconds: '1e3' }, 400, 'InvalidParameterValue'],
    [{ ...AssumeRole, RoleSessionName: 'a b' }, 400, 'InvalidParameterValue'],
    [{ ...AssumeRole, Policy: '{' }, 400, 'MalformedPolicyDocument'],
    [{ ...AssumeRole, Policy: document(mayRead).padEnd(2_049) }, 400, 'InvalidParameterValue'],
    [{ ...AssumeRole, 'Tags.member.1.Key': 'a' }, 501, 'NotImplemented'],
    [{ ...AssumeRole, 'PolicyArns.member.1.arn': 'a' }, 501, 'NotImplemented'],
    [
      { Action: 'AssumeRoleWithLDAPIdentity', LDAPUsername: 'a', LDAPPassword: 'b' },
      501,
      'XMinioLDAPNotEnabled',
    ],
    [{ Action: 'AssumeRoleWithCertificate' }, 501, 'NotImplemented'],
    [{ Action: 'AssumeRoleWithCustomToken' }, 501, 'NotImplemented'],
    [{ Action: 'AssumeRoleWithWebIdentity', WebIdentityToken: 'a' }, 400, 'InvalidIdentityToken'],
    [{ Action: 'AssumeRoleWithWebIdentity' }, 400, 'MissingParameter'],
    [{ Action: 'AssumeRoleWithClientGrants', Token: 'a' }, 400, 'InvalidClientGrantsToken'],
    [{ Action: 'DeleteEverything' }, 400, 'InvalidParameterValue'],
    [{ ...AssumeRole, Policy: 'x'.repeat(65_536) }, 400, 'MaxMessageLengthExceeded'],
  ]
  for (const [parameters, status, code] of wrong) {
    const said = await askTokens(store, parameters)
    assert.equal(said.of('Code'), code, JSON.stringify(parameters).slice(0, 200))
    assert.equal(said.status, status, code)
    assert.equal(said.of('Type'), status < 500 ? 'Sender' : 'Receiver')
    assert.equal(said.of('RequestId'), said.headers['x-amz-request-id'])
  }
  const twice = await askTokens(store, AssumeRole, { query: [['Action', 'AssumeRole']] })
  assert.equal(twice.of('Code'), 'InvalidParameterValue', 'in the URL and in the body')
})

test('GetSessionToken is a session without a word of a role, for half a day', async () => {
  await using store = await standing(Date.now)
  const date = new Date()
  const said = await askTokens(store, { Action: 'GetSessionToken' }, { date })
  assert.match(said.text, /<GetSessionTokenResponse xmlns="[^"]+"><GetSessionTokenResult><Credentials>/)
  const hours = (Date.parse(said.of('Expiration')!) - Date.now()) / 3_600_000
  assert.ok(hours > 11.9 && hours <= 12.01, String(hours))
  const signer = sessionIn(said)
  assert.equal((await store.ask('GET', '/bucket/key', { signer, date })).text, 'body')
  const code = async (more: object) =>
    (await askTokens(store, { Action: 'GetSessionToken', ...more }, { date })).of('Code')
  assert.equal(await code({ SerialNumber: 'a', TokenCode: '1' }), 'NotImplemented')
  await store.allow(mayRead)
  assert.equal(await code({}), 'AccessDenied')
})

test('GetCallerIdentity says who signed, as policies name it', async () => {
  await using store = await standing()
  const said = await askTokens(store, { Action: 'GetCallerIdentity' })
  assert.equal(said.of('Arn'), 'arn:aws:iam:::user/alice')
  assert.equal(said.of('Account'), '000000000000')
  assert.match(said.of('UserId')!, /^[0-9a-f]{64}$/)
  const root = { accessKeyId: 'ROOT', secretAccessKey: 'root-secret' }
  const ofRoot = await askTokens(store, { Action: 'GetCallerIdentity' }, { signer: root })
  assert.equal(ofRoot.of('Arn'), 'arn:aws:iam:::root')
  const ofNobody = await askTokensUnsigned(store, { Action: 'GetCallerIdentity' })
  assert.equal(ofNobody.of('Code'), 'AccessDenied')
})

test('a signature for sts made for the host of a bucket opens nothing there, whatever a proxy says of the host', async () => {
  await using store = await StoreWithUsers.open({ domains: ['s3.test'], trustedProxies: ['10.0.0.1'] })
  await store.engine.createBucket('bucket')
  await store.allow({ Effect: 'Allow', Action: '*', Resource: '*' })
  const ask = (host: string, forwarded: string) => {
    const message = signMessage(
      { ...EXAMPLE, service: 'sts' },
      {
        form: 'header',
        payload: 'hashed',
        method: 'POST',
        path: '/',
        host,
        date: new Date(now),
        body: Buffer.from('Version=2011-06-15&Action=GetCallerIdentity'),
        unsignedHeaders: { 'x-forwarded-host': forwarded },
      },
    )
    return store.say({ ...message, remoteAddress: '10.0.0.1' })
  }
  assert.equal((await ask('s3.test', 's3.test')).status, 200)
  assert.equal((await ask('bucket.s3.test', 's3.test')).code, 'AccessDenied')
  assert.equal((await ask('s3.test', 'bucket.s3.test')).code, 'AuthorizationHeaderMalformed')
})
