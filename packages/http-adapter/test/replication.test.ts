import assert from 'node:assert/strict'
import test from 'node:test'
import {
  type AddReplicationTarget,
  ReplicationError,
  type ReplicationTarget,
  type ReplicationTargetFacts,
} from '@aquifer/engine'
import { type Answered, S3InMemory } from './s3-in-memory.js'

const remote: AddReplicationTarget = {
  endpoint: 'http://elsewhere.test:9000',
  bucket: 'mirror',
  accessKeyId: 'KEY',
  secretAccessKey: 'of-the-carrier',
}
const facts: ReplicationTargetFacts = { keepsVersionIds: true, versioning: 'enabled', objectLock: true }

/** A bucket elsewhere that takes everything, until it is told to refuse. */
class Elsewhere {
  facts = facts
  /** What it refuses everything with. */
  refusal: Error | undefined
  readonly #waiting: (() => void)[] = []

  readonly connect = (): ReplicationTarget => {
    const answer = async (): Promise<object> => {
      for (const arrived of this.#waiting.splice(0)) arrived()
      if (this.refusal !== undefined) throw this.refusal
      return {}
    }
    return {
      probe: async () => {
        await answer()
        return this.facts
      },
      put: async (version) => {
        for await (const _ of version.open());
        return answer()
      },
      merge: async () => void (await answer()),
      putDeleteMarker: answer,
      remove: async () => void (await answer()),
    }
  }

  /** When something is asked next. */
  asked(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}

async function open() {
  const elsewhere = new Elsewhere()
  const s3 = await S3InMemory.open({}, { connectReplicationTarget: elsewhere.connect })
  const versioned = async (name: string): Promise<void> => {
    await s3.engine.createBucket(name)
    await s3.engine.bucket(name).setConfiguration('versioning', 'enabled')
  }
  await versioned('bucket')
  const { arn } = await s3.engine.replication.addTarget('bucket', remote)
  return Object.assign(s3, {
    elsewhere,
    arn,
    versioned,
    putRules: (...rules: string[]) => s3.ask('PUT', '/bucket?replication', { body: document(...rules) }),
    /** Until the engine has done what it does by itself. */
    until: async (isSo: () => Promise<boolean>): Promise<void> => {
      while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve))
    },
  })
}

const document = (...rules: string[]): string =>
  `<ReplicationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Role></Role>${rules.join('')}</ReplicationConfiguration>`

const status = (name: string, text: string): string => `<${name}><Status>${text}</Status></${name}>`
interface Said {
  readonly id?: string
  readonly priority?: number
  readonly markers?: string
  readonly existing?: string
  readonly filter?: string
}
const rule = (arn: string, said: Said = {}): string =>
  `<Rule><ID>${said.id ?? 'all'}</ID><Status>Enabled</Status><Priority>${said.priority ?? 1}</Priority>` +
  status('DeleteMarkerReplication', said.markers ?? 'Enabled') +
  status('DeleteReplication', 'Enabled') +
  status('ExistingObjectReplication', said.existing ?? 'Disabled') +
  `<SourceSelectionCriteria>${status('ReplicaModifications', 'Enabled')}</SourceSelectionCriteria>` +
  `<Destination><Bucket>${arn}</Bucket></Destination><Filter>${said.filter ?? '<Prefix></Prefix>'}</Filter></Rule>`

const told = ({ status, code }: Answered): string => `${status} ${code}`

test('rules are put and read, and taken back with the target that they named', async () => {
  await using s3 = await open()
  assert.equal(told(await s3.ask('GET', '/bucket?replication')), '404 ReplicationConfigurationNotFoundError')
  const put = await s3.putRules(rule(s3.arn))
  assert.equal(put.status, 200, put.text)
  assert.equal(put.text, '')
  const found = await s3.ask('GET', '/bucket?replication')
  assert.equal(found.text.replace(/^<\?xml.*\n/, ''), document(rule(s3.arn)))
  assert.equal((await s3.ask('PUT', '/bucket?replication', { body: found.bytes })).status, 200)
  assert.equal((await s3.ask('DELETE', '/bucket?replication')).status, 204)
  assert.equal(told(await s3.ask('GET', '/bucket?replication')), '404 ReplicationConfigurationNotFoundError')
  assert.deepEqual(await s3.engine.replication.status(), [])
  assert.equal((await s3.ask('DELETE', '/bucket?replication')).status, 204)
  assert.equal(told(await s3.putRules(rule(s3.arn))), '404 XMinioAdminRemoteTargetNotFoundError')
})

