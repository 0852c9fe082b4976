import assert from 'node:assert/strict'
import test from 'node:test'
import { type RequestToSign, signRequest } from './sign-request.js'

const key = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const at = { region: 'us-east-1', now: new Date('2013-05-24T00:00:00Z') }
const host = 'examplebucket.s3.amazonaws.com'

// The examples of the S3 API Reference, "Signature calculations for the Authorization header".
const examples: readonly (readonly [string, RequestToSign, string])[] = [
  [
    'a GET with a range',
    { method: 'GET', host, path: '/test.txt', headers: { range: 'bytes=0-9' } },
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'a PUT with a body and an escaped path',
    {
      ...{ method: 'PUT', host, path: '/test%24file.text', body: Buffer.from('Welcome to Amazon S3.') },
      headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    },
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'a GET of what is said of a bucket',
    { method: 'GET', host, path: '/', query: { lifecycle: '' } },
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'a GET with a query',
    { method: 'GET', host, path: '/', query: { prefix: 'J', 'max-keys': '2' } },
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
]

for (const [name, request, signature] of examples)
  test(`${name} is signed as S3's own documentation signs it`, () => {
    const { authorization } = signRequest(request, key, at)
    assert.match(authorization!, new RegExp(`Signature=${signature}$`))
  })
