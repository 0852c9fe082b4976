import assert from 'node:assert/strict'
import test from 'node:test'
import type { ReplicationConfiguration } from '@aquifer/engine'
import { S3Error } from '@aquifer/http-adapter'
import { readReplication, replicationRoot } from '../dist/replication/read-replication.js'
import { replicationDocument } from '../dist/replication/write-replication.js'
import { parseXml } from '../dist/wire/xml-in.js'

const target = 'arn:minio:replication:us-east-1:0a8f3c52-7b51-4a0e-9d42-aa2f6c1f3f10:mirror'
const another = 'arn:minio:replication::1b8f3c52-7b51-4a0e-9d42-aa2f6c1f3f11:mirror'
const markers = '<DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>'
const to = (arn: string, more = ''): string => `<Destination><Bucket>${arn}</Bucket>${more}</Destination>`
const rule = (content: string): string => `<Rule><Status>Enabled</Status>${content}</Rule>`
const plain = (content = ''): string => rule(`${markers}${to(target)}${content}`)
const rules = (...content: string[]): string =>
  `<ReplicationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content.join('')}</ReplicationConfiguration>`
const read = (text: string): ReplicationConfiguration =>
  readReplication(parseXml(Buffer.from(text), replicationRoot))

test('a document in AIStor’s form is read, with all that it can say', () => {
  const text = rules(
    '<Role></Role>',
    `<Rule><ID>größe</ID><Status>Disabled</Status><Priority>7</Priority>
      <DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>
      <DeleteReplication><Status>Enabled</Status></DeleteReplication>
      <ExistingObjectReplication><Status>Enabled</Status></ExistingObjectReplication>
      <SourceSelectionCriteria><ReplicaModifications><Status>Disabled</Status></ReplicaModifications></SourceSelectionCriteria>
      ${to(target, '<StorageClass>REDUCED_REDUNDANCY</StorageClass>')}
      <Filter><And><Prefix>a &amp; b/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag><Tag><Key>l</Key><Value/></Tag></And></Filter></Rule>`,
    rule(
      `<Priority>8</Priority>${markers}${to(another)}<Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter>`,
    ),
  )
  assert.deepEqual(read(text), {
    rules: [
      {
        id: 'größe',
        status: 'disabled',
        priority: 7,
        filter: { prefix: 'a & b/', tags: { k: 'v', l: '' } },
        destination: { arn: target, storageClass: 'REDUCED_REDUNDANCY' },
        deleteMarkers: 'disabled',
        versionDeletes: 'enabled',
        existingObjects: 'enabled',
        replicaModifications: 'disabled',
      },
      {
        status: 'enabled',
        priority: 8,
        filter: { tags: { k: 'v' } },
        destination: { arn: another },
        deleteMarkers: 'disabled',
      },
    ],
  })
  assert.deepEqual(read(replicationDocument(read(text))).rules[0], read(text).rules[0])
})

test('the least that can be said is read, and told again with what holds without a word', () => {
  const found = read(rules(plain()))
  assert.deepEqual(found, {
    rules: [{ status: 'enabled', priority: 0, destination: { arn: target }, deleteMarkers: 'disabled' }],
  })
  assert.equal(
    replicationDocument(found).replace(/^.*?<Role>/s, '<Role>'),
    `<Role></Role><Rule><Status>Enabled</Status><Priority>0</Priority>${markers}` +
      '<DeleteReplication><Status>Disabled</Status></DeleteReplication>' +
      '<ExistingObjectReplication><Status>Disabled</Status></ExistingObjectReplication>' +
      '<SourceSelectionCriteria><ReplicaModifications><Status>Enabled</Status></ReplicaModifications></SourceSelectionCriteria>' +
      `${to(target)}<Filter><Prefix></Prefix></Filter></Rule></ReplicationConfiguration>`,
  )
})

const filters: [filter: string, expected: object][] = [
  ['<Prefix></Prefix><And></And><Tag></Tag>', { prefix: '' }],
  ['<Prefix></Prefix><And>\n<Prefix>a</Prefix></And><Tag> </Tag>', { prefix: 'a' }],
  ['<Prefix></Prefix><And></And><Tag><Key>k</Key></Tag>', { tags: { k: '' } }],
  ['<And><Tag><Key>k</Key><Value>v</Value></Tag><Tag><Key>l</Key></Tag></And>', { tags: { k: 'v', l: '' } }],
  ['<Prefix> </Prefix>', { prefix: ' ' }],
  ['', { prefix: '' }],
]
for (const [filter, expected] of filters)
  test(`a filter as clients in Go write it, with what says nothing: ${filter}`, () => {
    const nothing = '<ExistingObjectReplication><Status></Status></ExistingObjectReplication>'
    const [found] = read(rules(plain(`${nothing}<Filter>${filter}</Filter>`))).rules
    assert.deepEqual(found?.filter, expected)
    assert.equal(found?.existingObjects, undefined)
  })

test('AIStor’s older form has the target’s ARN as its role, and is given back as it came', () => {
  const older = rules(`<Role>${target}</Role>`, rule(`${markers}${to('arn:aws:s3:::mirror')}`))
  const found = read(older)
  assert.equal(found.role, target)
  assert.equal(found.rules[0]?.destination.arn, target)
  assert.match(replicationDocument(found), /<Role>arn:minio:replication:.*<Bucket>arn:aws:s3:::mirror</)
  assert.deepEqual(read(replicationDocument(found)).rules[0]?.destination, { arn: target })
})