test('a bucket without versions has no rules, and one with rules keeps its versions', async () => {
  await using s3 = await open()
  await s3.engine.createBucket('plain')
  const plain = await s3.ask('PUT', '/plain?replication', { body: document(rule(s3.arn)) })
  assert.equal(told(plain), '400 InvalidRequest', plain.text)
  assert.equal((await s3.putRules(rule(s3.arn))).status, 200)
  const body = '<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>'
  const suspended = await s3.ask('PUT', '/bucket?versioning', { body })
  assert.equal(suspended.code, 'InvalidBucketState', suspended.text)
})

test('what is wrong with rules is refused by S3’s names', async () => {
  await using s3 = await open()
  await s3.versioned('another')
  const others = (await s3.engine.replication.addTarget('another', remote)).arn
  const unknown = 'arn:minio:replication:us-east-1:0a8f3c52-7b51-4a0e-9d42-aa2f6c1f3f10:mirror'
  const tag = '<Tag><Key>a</Key><Value>b</Value></Tag>'
  const refused: [what: string, code: string, ...rules: string[]][] = [
    ['an unknown target', '404 XMinioAdminRemoteTargetNotFoundError', rule(unknown)],
    ['a target of another bucket', '404 XMinioAdminRemoteTargetNotFoundError', rule(others)],
    ['no target', '400 XMinioAdminRemoteArnInvalid', rule('arn:aws:s3:::mirror')],
    [
      'another kind of target',
      '400 XMinioAdminRemoteARNTypeInvalid',
      rule('arn:minio:ilm:us-east-1:1:mirror'),
    ],
    ['two rules of a priority', '400 MalformedXML', rule(s3.arn), rule(s3.arn, { id: 'other' })],
    ['two rules of an id', '400 MalformedXML', rule(s3.arn), rule(s3.arn, { priority: 2 })],
    ['markers by a tag', '400 MalformedXML', rule(s3.arn, { filter: tag })],
    ['a long id', '400 MalformedXML', rule(s3.arn, { id: 'x'.repeat(256) })],
    [
      'too many rules',
      '400 MalformedXML',
      ...Array.from({ length: 1_001 }, (_, at) => rule(s3.arn, { id: String(at), priority: at })),
    ],
    [
      'a tag that is none',
      '400 InvalidTag',
      rule(s3.arn, { markers: 'Disabled', filter: tag.replace('>a<', `>${'x'.repeat(129)}<`) }),
    ],
  ]
  for (const [what, code, ...rules] of refused) assert.equal(told(await s3.putRules(...rules)), code, what)
  const nowhere = await s3.ask('PUT', '/nowhere?replication', { body: document(rule(s3.arn)) })
  assert.equal(told(nowhere), '404 NoSuchBucket')
  assert.equal(told(await s3.ask('GET', '/bucket?replication')), '404 ReplicationConfigurationNotFoundError')
  assert.equal((await s3.putRules(rule(s3.arn, { markers: 'Disabled', filter: tag }))).status, 200)
})

