import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import type { S3HandlerOptions } from '@aquifer/http-adapter'
import { S3InMemory } from './s3-in-memory.js'

const md5 = (text: string): string => createHash('md5').update(text).digest('base64')
const configuration = (...rules: string[]): string =>
  `<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${rules.join('')}</LifecycleConfiguration>`
const rule = (content: string): string => `<Rule><ID>r</ID><Status>Enabled</Status>${content}</Rule>`
const days = '<Expiration><Days>3</Days></Expiration>'

async function open(options: Partial<S3HandlerOptions> = {}) {
  const s3 = await S3InMemory.open(options)
  await s3.engine.createBucket('logs')
  const put = (body: string, headers: Record<string, string> = {}) =>
    s3.ask('PUT', '/logs?lifecycle', { body, headers: { 'content-md5': md5(body), ...headers } })
  return Object.assign(s3, {
    putRules: put,
    getRules: (query = '') => s3.ask('GET', `/logs?lifecycle${query}`),
  })
}

test('rules are put, read and taken back', async () => {
  await using s3 = await open()
  assert.equal((await s3.getRules()).code, 'NoSuchLifecycleConfiguration')
  const rules = configuration(
    rule(
      `<Filter><And><Prefix>a &amp; b</Prefix><Tag><Key>k</Key><Value>v w</Value></Tag></And></Filter>${days}`,
    ),
    `<Rule><ID>old</ID><Prefix>tmp/</Prefix><Status>Disabled</Status>
      <Expiration><Date>2026-05-01T00:00:00Z</Date></Expiration>
      <NoncurrentVersionExpiration><NoncurrentDays>5</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration>
      <AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>`,
  )
  const answer = await s3.putRules(rules)
  assert.equal(answer.status, 200, answer.text)
  assert.equal(answer.headers['x-amz-transition-default-minimum-object-size'], 'all_storage_classes_128K')
  const found = await s3.getRules('&withUpdatedAt=true')
  assert.equal(
    found.text.replace(/^.*?<Rule>/s, '<Rule>'),
    `<Rule><ID>r</ID><Status>Enabled</Status><Filter><And><Prefix>a &amp; b</Prefix><Tag><Key>k</Key><Value>v w</Value></Tag></And></Filter>${days}</Rule>` +
      '<Rule><ID>old</ID><Status>Disabled</Status><Filter><Prefix>tmp/</Prefix></Filter><Expiration><Date>2026-05-01T00:00:00.000Z</Date></Expiration>' +
      '<NoncurrentVersionExpiration><NoncurrentDays>5</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration>' +
      '<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>',
  )
  assert.match(found.headers['x-minio-lifecycleconfig-updatedat']!, /^\d{8}T\d{6}Z$/)
  assert.equal((await s3.putRules(found.text)).status, 200, 'what is read can be put')
  assert.equal((await s3.ask('DELETE', '/logs?lifecycle')).status, 204)
  assert.equal((await s3.ask('DELETE', '/logs?lifecycle')).status, 204)
  assert.equal((await s3.getRules()).status, 404)
})

const refused: [what: string, status: number, code: string, rules: string][] = [
  ['what is no XML', 400, 'MalformedXML', 'rules'],
  ['no rule', 400, 'MalformedXML', configuration()],
  ['an unknown element', 400, 'MalformedXML', configuration(rule(`${days}<Colour>red</Colour>`))],
  ['two expirations', 400, 'MalformedXML', configuration(rule(days + days))],
  ['no status', 400, 'MalformedXML', configuration(`<Rule>${days}</Rule>`)],
  [
    'a status in other letters',
    400,
    'MalformedXML',
    configuration(`<Rule><Status>enabled</Status>${days}</Rule>`),
  ],
  ['prefix and filter', 400, 'MalformedXML', configuration(rule(`<Prefix/><Filter/>${days}`))],
  [
    'two members of a filter',
    400,
    'MalformedXML',
    configuration(rule(`<Filter><Prefix/><ObjectSizeLessThan>5</ObjectSizeLessThan></Filter>${days}`)),
  ],
  ['an And of one', 400, 'MalformedXML', configuration(rule(`<Filter><And><Prefix/></And></Filter>${days}`))],
  [
    'a filter by what there is not',
    400,
    'MalformedXML',
    configuration(rule(`<Filter><Suffix>x</Suffix></Filter>${days}`)),
  ],
  [
    'a tag twice',
    400,
    'InvalidTag',
    configuration(
      rule(
        `<Filter><And><Tag><Key>a</Key><Value/></Tag><Tag><Key>a</Key><Value/></Tag></And></Filter>${days}`,
      ),
    ),
  ],
  ['no days at all', 400, 'InvalidArgument', configuration(rule('<Expiration><Days>0</Days></Expiration>'))],
  [
    'days that are none',
    400,
    'MalformedXML',
    configuration(rule('<Expiration><Days>many</Days></Expiration>')),
  ],
  [
    'a date at noon',
    400,
    'InvalidArgument',
    configuration(rule('<Expiration><Date>2026-05-01T12:00:00Z</Date></Expiration>')),
  ],
  [
    'a date that is none',
    400,
    'InvalidArgument',
    configuration(rule('<Expiration><Date>May</Date></Expiration>')),
  ],
  [
    'days and a date',
    400,
    'InvalidArgument',
    configuration(rule('<Expiration><Days>1</Days><Date>2026-05-01</Date></Expiration>')),
  ],
  ['an expiration of nothing', 400, 'InvalidArgument', configuration(rule('<Expiration/>'))],
  [
    'all versions by a date',
    400,
    'InvalidArgument',
    configuration(
      rule(
        '<Expiration><Date>2026-05-01</Date><ExpiredObjectAllVersions>true</ExpiredObjectAllVersions></Expiration>',
      ),
    ),
  ],
  ['no action', 400, 'InvalidArgument', configuration(rule(''))],
  ['one id twice', 400, 'InvalidArgument', configuration(rule(days), rule(days))],
  [
    'uploads by a tag',
    400,
    'InvalidRequest',
    configuration(
      rule(
        '<Filter><Tag><Key>a</Key><Value/></Tag></Filter><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>',
      ),
    ),
  ],
  [
    'a transition',
    501,
    'NotImplemented',
    configuration(rule('<Transition><Days>1</Days><StorageClass>COLD</StorageClass></Transition>')),
  ],
  [
    'a noncurrent transition',
    501,
    'NotImplemented',
    configuration(
      rule(
        `${days}<NoncurrentVersionTransition><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionTransition>`,
      ),
    ),
  ],
  [
    'compression',
    501,
    'NotImplemented',
    configuration(rule(`${days}<Compression><Days>1</Days></Compression>`)),
  ],
]
for (const [what, status, code, rules] of refused)
  test(`rules with ${what} are refused: ${code}`, async () => {
    await using s3 = await open()
    const answer = await s3.putRules(rules)
    assert.deepEqual([answer.status, answer.code], [status, code], answer.text)
    assert.equal((await s3.getRules()).status, 404)
  })

