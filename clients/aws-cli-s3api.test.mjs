// aws-cli's s3api: every operation of S3 that the server serves, each asked for once and held against what it should tell.
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { operations } from '../packages/http-adapter/dist/index.js'
import { awsCli, connectAwsCli } from './aws-cli.mjs'
import { bytesNamed } from './harness/bytes.mjs'
import { run, unless } from './harness/programs.mjs'
import { openWebhook } from './harness/webhook.mjs'
import { openWorkplace } from './harness/workplace.mjs'

const main = fileURLToPath(new URL('../packages/server/dist/main.js', import.meta.url))

const kebab = (name) =>
  name
    .replace(/V2$/, '-v2')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()

/** What the table serves and aws-cli has a command for: preflights and our extensions it has not. */
const servedCommands = (commands) =>
  Object.entries(operations)
    .filter(([, row]) => row.aistor?.kind === 'served')
    .map(([name]) => kebab(name))
    .filter((name) => commands.has(name))

test('aws-cli: s3api, operation by operation', { skip: unless(awsCli, 'aws-cli') }, async (t) => {
  const hook = await openWebhook(t)
  const place = await openWorkplace(t, hook.settings)
  const aws = await connectAwsCli(place)
  const used = new Set()
  const api = async (name, options = {}, ...outfile) => {
    used.add(name)
    const words = Object.entries(options).flatMap(([option, value]) =>
      value === true
        ? [`--${option}`]
        : [`--${option}`, typeof value === 'object' ? JSON.stringify(value) : String(value)],
    )
    return JSON.parse((await aws(['s3api', name, ...words, ...outfile])) || '{}')
  }
  const local = (name) => join(place.folder, name)
  const bytes = bytesNamed('s3api', 10_000)
  await writeFile(local('body'), bytes)
  const bucket = 'operations'
  const key = 'an object'
  const of = { bucket, key }
  const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString()

  await t.test('buckets', async () => {
    await api('create-bucket', { bucket, 'object-lock-enabled-for-bucket': true })
    await api('create-bucket', { bucket: 'plain' })
    await api('head-bucket', { bucket })
    assert.equal((await api('get-bucket-location', { bucket })).LocationConstraint ?? null, null)
    const { Buckets } = await api('list-buckets')
    assert.deepEqual(
      Buckets.map(({ Name }) => Name),
      ['operations', 'plain'],
    )
  })

  await t.test('versioning of a bucket', async () => {
    assert.equal((await api('get-bucket-versioning', { bucket })).Status, 'Enabled')
    assert.equal((await api('get-bucket-versioning', { bucket: 'plain' })).Status, undefined)
    for (const Status of ['Enabled', 'Suspended']) {
      await api('put-bucket-versioning', { bucket: 'plain', 'versioning-configuration': { Status } })
      assert.equal((await api('get-bucket-versioning', { bucket: 'plain' })).Status, Status)
    }
    const suspend = { bucket, 'versioning-configuration': { Status: 'Suspended' } }
    await assert.rejects(api('put-bucket-versioning', suspend), /InvalidBucketState/)
  })

  await t.test('tags of a bucket', async () => {
    await assert.rejects(api('get-bucket-tagging', { bucket }), /NoSuchTagSet/)
    const TagSet = [{ Key: 'team', Value: 'ö +' }]
    await api('put-bucket-tagging', { bucket, tagging: { TagSet } })
    assert.deepEqual((await api('get-bucket-tagging', { bucket })).TagSet, TagSet)
    await api('delete-bucket-tagging', { bucket })
    await assert.rejects(api('get-bucket-tagging', { bucket }), /NoSuchTagSet/)
  })

  let first
  await t.test('an object and its versions', async () => {
    first = await api('put-object', { ...of, body: local('body'), tagging: 'a=1&b=2' })
    const second = await api('put-object', { ...of, body: local('body'), 'content-type': 'text/plain' })
    assert.notEqual(first.VersionId, second.VersionId)
    const head = await api('head-object', { ...of, 'version-id': first.VersionId })
    assert.equal(head.ContentLength, bytes.length)
    const got = await api('get-object', { ...of, 'version-id': first.VersionId }, local('got'))
    assert.equal(got.VersionId, first.VersionId)
    assert.equal(got.TagCount, 2)
    assert.ok((await readFile(local('got'))).equals(bytes))
    const { Versions } = await api('list-object-versions', { bucket })
    assert.deepEqual(
      Versions.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]),
      [
        [second.VersionId, true],
        [first.VersionId, false],
      ],
    )
  })

  await t.test('tags of an object', async () => {
    const version = { ...of, 'version-id': first.VersionId }
    assert.equal((await api('get-object-tagging', version)).TagSet.length, 2)
    assert.deepEqual((await api('get-object-tagging', of)).TagSet, [])
    const TagSet = [{ Key: 'c', Value: '' }]
    const put = await api('put-object-tagging', { ...of, tagging: { TagSet } })
    assert.deepEqual((await api('get-object-tagging', of)).TagSet, TagSet)
    assert.ok(put.VersionId)
    await api('delete-object-tagging', of)
    assert.deepEqual((await api('get-object-tagging', of)).TagSet, [])
    assert.equal((await api('get-object-tagging', version)).TagSet.length, 2)
  })

  await t.test('attributes, and copies', async () => {
    const copy = await api('copy-object', {
      bucket: 'plain',
      key: 'copy',
      'copy-source': `${bucket}/${key}?versionId=${first.VersionId}`, // aws-cli encodes it.
    })
    assert.equal(copy.CopyObjectResult.ETag, first.ETag)
    assert.equal(copy.CopySourceVersionId, first.VersionId)
    const attributes = await api('get-object-attributes', {
      bucket: 'plain',
      key: 'copy',
      'object-attributes': 'ETag Checksum ObjectSize StorageClass'.split(' '),
    })
    assert.equal(attributes.ObjectSize, bytes.length)
    assert.equal(`"${attributes.ETag}"`, first.ETag)
    assert.equal(attributes.StorageClass, 'STANDARD')
    assert.ok(Object.keys(attributes.Checksum).length > 0)
  })

  await t.test('object lock of a bucket', async () => {
    assert.deepEqual((await api('get-object-lock-configuration', { bucket })).ObjectLockConfiguration, {
      ObjectLockEnabled: 'Enabled',
    })
    await assert.rejects(
      api('get-object-lock-configuration', { bucket: 'plain' }),
      /ObjectLockConfigurationNotFound/,
    )
    const configuration = {
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } },
    }
    await api('put-object-lock-configuration', { bucket, 'object-lock-configuration': configuration })
    const got = await api('get-object-lock-configuration', { bucket })
    assert.deepEqual(got.ObjectLockConfiguration, configuration)
    await api('put-object-lock-configuration', {
      bucket,
      'object-lock-configuration': { ObjectLockEnabled: 'Enabled' },
    })
  })

  await t.test('retention and legal hold of a version', async () => {
    const version = { ...of, 'version-id': first.VersionId }
    await assert.rejects(api('get-object-retention', version), /NoSuchObjectLockConfiguration/)
    const retention = { Mode: 'GOVERNANCE', RetainUntilDate: inDays(2) }
    await api('put-object-retention', { ...version, retention })
    const { Retention } = await api('get-object-retention', version)
    assert.equal(Retention.Mode, 'GOVERNANCE')
    assert.equal(Date.parse(Retention.RetainUntilDate), Date.parse(retention.RetainUntilDate))
    await assert.rejects(api('delete-object', version), /AccessDenied/)
    await api('put-object-legal-hold', { ...version, 'legal-hold': { Status: 'ON' } })
    assert.equal((await api('get-object-legal-hold', version)).LegalHold.Status, 'ON')
    const bypass = { ...version, 'bypass-governance-retention': true }
    await assert.rejects(api('delete-object', bypass), /AccessDenied/)
    await api('put-object-legal-hold', { ...version, 'legal-hold': { Status: 'OFF' } })
    await api('delete-object', bypass)
  })

  await t.test('an object put with a lock, deleted under a marker', async () => {
    const locked = { bucket, key: 'locked' }
    const put = await api('put-object', {
      ...locked,
      body: local('body'),
      'object-lock-mode': 'GOVERNANCE',
      'object-lock-retain-until-date': inDays(1),
      'object-lock-legal-hold-status': 'ON',
    })
    const head = await api('head-object', locked)
    assert.equal(head.ObjectLockMode, 'GOVERNANCE')
    assert.equal(head.ObjectLockLegalHoldStatus, 'ON')
    const marker = await api('delete-object', locked)
    assert.equal(marker.DeleteMarker, true)
    await assert.rejects(api('head-object', locked), /404/)
    const objects = [{ Key: 'locked', VersionId: put.VersionId }]
    const { Errors } = await api('delete-objects', { bucket, delete: { Objects: objects } })
    assert.equal(Errors[0].Code, 'AccessDenied')
  })

  await t.test('a bucket’s notifications', async () => {
    const plain = { bucket: 'plain' }
    assert.equal((await api('get-bucket-notification-configuration', plain)).QueueConfigurations, undefined)
    const Filter = { Key: { FilterRules: [{ Name: 'prefix', Value: 'told/' }] } }
    const queue = { Id: 'one', QueueArn: hook.arn, Events: ['s3:ObjectCreated:*'], Filter }
    const put = (QueueConfigurations) =>
      api('put-bucket-notification-configuration', {
        ...plain,
        'notification-configuration': { QueueConfigurations },
      })
    await assert.rejects(put([{ ...queue, QueueArn: 'arn:minio:sqs::none:webhook' }]), /InvalidArgument/)
    await put([queue])
    const { QueueConfigurations } = await api('get-bucket-notification-configuration', plain)
    assert.deepEqual(QueueConfigurations[0].Events, queue.Events)
    assert.deepEqual(QueueConfigurations[0].Filter.Key.FilterRules[0].Value, 'told/')
    await api('put-object', { ...plain, key: 'untold' })
    await api('put-object', { ...plain, key: 'told/a b', body: local('body') })
    const [test, told] = await hook.holds(2)
    assert.equal(test.Event, 's3:TestEvent')
    assert.equal(told.EventName, 's3:ObjectCreated:Put')
    assert.equal(told.Key, 'plain/told/a b')
    assert.equal(told.Records[0].s3.object.size, bytes.length)
    assert.match(told.Records[0].source.userAgent, /aws-cli/)
    await put([])
    assert.equal((await api('get-bucket-notification-configuration', plain)).QueueConfigurations, undefined)
    for (const key of ['untold', 'told/a b'])
      await api('delete-object', { ...plain, key, 'version-id': 'null' })
    used.add('get-bucket-notification').add('put-bucket-notification') // The same on the wire, and no more in aws-cli's help.
  })

  await t.test('a bucket’s policy and its CORS rules', async () => {
    const plain = { bucket: 'plain' }
    await assert.rejects(api('get-bucket-policy', plain), /NoSuchBucketPolicy/)
    const statement = {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::plain/*',
    }
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    await api('put-bucket-policy', { ...plain, policy })
    assert.equal((await api('get-bucket-policy', plain)).Policy, policy)
    assert.equal((await api('get-bucket-policy-status', plain)).PolicyStatus.IsPublic, true)
    await api('delete-bucket-policy', plain)
    assert.equal((await api('get-bucket-policy-status', plain)).PolicyStatus.IsPublic, false)

    await assert.rejects(api('get-bucket-cors', plain), /NoSuchCORSConfiguration/)
    const rules = { CORSRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['https://*.example.com'] }] }
    await api('put-bucket-cors', { ...plain, 'cors-configuration': rules })
    assert.deepEqual((await api('get-bucket-cors', plain)).CORSRules, rules.CORSRules)
    await api('delete-bucket-cors', plain)
  })

  await t.test('lifecycle rules of a bucket', async () => {
    const plain = { bucket: 'plain' }
    await assert.rejects(api('get-bucket-lifecycle-configuration', plain), /NoSuchLifecycleConfiguration/)
    const Rules = [
      {
        ID: 'a week',
        Status: 'Enabled',
        Filter: { And: { Prefix: 'tmp/', Tags: [{ Key: 'a', Value: 'b' }] } },
        Expiration: { Days: 7 },
      },
      {
        ID: 'uploads',
        Status: 'Enabled',
        Filter: { Prefix: '' },
        NoncurrentVersionExpiration: { NoncurrentDays: 3, NewerNoncurrentVersions: 2 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      },
    ]
    await api('put-bucket-lifecycle-configuration', { ...plain, 'lifecycle-configuration': { Rules } })
    assert.deepEqual((await api('get-bucket-lifecycle-configuration', plain)).Rules, Rules)
    const upload = { ...plain, key: 'begun' }
    const begun = await api('create-multipart-upload', upload)
    assert.equal(begun.AbortRuleId, 'uploads')
    await api('abort-multipart-upload', { ...upload, 'upload-id': begun.UploadId })
    await api('delete-bucket-lifecycle', plain)
    const old = { Rules: [{ ID: 'old', Prefix: 'tmp/', Status: 'Enabled', Expiration: { Days: 7 } }] }
    await api('put-bucket-lifecycle', { ...plain, 'lifecycle-configuration': old })
    assert.equal((await api('get-bucket-lifecycle', plain)).Rules[0].Expiration.Days, 7)
    await api('delete-bucket-lifecycle', plain)
  })

  await t.test('rules of replication, which carry over', async () => {
    for (const name of ['sender', 'mirror']) {
      await api('create-bucket', { bucket: name })
      await api('put-bucket-versioning', { bucket: name, 'versioning-configuration': { Status: 'Enabled' } })
    }
    const from = { bucket: 'sender' }
    await assert.rejects(api('get-bucket-replication', from), /ReplicationConfigurationNotFoundError/)
    const keys = ['--access-key', place.accessKeyId, '--secret-key', place.secretAccessKey]
    const added = await run(
      process.execPath,
      [
        main,
        'replicate',
        'add',
        's3://sender',
        '--target',
        `${place.url}/mirror`,
        ...keys,
        '--url',
        place.url,
      ],
      {
        env: {
          AQUIFER_ADMIN_ACCESS_KEY: place.accessKeyId,
          AQUIFER_ADMIN_SECRET_KEY: place.secretAccessKey,
        },
      },
    )
    const [arn] = added.split('\n')
    const Rules = [
      {
        ID: 'told',
        Priority: 1,
        Filter: { And: { Prefix: 'told/', Tags: [{ Key: 'a', Value: 'b' }] } },
        Status: 'Enabled',
        SourceSelectionCriteria: { ReplicaModifications: { Status: 'Enabled' } },
        ExistingObjectReplication: { Status: 'Disabled' },
        Destination: { Bucket: arn },
        DeleteMarkerReplication: { Status: 'Disabled' },
      },
    ]
    const put = (Rules) =>
      api('put-bucket-replication', { ...from, 'replication-configuration': { Role: '', Rules } })
    await assert.rejects(
      put([{ ...Rules[0], Destination: { Bucket: 'arn:aws:s3:::mirror' } }]),
      /RemoteArnInvalid/,
    )
    await put(Rules)
    assert.deepEqual((await api('get-bucket-replication', from)).ReplicationConfiguration, {
      Role: '',
      Rules,
    })
    const told = { key: 'told/one', tagging: 'a=b', body: local('body') }
    const { VersionId } = await api('put-object', { ...from, ...told })
    await api('put-object', { ...from, ...told, key: 'untold' })
    const one = { ...from, key: told.key }
    while ((await api('head-object', one)).ReplicationStatus !== 'COMPLETED');
    const { Versions } = await api('list-object-versions', { bucket: 'mirror' })
    assert.deepEqual(
      Versions.map(({ Key, VersionId }) => [Key, VersionId]),
      [[told.key, VersionId]],
    )
    assert.equal((await api('head-object', { bucket: 'mirror', key: told.key })).ReplicationStatus, 'REPLICA')
    await api('delete-bucket-replication', from)
    await assert.rejects(put(Rules), /RemoteTargetNotFound/)
  })

  await t.test('an upload in parts', async () => {
    const upload = { bucket, key: 'in parts' }
    await writeFile(local('first'), bytesNamed('first', 5 * 2 ** 20))
    const { UploadId } = await api('create-multipart-upload', { ...upload, tagging: 'in=parts' })
    const under = { ...upload, 'upload-id': UploadId }
    const part1 = await api('upload-part', { ...under, 'part-number': 1, body: local('first') })
    const part2 = await api('upload-part-copy', {
      ...under,
      'part-number': 2,
      'copy-source': 'plain/copy',
      'copy-source-range': 'bytes=0-99',
    })
    assert.equal((await api('list-parts', under)).Parts.length, 2)
    assert.equal((await api('list-multipart-uploads', { bucket })).Uploads.length, 1)
    const Parts = [
      { PartNumber: 1, ETag: part1.ETag },
      { PartNumber: 2, ETag: part2.CopyPartResult.ETag },
    ]
    const whole = await api('complete-multipart-upload', { ...under, 'multipart-upload': { Parts } })
    assert.match(whole.ETag, /-2"$/)
    assert.equal((await api('get-object-tagging', upload)).TagSet[0].Key, 'in')
    const other = await api('create-multipart-upload', upload)
    await api('abort-multipart-upload', { ...upload, 'upload-id': other.UploadId })
    assert.equal((await api('list-multipart-uploads', { bucket })).Uploads, undefined)
  })

  await t.test('lists, and what is left is removed', async () => {
    assert.equal((await api('list-objects', { bucket })).Contents.length, 2)
    assert.equal((await api('list-objects-v2', { bucket })).KeyCount, undefined) // aws-cli keeps it to itself.
    await assert.rejects(api('delete-bucket', { bucket }), /BucketNotEmpty/)
    await api('delete-object', { bucket: 'plain', key: 'copy', 'version-id': 'null' })
    await api('delete-bucket', { bucket: 'plain' })
  })

  await t.test('nothing that is served was left out', async () => {
    // Asked for what is no command it names all there are.
    const told = await aws(['s3api', 'nothing']).catch((error) => error.message)
    const commands = new Set(told.match(/[a-z0-9]+(?:-[a-z0-9]+)+/g))
    assert.ok(commands.size > 90)
    assert.deepEqual(
      servedCommands(commands).filter((name) => !used.has(name)),
      [],
    )
  })
})