test('what is wrong with a target is told by the name that AIStor has for it', async () => {
  await using s3 = await open()
  const refusals: [code: string, refusal: ReplicationError | undefined, found?: ReplicationTargetFacts][] = [
    ['404 RemoteDestinationNotFoundError', new ReplicationError('NoSuchBucket', 'It is not there.')],
    [
      '503 XMinioAdminReplicationRemoteConnectionError',
      new ReplicationError('Unreachable', 'Nobody answers.'),
    ],
    ['503 XMinioAdminReplicationRemoteConnectionError', new ReplicationError('AccessDenied', 'Who are you?')],
    ['400 RemoteTargetNotVersionedError', undefined, { ...facts, versioning: 'suspended' }],
  ]
  for (const [code, refusal, found = facts] of refusals) {
    s3.elsewhere.refusal = refusal
    s3.elsewhere.facts = found
    const answer = await s3.putRules(rule(s3.arn))
    assert.equal(told(answer), code)
    if (refusal !== undefined) assert.match(answer.text, new RegExp(refusal.message.replace('?', '\\?')))
    assert.match(answer.text, new RegExp(`<Target>${s3.arn}</Target>`))
  }
})

test('GET and HEAD tell how far a version has come', async () => {
  await using s3 = await open()
  await s3.engine.bucket('bucket').put('before', Buffer.from('body'))
  assert.equal((await s3.putRules(rule(s3.arn))).status, 200)
  const statusOf = async (key: string) =>
    (await s3.ask('HEAD', `/bucket/${key}`)).headers['x-amz-replication-status']
  assert.equal(await statusOf('before'), undefined)
  await s3.ask('PUT', '/bucket/key', { body: 'body' })
  await s3.until(async () => (await statusOf('key')) === 'COMPLETED')
  assert.equal((await s3.ask('GET', '/bucket/key')).headers['x-amz-replication-status'], 'COMPLETED')

  s3.elsewhere.refusal = new ReplicationError('Unreachable', 'Nobody answers.')
  const asked = s3.elsewhere.asked()
  await s3.ask('PUT', '/bucket/waits', { body: 'body' })
  await asked
  assert.equal(await statusOf('waits'), 'PENDING')
})

test('a version that is refused for itself has failed, and is tried again', async () => {
  await using s3 = await open()
  assert.equal((await s3.putRules(rule(s3.arn))).status, 200)
  s3.elsewhere.refusal = new ReplicationError('Refused', 'Not this one.')
  await s3.ask('PUT', '/bucket/key', { body: 'body' })
  await s3.until(
    async () => (await s3.ask('HEAD', '/bucket/key')).headers['x-amz-replication-status'] === 'FAILED',
  )
})

test('the metrics tell what was carried over and what waits, in both forms', async () => {
  await using s3 = await open()
  const url = '/bucket?replication-metrics'
  assert.equal(told(await s3.ask('GET', url)), '404 ReplicationConfigurationNotFoundError')
  assert.equal((await s3.putRules(rule(s3.arn))).status, 200)
  await s3.ask('PUT', '/bucket/key', { body: 'body' })
  const read = async (url: string) => JSON.parse((await s3.ask('GET', url)).text)
  await s3.until(async () => (await read(url)).replicationCount === 1)
  const metrics = await read(url)
  assert.equal(metrics.completedReplicationSize, 4)
  assert.deepEqual(metrics.failed, { totals: { count: 0, bytes: 0 } })
  assert.equal(metrics.Stats[s3.arn].replicationCount, 1)
  assert.equal(metrics.Stats[s3.arn].completedReplicationSize, 4)
  const second = await read(`${url}=2`)
  assert.deepEqual(second.currStats, metrics)
  assert.equal(second.queueStats.nodes.length, 1)
  assert.ok(Number.isInteger(second.uptime))
  assert.equal((await s3.ask('GET', url)).headers['content-type'], 'application/json')
})

test('a check calls the targets, and tells what is wrong', async () => {
  await using s3 = await open()
  assert.equal(
    told(await s3.ask('GET', '/bucket?replication-check')),
    '404 ReplicationConfigurationNotFoundError',
  )
  assert.equal((await s3.putRules(rule(s3.arn))).status, 200)
  const fine = await s3.ask('GET', '/bucket?replication-check')
  assert.equal(`${fine.status} ${fine.text}`, '200 ')
  s3.elsewhere.refusal = new ReplicationError('AccessDenied', 'Who are you?')
  const wrong = await s3.ask('GET', '/bucket?replication-check')
  assert.equal(told(wrong), '400 InvalidRequest')
  assert.match(wrong.text, /Who are you\?/)
})

