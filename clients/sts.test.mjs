// Temporary credentials by the clients' own ways: each asks for them, then uses them for S3.
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { awsCli, connectAwsCli } from './aws-cli.mjs'
import { connectBoto3 } from './harness/boto3.mjs'
import { findProgram, findPython, run, unless } from './harness/programs.mjs'
import { openWorkplace } from './harness/workplace.mjs'

const main = fileURLToPath(new URL('../packages/server/dist/main.js', import.meta.url))
const python = findPython('python')
const minioGo = findProgram('aquifer-minio-go')
const alice = { accessKeyId: 'ALICESKEY', secretAccessKey: 'alices+secret/key' }
const bucket = 'photos'
const role = { RoleArn: 'arn:aws:iam::000000000000:role/none', RoleSessionName: 'a-session' }
const onlyRead = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*` }],
})

/** A bucket with an object, and a user who may do everything with it. */
async function standing(t, settings) {
  const place = await openWorkplace(t, settings)
  await place.witness.createBucket(bucket)
  await place.witness.put(bucket, 'cat', Buffer.from('a cat'))
  const key = ['--access-key', alice.accessKeyId, '--secret-key', alice.secretAccessKey]
  await run(
    process.execPath,
    [main, 'user', 'add', 'alice', ...key, '--policy', 'readwrite', '--url', place.url],
    {
      env: { AQUIFER_ADMIN_ACCESS_KEY: place.accessKeyId, AQUIFER_ADMIN_SECRET_KEY: place.secretAccessKey },
    },
  )
  return place
}

const as = (place, { AccessKeyId, SecretAccessKey, SessionToken }) => ({
  url: place.url,
  region: place.region,
  folder: place.folder,
  accessKeyId: AccessKeyId,
  secretAccessKey: SecretAccessKey,
  sessionToken: SessionToken,
})
const asAlice = (place) => ({ url: place.url, region: place.region, folder: place.folder, ...alice })

test('boto3 assumes a role, and reads with what it got', { skip: unless(python, 'boto3') }, async (t) => {
  const place = await standing(t)
  const connect = connectBoto3(python, '1.43.11')
  const boto3 = await connect(asAlice(place))
  place.atEnd(boto3.close)
  const { Arn } = await boto3.callSts('get_caller_identity', {})
  assert.equal(Arn, 'arn:aws:iam:::user/alice')
  const { Credentials } = await boto3.callSts('assume_role', {
    ...role,
    DurationSeconds: 900,
    Policy: onlyRead,
  })
  const minutes = (Date.parse(Credentials.Expiration) - Date.now()) / 60_000
  assert.ok(minutes > 14 && minutes < 16, String(minutes))

  const session = await connect(as(place, Credentials))
  place.atEnd(session.close)
  assert.equal((await session.call('get_object', { Bucket: bucket, Key: 'cat' })).Body, 'a cat')
  assert.equal(await (await fetch(await session.presignGet(bucket, 'cat'))).text(), 'a cat')
  await assert.rejects(session.call('put_object', { Bucket: bucket, Key: 'dog' }), /AccessDenied/)
  await assert.rejects(session.callSts('assume_role', role), /AccessDenied/)
  await assert.rejects(
    boto3.callSts('assume_role', { ...role, DurationSeconds: 31_536_001 }),
    /InvalidParameterValue/,
  )
  await assert.rejects(boto3.callSts('assume_role', { ...role, Policy: '{}' }), /MalformedPolicyDocument/)

  const wrong = await connect({ ...asAlice(place), secretAccessKey: 'wrong' })
  place.atEnd(wrong.close)
  await assert.rejects(wrong.callSts('assume_role', role), /SignatureDoesNotMatch/)
})

test('aws-cli assumes a role, and reads with what it got', { skip: unless(awsCli, 'aws-cli') }, async (t) => {
  const place = await standing(t)
  const aws = await connectAwsCli(asAlice(place))
  const words = ['--role-arn', role.RoleArn, '--role-session-name', role.RoleSessionName, '--output', 'json']
  const { Credentials } = JSON.parse(await aws(['sts', 'assume-role', ...words]))
  const session = await connectAwsCli(as(place, Credentials))
  assert.equal(await session(['s3', 'cp', `s3://${bucket}/cat`, '-']), 'a cat')
  const { Arn } = JSON.parse(await session(['sts', 'get-caller-identity', '--output', 'json']))
  assert.equal(Arn, 'arn:aws:iam:::user/alice')
})

test('minio-go assumes a role for each of its calls', { skip: unless(minioGo, 'minio-go') }, async (t) => {
  const place = await standing(t)
  const { url, region, folder } = place
  const call = (...words) =>
    run(minioGo, words, {
      env: {
        S3_ENDPOINT: url,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: alice.accessKeyId,
        AWS_SECRET_ACCESS_KEY: alice.secretAccessKey,
        SESSION_POLICY: onlyRead,
      },
    })
  const path = join(folder, 'cat')
  await call('get', bucket, 'cat', path)
  assert.equal(await readFile(path, 'utf8'), 'a cat')
  await assert.rejects(call('put', bucket, 'dog', path), /AccessDenied/)
})

/** A provider of identities, and a token of its own. */
async function startProvider(t) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const server = createServer((_request, response) => {
    response.end(
      JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: '1', alg: 'RS256' }] }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  const part = (content) => Buffer.from(JSON.stringify(content)).toString('base64url')
  const claims = {
    iss: 'https://id.test',
    aud: 'client',
    sub: 'bob',
    policy: 'readonly',
    exp: Date.now() / 1_000 + 60,
  }
  const text = `${part({ alg: 'RS256', kid: '1' })}.${part(claims)}`
  const token = `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
  return { url: `http://127.0.0.1:${server.address().port}/`, token }
}

test('the AWS SDK for JavaScript assumes a role, by a key and by a web identity', async (t) => {
  const provider = await startProvider(t)
  const place = await standing(t, [
    ...['--identity-openid-jwks-url', provider.url, '--identity-openid-issuer', 'https://id.test'],
    ...['--identity-openid-client-id', 'client', '--allow-calls-to', '127.0.0.1'],
  ])
  const { url: endpoint, region } = place
  const sts = new STSClient({ endpoint, region, credentials: alice })
  place.atEnd(() => sts.destroy())
  const asked = [
    [new AssumeRoleCommand({ ...role, Policy: onlyRead }), 'AccessDenied'],
    [new AssumeRoleWithWebIdentityCommand({ ...role, WebIdentityToken: provider.token }), 'AccessDenied'],
  ]
  for (const [command, refusal] of asked) {
    const { Credentials } = await sts.send(command)
    const {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
    } = Credentials
    assert.ok(Credentials.Expiration instanceof Date)
    const credentials = { accessKeyId, secretAccessKey, sessionToken }
    const s3 = new S3Client({ endpoint, region, forcePathStyle: true, credentials })
    place.atEnd(() => s3.destroy())
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'cat' }))
    assert.equal(await Body.transformToString(), 'a cat')
    const put = new PutObjectCommand({ Bucket: bucket, Key: 'dog', Body: 'a dog' })
    await assert.rejects(s3.send(put), { name: refusal })
  }
  const bad = new AssumeRoleWithWebIdentityCommand({ ...role, WebIdentityToken: 'no.token.atall' })
  await assert.rejects(sts.send(bad), { name: 'InvalidIdentityTokenException' })
})
