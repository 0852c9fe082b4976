import assert from 'node:assert/strict'
import test from 'node:test'
import { S3Error } from '../s3-error.js'
import { formHeaders } from './form-headers.js'

const request = { host: 's3.test', 'content-type': 'multipart/form-data; boundary=b', 'content-length': '9' }

const view = (fields: Record<string, string>, headers: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(
    formHeaders(new Map(Object.entries({ ...request, ...headers })), new Map(Object.entries(fields))),
  )

const read: [what: string, fields: Record<string, string>, wanted: Record<string, string>][] = [
  ['nothing', {}, {}],
  [
    'what has no header',
    { key: 'k', policy: 'p', success_action_status: '201', submit: 'x', 'x-ignore-a': 'b' },
    {},
  ],
  [
    'what signs',
    {
      'x-amz-algorithm': 'a',
      'x-amz-credential': 'c',
      'x-amz-date': 'd',
      'x-amz-signature': 's',
      'x-amz-security-token': 't',
    },
    {},
  ],
  [
    'descriptions',
    { 'content-type': 'text/plain', 'cache-control': 'no-cache', expires: '0' },
    { 'content-type': 'text/plain', 'cache-control': 'no-cache', expires: '0' },
  ],
  ['blanks around', { 'content-type': ' text/plain\t' }, { 'content-type': 'text/plain' }],
  ['letters beyond ASCII', { 'x-amz-meta-a': 'ü' }, { 'x-amz-meta-a': 'Ã¼' }],
  ['an ACL', { acl: 'private' }, { 'x-amz-acl': 'private' }],
  [
    'tags',
    { tagging: '<Tagging><TagSet><Tag><Key>a&amp;b</Key><Value>=</Value></Tag></TagSet></Tagging>' },
    { 'x-amz-tagging': 'a%26b=%3D' },
  ],
  ['no tags', { tagging: '<Tagging><TagSet/></Tagging>' }, { 'x-amz-tagging': '' }],
  ['an algorithm', { 'x-amz-checksum-algorithm': 'CRC32' }, { 'x-amz-sdk-checksum-algorithm': 'CRC32' }],
]
for (const [what, fields, wanted] of read)
  test(`a form of ${what} is read as headers`, () => {
    assert.deepEqual(view(fields), { host: 's3.test', ...wanted })
  })

test('of the request stays what is not about its body', () => {
  const kept = { origin: 'https://a.example', 'if-none-match': '*', 'x-amz-expected-bucket-owner': 'me' }
  const gone = { 'cache-control': 'max-age=0', expires: '0', 'content-encoding': 'identity' }
  assert.deepEqual(view({}, { ...kept, ...gone }), { host: 's3.test', ...kept })
})

const refused: [
  what: string,
  fields: Record<string, string>,
  headers: Record<string, string>,
  code: string,
][] = [
  ['one thing by two names', { acl: 'private', 'x-amz-acl': 'private' }, {}, 'InvalidArgument'],
  ['a line break', { 'content-type': 'a\nb' }, {}, 'InvalidArgument'],
  ['a name that is none', { 'x-amz-meta-ü': 'a' }, {}, 'InvalidArgument'],
  ['what is not built', { 'x-amz-write-offset-bytes': '0' }, {}, 'NotImplemented'],
  ['tags that are none', { tagging: '<Tagging/>' }, {}, 'MalformedXML'],
  ['entities', { tagging: '<!DOCTYPE a [<!ENTITY b "c">]><Tagging><TagSet/></Tagging>' }, {}, 'MalformedXML'],
  ['metadata by header', {}, { 'x-amz-meta-a': 'b' }, 'InvalidRequest'],
  ['a checksum by header', {}, { 'x-amz-checksum-crc32': 'AAAAAA==' }, 'InvalidRequest'],
  ['a storage class by header', {}, { 'x-amz-storage-class': 'STANDARD' }, 'InvalidRequest'],
  ['tags by header', {}, { 'x-amz-tagging': 'a=b' }, 'NotImplemented'],
  ['a grant by header', {}, { 'x-amz-grant-read': 'id=a' }, 'AccessControlListNotSupported'],
]
for (const [what, fields, headers, code] of refused)
  test(`a form with ${what} is refused`, () => {
    assert.throws(
      () => view(fields, headers),
      (error) => error instanceof S3Error && error.code === code,
    )
  })