test('a role of AWS is kept, and says nothing here', () => {
  const role = 'arn:aws:iam::123456789012:role/replicate'
  const found = read(rules(`<Role>${role}</Role>`, plain()))
  assert.equal(found.role, role)
  assert.match(replicationDocument(found), new RegExp(`<Role>${role}</Role>.*<Bucket>${target}<`))
})

test('what AWS can be asked for is taken where it is not wanted', () => {
  const disabled = '<Status>Disabled</Status>'
  const destination = to(
    target,
    `<ReplicationTime>${disabled}<Time><Minutes>15</Minutes></Time></ReplicationTime><Metrics>${disabled}</Metrics>`,
  )
  const criteria = `<SourceSelectionCriteria><SseKmsEncryptedObjects>${disabled}</SseKmsEncryptedObjects></SourceSelectionCriteria>`
  assert.deepEqual(read(rules(rule(markers + destination + criteria))), read(rules(plain())))
})

const enabled = '<Status>Enabled</Status>'
const refused: [what: string, code: string, text: string][] = [
  ['another root', 'MalformedXML', '<LifecycleConfiguration/>'],
  ['no rule', 'MalformedXML', rules()],
  ['two roles', 'MalformedXML', rules('<Role/><Role/>', plain())],
  ['an unknown element', 'MalformedXML', rules(plain('<Colour>red</Colour>'))],
  ['no status', 'MalformedXML', rules(`<Rule>${markers}${to(target)}</Rule>`)],
  ['a status in other letters', 'MalformedXML', rules(plain().replace('Enabled', 'enabled'))],
  ['no word of delete markers', 'MalformedXML', rules(rule(to(target)))],
  ['a status that is none', 'MalformedXML', rules(plain('<DeleteReplication/>'))],
  ['a prefix outside a filter', 'MalformedXML', rules(plain('<Prefix>a</Prefix>'))],
  ['a priority that is none', 'MalformedXML', rules(plain('<Priority>-1</Priority>'))],
  [
    'two members of a filter',
    'MalformedXML',
    rules(plain('<Filter><Prefix>a</Prefix><Tag><Key>a</Key><Value/></Tag></Filter>')),
  ],
  [
    'two tags outside an And',
    'MalformedXML',
    rules(plain(`<Filter>${'<Tag><Key>a</Key></Tag>'.repeat(2)}</Filter>`)),
  ],
  ['a tag without a name', 'MalformedXML', rules(plain('<Filter><Tag><Value>a</Value></Tag></Filter>'))],
  ['a tag of text', 'MalformedXML', rules(plain('<Filter><Tag>a</Tag></Filter>'))],
  ['a filter by what there is not', 'MalformedXML', rules(plain('<Filter><Suffix>x</Suffix></Filter>'))],
  [
    'a tag twice',
    'InvalidTag',
    rules(plain(`<Filter><And>${'<Tag><Key>a</Key><Value/></Tag>'.repeat(2)}</And></Filter>`)),
  ],
  ['no destination', 'MalformedXML', rules(rule(markers))],
  [
    'a storage class that is none',
    'MalformedXML',
    rules(rule(markers + to(target, '<StorageClass>FAST</StorageClass>'))),
  ],
  ['a bucket of AWS', 'XMinioAdminRemoteArnInvalid', rules(rule(markers + to('arn:aws:s3:::mirror')))],
  ['a bucket', 'XMinioAdminRemoteArnInvalid', rules(rule(markers + to('mirror')))],
  [
    'the ARN of something else',
    'XMinioAdminRemoteARNTypeInvalid',
    rules(rule(markers + to('arn:minio:ilm:us-east-1:0a8f3c52:mirror'))),
  ],
  ['a role of another target', 'MalformedXML', rules(`<Role>${another}</Role>`, plain())],
  [
    'a role of another bucket',
    'MalformedXML',
    rules(`<Role>${target}</Role>`, rule(markers + to('arn:aws:s3:::other'))),
  ],
  ['another account', 'NotImplemented', rules(rule(markers + to(target, '<Account>123456789012</Account>')))],
  [
    'another owner',
    'NotImplemented',
    rules(
      rule(
        markers +
          to(target, '<AccessControlTranslation><Owner>Destination</Owner></AccessControlTranslation>'),
      ),
    ),
  ],
  [
    'a key of the target',
    'NotImplemented',
    rules(
      rule(
        markers +
          to(
            target,
            '<EncryptionConfiguration><ReplicaKmsKeyID>k</ReplicaKmsKeyID></EncryptionConfiguration>',
          ),
      ),
    ),
  ],
  [
    'a promise of time',
    'NotImplemented',
    rules(rule(markers + to(target, `<ReplicationTime>${enabled}</ReplicationTime>`))),
  ],
  ['events of time', 'NotImplemented', rules(rule(markers + to(target, `<Metrics>${enabled}</Metrics>`)))],
  [
    'what is encrypted by a KMS',
    'NotImplemented',
    rules(
      plain(
        `<SourceSelectionCriteria><SseKmsEncryptedObjects>${enabled}</SseKmsEncryptedObjects></SourceSelectionCriteria>`,
      ),
    ),
  ],
]
for (const [what, code, text] of refused)
  test(`${what} is refused with ${code}`, () => {
    assert.throws(
      () => read(text),
      (error) => error instanceof S3Error && error.code === code,
    )
  })