test('a reset is of a target of the bucket, and of rules that are for what was there before', async () => {
  await using s3 = await open()
  await s3.versioned('another')
  const others = (await s3.engine.replication.addTarget('another', remote)).arn
  await s3.engine.bucket('bucket').put('before', Buffer.from('body'))
  const reset = (query: string) => s3.ask('PUT', `/bucket?replication-reset${query}`)
  const of = (arn: string): string => `&arn=${encodeURIComponent(arn)}`
  assert.equal(told(await reset(of(s3.arn))), '404 ReplicationConfigurationNotFoundError')
  assert.equal((await s3.putRules(rule(s3.arn))).status, 200)
  assert.equal(told(await reset(of(s3.arn))), '400 XMinioReplicationNoExistingObjects')
  assert.equal((await s3.putRules(rule(s3.arn, { existing: 'Enabled' }))).status, 200)
  assert.equal(told(await reset('')), '400 InvalidArgument')
  assert.equal(told(await reset(of(others))), '404 XMinioAdminRemoteTargetNotFoundError')
  assert.equal(told(await reset(`${of(s3.arn)}&older-than=a+while`)), '400 InvalidArgument')
})

test('a reset carries over what was there before, and tells how far it has come', async () => {
  await using s3 = await open()
  await s3.versioned('another')
  const others = (await s3.engine.replication.addTarget('another', remote)).arn
  await s3.engine.bucket('bucket').put('before', Buffer.from('body'))
  assert.equal((await s3.putRules(rule(s3.arn, { existing: 'Enabled' }))).status, 200)
  const reset = (query: string) => s3.ask('PUT', `/bucket?replication-reset${query}`)
  const of = (arn: string): string => `&arn=${encodeURIComponent(arn)}`
  const begun = await reset(`${of(s3.arn)}&older-than=0s&reset-id=mine`)
  assert.equal(begun.status, 200, begun.text)
  assert.deepEqual(JSON.parse(begun.text), { target: [{ arn: s3.arn, resetid: 'mine' }] })
  const read = async (query = '') =>
    JSON.parse((await s3.ask('GET', `/bucket?replication-reset-status${query}`)).text).target
  await s3.until(async () => (await read())[0].resyncStatus === 'Completed')
  const [found] = await read(of(s3.arn))
  assert.equal(found.resetid, 'mine')
  assert.equal(found.bucket, 'bucket')
  assert.equal(found.replicationCount, 1)
  assert.equal(found.completedReplicationSize, 4)
  assert.ok(Date.parse(found.startTime) <= Date.parse(found.endTime))
  const foreign = await s3.ask('GET', `/bucket?replication-reset-status${of(others)}`)
  assert.equal(told(foreign), '404 XMinioAdminRemoteTargetNotFoundError')
})

test('a reset is canceled by its target', async () => {
  await using s3 = await open()
  const cancel = (query: string) => s3.ask('PUT', `/bucket?replication-reset-cancel${query}`)
  const of = `&arn=${encodeURIComponent(s3.arn)}`
  assert.equal(told(await cancel(of)), '404 ReplicationConfigurationNotFoundError')
  assert.equal((await s3.putRules(rule(s3.arn, { existing: 'Enabled' }))).status, 200)
  assert.equal(told(await cancel('')), '400 InvalidArgument')
  assert.equal(told(await cancel(of.replace('mirror', 'other'))), '404 XMinioAdminRemoteTargetNotFoundError')
  // One that takes long enough is hard to have here: what is over cannot be canceled.
  const isOver = async () => {
    const resyncs = await s3.engine.replication.resyncStatus('bucket')
    return resyncs.every(({ status }) => status !== 'ongoing')
  }
  await s3.until(isOver)
  assert.equal(told(await cancel(of)), '400 InvalidRequest')
})
