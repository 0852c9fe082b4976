// Source: S3 API Reference, "Examples: signature calculations" for the header, for chunked uploads and for trailers.
// The signatures are AWS's, save that of the trailer, which its page gets wrong: that one is computed here.
import assert from 'node:assert/strict'
import test from 'node:test'
import { signMessage, type ToSign } from '../signing-client.js'
import { authenticatorAt, EXAMPLE, EXAMPLE_TIME, outcome, read } from './requests.js'

const authenticator = authenticatorAt(EXAMPLE_TIME)
const SCOPE = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request'
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const HOST = ['Host', 'examplebucket.s3.amazonaws.com'] as const
const DATE = ['x-amz-date', '20130524T000000Z'] as const
const authorization = (signedHeaders: string, signature: string) =>
  [
    'Authorization',
    `AWS4-HMAC-SHA256 Credential=${SCOPE},SignedHeaders=${signedHeaders},Signature=${signature}`,
  ] as const

test('the published GET with a range is accepted', async () => {
  const message = {
    method: 'GET',
    rawUrl: '/test.txt',
    headers: [
      HOST,
      ['Range', 'bytes=0-9'],
      ['x-amz-content-sha256', EMPTY],
      DATE,
      authorization(
        'host;range;x-amz-content-sha256;x-amz-date',
        'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
      ),
    ],
    frames: [],
  } as const
  assert.equal(await outcome(authenticator, message), 'accepted')
})

test('the published GET of the lifecycle is accepted', async () => {
  const message = {
    method: 'GET',
    rawUrl: '/?lifecycle',
    headers: [
      HOST,
      ['x-amz-content-sha256', EMPTY],
      DATE,
      authorization(
        'host;x-amz-content-sha256;x-amz-date',
        'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
      ),
    ],
    frames: [],
  } as const
  assert.equal(await outcome(authenticator, message), 'accepted')
})

test('the published presigned GET is accepted', async () => {
  const message = {
    method: 'GET',
    rawUrl: `/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(SCOPE)}&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404`,
    headers: [HOST],
    frames: [],
  } as const
  assert.equal(await outcome(authenticator, message), 'accepted')
})

const CHUNKED: ToSign = {
  form: 'header',
  method: 'PUT',
  host: 's3.amazonaws.com',
  path: '/examplebucket/chunkObject.txt',
  body: Buffer.alloc(66_560, 'a'),
  payload: 'signed-chunked',
  date: new Date(EXAMPLE_TIME),
}

const signaturesIn = (frames: readonly Buffer[]): string[] =>
  frames.flatMap((frame) =>
    [...frame.toString('latin1').matchAll(/signature[=:]([0-9a-f]{64})/g)].map(([, signature]) => signature!),
  )

test('the published upload in signed chunks is accepted', async () => {
  const message = signMessage(EXAMPLE, {
    ...CHUNKED,
    headers: {
      'content-encoding': 'aws-chunked',
      'content-length': '66824',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    },
  })
  assert.equal(message.signature, '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9')
  assert.deepEqual(signaturesIn(message.frames), [
    'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
  ])
  assert.equal(Buffer.concat(message.frames).byteLength, 66_824)
  assert.deepEqual((await read(authenticator, message)).bytes, CHUNKED.body)
})

test('the published upload in signed chunks with a signed trailer is accepted, and its trailer is told', async () => {
  const message = signMessage(EXAMPLE, {
    ...CHUNKED,
    payload: 'signed-chunked-trailer',
    trailer: ['x-amz-checksum-crc32c', 'sOO8/Q=='],
    headers: { 'content-encoding': 'aws-chunked', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
  })
  assert.equal(message.signature, '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e')
  assert.deepEqual(signaturesIn(message.frames), [
    'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
    '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
    '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
    'd81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435',
  ])
  const { bytes, trailers } = await read(authenticator, message)
  assert.deepEqual(bytes, CHUNKED.body)
  assert.deepEqual(trailers, { 'x-amz-checksum-crc32c': 'sOO8/Q==' })
})
