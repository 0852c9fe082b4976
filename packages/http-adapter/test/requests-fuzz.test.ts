import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after } from 'node:test'
import { operations } from '@aquifer/http-adapter'
import fc from 'fast-check'
import { fuzz, mutated, wordSalad } from './fuzz.js'
import { type Answered, S3InMemory } from './s3-in-memory.js'

/** Nothing that a stranger sends may be our own fault, nor go unanswered. */
const s3 = await S3InMemory.open()
after(() => s3.engine.close())
await s3.ask('PUT', '/bucket')
await s3.ask('PUT', '/bucket/k', { body: '0123456789' })
await s3.ask('PUT', '/locked', { headers: { 'x-amz-bucket-object-lock-enabled': 'true' } })
await s3.ask('PUT', '/locked/k', { body: '0123456789' })

function assertAnswered({ status, text, code }: Answered): void {
  assert.ok(status >= 200 && status < 600 && status !== 500, text)
  if (status >= 400 && text !== '') assert.ok(code !== undefined, text)
}

const deletion =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet><Object><Key>a&amp;b</Key><ETag>"x"</ETag></Object><Object><Key>c&#x41;</Key></Object></Delete>'
const completion =
  '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"x"</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part><Part><PartNumber>2</PartNumber><ETag>y</ETag></Part></CompleteMultipartUpload>'