test('rules are not taken on trust', async () => {
  await using s3 = await open()
  const body = configuration(rule(days))
  const without = await s3.ask('PUT', '/logs?lifecycle', { body })
  assert.deepEqual([without.status, without.code], [400, 'MissingContentMD5'])
  assert.equal((await s3.putRules(body, { 'content-md5': md5('other') })).code, 'BadDigest')
  assert.equal((await s3.getRules('&withUpdatedAt=perhaps')).code, 'XMinioInvalidLifecycleParameter')
  assert.equal(
    (await s3.putRules(body, { 'x-amz-transition-default-minimum-object-size': 'big' })).status,
    400,
  )
})

test('the minimum that transitions would have is given back', async () => {
  await using s3 = await open()
  const name = 'x-amz-transition-default-minimum-object-size'
  const answer = await s3.putRules(configuration(rule(days)), { [name]: 'varies_by_storage_class' })
  assert.equal(answer.headers[name], 'varies_by_storage_class')
  assert.equal((await s3.getRules()).headers[name], 'varies_by_storage_class')
})

test('with the page’s limits there is no rule for uploads', async () => {
  await using s3 = await open({ pageLimits: 'keep' })
  const abort =
    '<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>'
  const answer = await s3.putRules(configuration(rule(abort)))
  assert.deepEqual([answer.status, answer.code], [501, 'NotImplemented'])
})

test('answers about an object tell when it will go, and about an upload when it will be aborted', async () => {
  await using s3 = await open()
  const id = 'über "3" days'
  const rules = `<Rule><ID>${id}</ID><Status>Enabled</Status><Filter><Prefix>a</Prefix></Filter>${days}
    <AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>`
  assert.equal((await s3.putRules(configuration(rules))).status, 200)
  const said = new RegExp(
    `^expiry-date="\\w{3}, \\d\\d \\w{3} \\d{4} 00:00:00 GMT", rule-id="${encodeURIComponent(id)}"$`,
  )
  const answers = [
    await s3.ask('PUT', '/logs/a', { body: 'x' }),
    await s3.ask('GET', '/logs/a'),
    await s3.ask('HEAD', '/logs/a'),
    await s3.ask('PUT', '/logs/a-copy', { headers: { 'x-amz-copy-source': '/logs/a' } }),
  ]
  for (const { headers, status } of answers) {
    assert.equal(status, 200)
    assert.match(headers['x-amz-expiration']!, said)
  }
  assert.equal((await s3.ask('PUT', '/logs/b', { body: 'x' })).headers['x-amz-expiration'], undefined)
  const created = await s3.ask('POST', '/logs/a-big?uploads')
  const uploadId = /<UploadId>(.*?)</.exec(created.text)![1]
  const listed = await s3.ask('GET', `/logs/a-big?uploadId=${uploadId}`)
  for (const { headers } of [created, listed]) {
    assert.match(headers['x-amz-abort-date']!, / 00:00:00 GMT$/)
    assert.equal(headers['x-amz-abort-rule-id'], encodeURIComponent(id))
  }
  const part = await s3.ask('PUT', `/logs/a-big?uploadId=${uploadId}&partNumber=1`, { body: 'x' })
  const parts = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers['etag']}</ETag></Part></CompleteMultipartUpload>`
  const completed = await s3.ask('POST', `/logs/a-big?uploadId=${uploadId}`, { body: parts })
  assert.match(completed.headers['x-amz-expiration']!, said)
})