const xmlWords = [
  '<Delete>',
  '</Delete>',
  '<Object>',
  '</Object>',
  '<Key>',
  '</Key>',
  '<',
  '>',
  '/>',
  '&amp;',
  '&#',
  '&x;',
  ';',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<!DOCTYPE a [',
  '<!ENTITY a "b">',
  '<?x',
  '?>',
  ' a="b"',
  ':',
  '"',
  '\n',
]

fuzz(
  'documents',
  fc.oneof(
    mutated(deletion),
    mutated(completion),
    wordSalad(xmlWords),
    wordSalad(xmlWords).map((xml) => `<Delete>${xml}</Delete>`),
  ),
  async (body) => {
    const contentMd5 = createHash('md5').update(body).digest('base64')
    assertAnswered(await s3.ask('POST', '/bucket?delete', { body, headers: { 'content-md5': contentMd5 } }))
    for (const [method, url] of [
      ['PUT', '/bucket'],
      ['POST', '/bucket/k?uploadId=AAAA'],
    ] as const) {
      const { status } = await s3.ask(method, url, { body })
      assert.ok(status === 400 || status === 404 || status === 409, `${method}: ${status}`)
    }
  },
)

const settings = [
  ['/locked?tagging', '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>'],
  ['/locked/k?tagging', '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>'],
  ['/locked/k?legal-hold', '<LegalHold><Status>ON</Status></LegalHold>'],
  [
    '/locked/k?retention',
    '<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2990-01-02T03:04:05Z</RetainUntilDate></Retention>',
  ],
  [
    '/locked?object-lock',
    '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>9</Days></DefaultRetention></Rule></ObjectLockConfiguration>',
  ],
] as const

fuzz(
  'tags, locks and defaults',
  fc.constantFrom(...settings).chain(([url, document]) => fc.tuple(fc.constant(url), mutated(document))),
  async ([url, body]) => {
    const contentMd5 = createHash('md5').update(body).digest('base64')
    assertAnswered(await s3.ask('PUT', url, { body, headers: { 'content-md5': contentMd5 } }))
    // What was taken can be told.
    assertAnswered(await s3.ask('GET', url))
    assert.equal((await s3.ask('GET', '/locked/k')).text, '0123456789')
  },
)

const tokenWords = [
  ...[
    'Action',
    'Version',
    'Policy',
    'DurationSeconds',
    'WebIdentityToken',
    'RoleSessionName',
    'Tags.member.1.Key',
  ],
  ...[
    '=',
    '&',
    '%',
    '%00',
    '%ff',
    '+',
    '2011-06-15',
    'AssumeRole',
    'AssumeRoleWithWebIdentity',
    '900',
    '{',
    '"',
    '.',
  ],
]
const asking = 'Version=2011-06-15&Action=AssumeRole&DurationSeconds=900&RoleSessionName=ab&Policy=%7B%7D'

fuzz(
  'requests for temporary credentials',
  fc.oneof(
    mutated(asking),
    wordSalad(tokenWords),
    wordSalad(tokenWords).map((words) => `${asking}&${words}`),
  ),
  async (body) => {
    const answer = await s3.ask('POST', '/', { body })
    assertAnswered(answer)
    assert.ok(answer.status >= 400, answer.text)
  },
)

const names = [
  ...new Set(
    Object.values(operations).flatMap((row) =>
      'subResource' in row ? [row.subResource, ...row.others] : [],
    ),
  ),
]
const urlWords = [
  '/',
  'bucket',
  'k',
  '?',
  '&',
  '=',
  '%',
  '%2',
  '%2F',
  '%00',
  '%C3%BC',
  '%ff',
  '+',
  '//',
  '..',
  ':',
  '@',
  '#',
  'versionId',
  'partNumber',
  'prefix',
  'delimiter',
  'marker',
  'max-keys',
  'encoding-type=url',
  'continuation-token',
  'response-content-type',
  '1',
  '-1',
  '9'.repeat(20),
  ...names,
]
const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH', 'get', '')

fuzz('URLs', fc.tuple(method, wordSalad(urlWords, 8_000)), async ([verb, url]) => {
  // What is there must stay, so that there is something to hit.
  if (verb === 'DELETE' || verb === 'PUT') assertAnswered(await s3.ask(verb, `/other/${url}`))
  else assertAnswered(await s3.ask(verb, `/${url}`))
})

const headerNames = [
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'x-amz-checksum-mode',
  'x-amz-object-attributes',
  'x-amz-max-parts',
  'x-amz-expected-bucket-owner',
  'expect',
  'host',
  'x-amz-content-sha256',
  'x-amz-decoded-content-length',
  'x-amz-trailer',
  'content-encoding',
]
const headerWords = [
  'bytes=',
  '0',
  '9',
  '-',
  ',',
  '"',
  'W/',
  '*',
  'Sun, 06 Nov 1994 08:49:37 GMT',
  '1994-11-06T08:49:37Z',
  'GMT',
  'ENABLED',
  'ETag',
  'ObjectParts',
  'aws-chunked',
  'gzip',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'x-amz-checksum-crc32',
  ' ',
  ':',
  '%',
  '\t',
  '\xe9',
  '9'.repeat(20),
]

fuzz(
  'headers of reads',
  fc.tuple(
    fc.constantFrom('/bucket/k', '/bucket/k?attributes', '/bucket', '/bucket?list-type=2'),
    fc.dictionary(fc.constantFrom(...headerNames), wordSalad(headerWords, 2_000), { maxKeys: 5 }),
  ),
  async ([url, headers]) => {
    assertAnswered(await s3.ask('GET', url, { headers: { ...headers } }))
  },
)

const writeNames = [
  'content-type',
  'content-md5',
  'content-length',
  'content-encoding',
  'expires',
  'if-match',
  'if-none-match',
  'x-amz-acl',
  'x-amz-storage-class',
  'x-amz-website-redirect-location',
  'x-amz-meta-a',
  'x-amz-meta-__proto__',
  'x-amz-checksum-crc32',
  'x-amz-checksum-algorithm',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-copy-source',
  'x-amz-copy-source-range',
  'x-amz-metadata-directive',
  'x-amz-tagging',
  'x-amz-tagging-directive',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
  'x-amz-content-sha256',
  'x-amz-decoded-content-length',
  'x-amz-trailer',
  'x-amz-replication-status',
  'x-minio-source-replication-request',
  'x-minio-source-mtime',
  'x-minio-source-etag',
  'x-minio-source-deletemarker',
  'x-minio-source-replication-tagging-timestamp',
  'x-minio-source-replication-retention-timestamp',
]
const writeWords = [
  ...headerWords,
  'bucket',
  '/',
  'k',
  '%2F',
  '?versionId=',
  'null',
  'COPY',
  'REPLACE',
  'private',
  'STANDARD',
  'CRC32',
  'y/Q5Jg==',
  '=?UTF-8?B?',
  '?=',
  '\xc3\xbc',
  'a=b',
  '&',
  '%3D',
  'COMPLIANCE',
  '2990-01-02T03:04:05Z',
  'ON',
  'true',
  'REPLICA',
]

fuzz(
  'headers of writes',
  fc.tuple(
    fc.constantFrom(
      '/other/k',
      '/bucket/written',
      '/locked/written',
      `/locked/k?versionId=${'e'.repeat(32)}`,
    ),
    fc.dictionary(fc.constantFrom(...writeNames), wordSalad(writeWords, 2_000), { maxKeys: 5 }),
  ),
  async ([url, headers]) => {
    assertAnswered(await s3.ask('PUT', url, { body: '123456789', headers: { ...headers } }))
    const { status, headers: answered } = await s3.ask('GET', '/bucket/written')
    if (status === 200) assert.equal(answered['content-length'], '9')
  },
)

const token = fc.oneof(fc.base64String(), wordSalad(['A', '_', '-', '%', '\0', 'AQ'], 4_000))
fuzz('tokens', token, async (text) => {
  const escaped = encodeURIComponent(text)
  for (const url of [
    `/bucket?list-type=2&continuation-token=${escaped}`,
    `/?continuation-token=${escaped}`,
    `/bucket?uploads&key-marker=a&upload-id-marker=${escaped}`,
    `/bucket/k?uploadId=${escaped}`,
  ])
    assertAnswered(await s3.ask('GET', url))
})

const copySourceWords = [
  'bucket',
  '/',
  'k',
  '%2F',
  '%',
  '+',
  '%C3%BC',
  '%ff',
  '?versionId=',
  'null',
  '?',
  '&',
  '..',
  '%00',
]
const copyRangeWords = ['bytes=', '0', '9', '-', ',', ' ', '9'.repeat(20)]
const dateWords = [
  'Sun',
  'Sunday',
  ', ',
  ' ',
  '06',
  '6',
  'Nov',
  '-',
  '1994',
  '94',
  'T',
  '08:49:37',
  ':',
  'GMT',
  'Z',
  '+0000',
  '.5',
]
const dates = [
  'Sun, 06 Nov 1994 08:49:37 GMT',
  'Sunday, 06-Nov-94 08:49:37 GMT',
  'Sun Nov  6 08:49:37 1994',
  '1994-11-06T08:49:37.000Z',
]

fuzz(
  'copy sources, their ranges, and dates',
  fc.record({
    source: fc.oneof(
      fc.constant('bucket/k'),
      mutated('/bucket/k?versionId=null'),
      wordSalad(copySourceWords, 4_000),
    ),
    range: fc.oneof(mutated('bytes=0-9'), wordSalad(copyRangeWords, 200)),
    date: fc.oneof(...dates.map(mutated), wordSalad(dateWords, 2_000)),
  }),
  async (sent) => {
    const [source, range, date] = [sent.source, sent.range, sent.date].map(headerText) as [
      string,
      string,
      string,
    ]
    for (const name of ['if-modified-since', 'if-unmodified-since', 'if-range'])
      assertAnswered(await s3.ask('GET', '/bucket/k', { headers: { [name]: date, range: 'bytes=0-1' } }))
    const headers = { 'x-amz-copy-source': source }
    const copied = await s3.ask('PUT', '/bucket/copied', {
      headers: { ...headers, 'x-amz-copy-source-if-modified-since': date },
    })
    assertAnswered(copied)
    if (copied.status === 200) assert.equal((await s3.ask('GET', '/bucket/copied')).text, '0123456789')
    assertAnswered(
      await s3.ask('PUT', '/bucket/k?partNumber=1&uploadId=AAAA', {
        headers: { ...headers, 'x-amz-copy-source-range': range },
      }),
    )
  },
)

/** What can stand in a header at all: one character a byte, no control characters. */
const headerText = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '')
