// Made by botocore 1.43.11 with signature_version='s3' and the clock held at 2026-11-23T12:00:00Z, as it sent them:
// for the endpoint http://s3.test:9000, by path and by virtual host. Only headers that S3 never signs are left out.
import type { Message } from './requests.js'

export const VERSION_2_TIME = Date.UTC(2026, 10, 23, 12)

export const VERSION_2_VECTORS: readonly (Message & { name: string })[] = [
  {
    name: 'a put with metadata and a type',
    method: 'PUT',
    rawUrl: '/bucket/a%20b/%C3%BC%2B.txt',
    headers: [
      ['host', 's3.test:9000'],
      ['Content-Type', 'text/plain'],
      ['x-amz-meta-Zed', 'last  one'],
      ['x-amz-meta-colour', 'green'],
      ['x-amz-checksum-crc32', 'NhCmhg=='],
      ['x-amz-sdk-checksum-algorithm', 'CRC32'],
      ['Date', 'Mon, 23 Nov 2026 12:00:00 GMT'],
      ['Authorization', 'AWS AKIAIOSFODNN7EXAMPLE:ainuHWXhzMsyBSM3N48VwApCtnA='],
      ['Content-Length', '5'],
    ],
    frames: [Buffer.from('hello')],
  },
  {
    name: 'a get by virtual host',
    method: 'GET',
    rawUrl:
      '/%C3%BC/%E6%97%A5%E6%9C%AC?response-content-disposition=attachment%3B%20filename%3D%22a%2Bb%20c%26d.txt%22&versionId=null',
    headers: [
      ['host', 'bucket.s3.test:9000'],
      ['x-amz-checksum-mode', 'ENABLED'],
      ['Date', 'Mon, 23 Nov 2026 12:00:00 GMT'],
      ['Authorization', 'AWS AKIAIOSFODNN7EXAMPLE:qyvPEb2gPq32KisoyYdRIHIeits='],
    ],
    frames: [],
  },
  {
    name: 'a listing',
    method: 'GET',
    rawUrl: '/bucket?list-type=2&prefix=a%20b&delimiter=%2F&encoding-type=url',
    headers: [
      ['host', 's3.test:9000'],
      ['Date', 'Mon, 23 Nov 2026 12:00:00 GMT'],
      ['Authorization', 'AWS AKIAIOSFODNN7EXAMPLE:lZZogkefDACrEQjyBKB4IGo7UpQ='],
    ],
    frames: [],
  },
  {
    name: 'a part',
    method: 'PUT',
    rawUrl: '/bucket/k?partNumber=3&uploadId=id%2Fwith%2Bodd%3D',
    headers: [
      ['host', 's3.test:9000'],
      ['x-amz-checksum-crc32', 'SQ9wxg=='],
      ['x-amz-sdk-checksum-algorithm', 'CRC32'],
      ['Date', 'Mon, 23 Nov 2026 12:00:00 GMT'],
      ['Authorization', 'AWS AKIAIOSFODNN7EXAMPLE:yG+BVNfOYUYQaue1tSay2zqhkCs='],
      ['Content-Length', '4'],
    ],
    frames: [Buffer.from('part')],
  },
  {
    name: 'a sub-resource',
    method: 'GET',
    rawUrl: '/bucket?acl',
    headers: [
      ['host', 's3.test:9000'],
      ['Date', 'Mon, 23 Nov 2026 12:00:00 GMT'],
      ['Authorization', 'AWS AKIAIOSFODNN7EXAMPLE:dcQH9CcDJ4eXz69ZGc8G3uy4nCQ='],
    ],
    frames: [],
  },
  {
    name: 'the buckets',
    method: 'GET',
    rawUrl: '/',
    headers: [
      ['host', 's3.test:9000'],
      ['Date', 'Mon, 23 Nov 2026 12:00:00 GMT'],
      ['Authorization', 'AWS AKIAIOSFODNN7EXAMPLE:321eTuKZ87s+IM+6OZgNRHw4GsY='],
    ],
    frames: [],
  },
  {
    name: 'a delete of many',
    method: 'POST',
    rawUrl: '/bucket?delete',
    headers: [
      ['host', 's3.test:9000'],
      ['x-amz-checksum-crc32', 'CEaAGw=='],
      ['x-amz-sdk-checksum-algorithm', 'CRC32'],
      ['Date', 'Mon, 23 Nov 2026 12:00:00 GMT'],
      ['Authorization', 'AWS AKIAIOSFODNN7EXAMPLE:vBmcUtS4GNh+BmTvTleEcx7SkEg='],
      ['Content-Length', '94'],
    ],
    frames: [
      Buffer.from(
        '<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a</Key></Object></Delete>',
      ),
    ],
  },
  {
    name: 'a copy',
    method: 'PUT',
    rawUrl: '/bucket/to',
    headers: [
      ['host', 's3.test:9000'],
      ['x-amz-copy-source', 'bucket/from%20%C3%A9'],
      ['Date', 'Mon, 23 Nov 2026 12:00:00 GMT'],
      ['Authorization', 'AWS AKIAIOSFODNN7EXAMPLE:D3tCWNl9fqt2GGqLF5umaPBsJUg='],
      ['Content-Length', '0'],
    ],
    frames: [],
  },
  {
    name: 'a temporary key',
    method: 'HEAD',
    rawUrl: '/bucket/k',
    headers: [
      ['host', 's3.test:9000'],
      ['x-amz-security-token', 'a/token+='],
      ['Date', 'Mon, 23 Nov 2026 12:00:00 GMT'],
      ['Authorization', 'AWS AKIAIOSFODNN7EXAMPLE:TRBgNvOQbJrOgFNyw2kgpsLq9ws='],
    ],
    frames: [],
  },
  {
    name: 'by virtual host at the root',
    method: 'POST',
    rawUrl: '/k?uploads',
    headers: [
      ['host', 'bucket.s3.test:9000'],
      ['Date', 'Mon, 23 Nov 2026 12:00:00 GMT'],
      ['Authorization', 'AWS AKIAIOSFODNN7EXAMPLE:DcQpjVz6qwZqVhVZLIp9VLFythg='],
      ['Content-Length', '0'],
    ],
    frames: [],
  },
  {
    name: 'a presigned get',
    method: 'GET',
    rawUrl:
      '/bucket/pre%20signed/%C3%A9%2B.bin?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=TeMGLm5L9TO0YO6vFWEHQ8BSps8%3D&Expires=1795435800',
    headers: [['host', 's3.test:9000']],
    frames: [],
  },
  {
    name: 'a presigned get with overrides',
    method: 'GET',
    rawUrl:
      '/bucket/k?response-content-type=text%2Fplain%3B%20charset%3Dutf-8&versionId=null&AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=R7BA8eBUBbky6oL%2F29EcF7cDRw0%3D&Expires=1795435800',
    headers: [['host', 's3.test:9000']],
    frames: [],
  },
  {
    name: 'a presigned get by virtual host',
    method: 'GET',
    rawUrl:
      '/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=teRa2rvDniWnERaWuhKFLkXBtv0%3D&Expires=1795435800',
    headers: [['host', 'bucket.s3.test:9000']],
    frames: [],
  },
  {
    name: 'a presigned put',
    method: 'PUT',
    rawUrl:
      '/bucket/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=4dkjxBMVMgfHtt28JqVAxsl29Xg%3D&Expires=1795435800',
    headers: [
      ['host', 's3.test:9000'],
      ['content-length', '5'],
    ],
    frames: [Buffer.from('hello')],
  },
  {
    name: 'a presigned put with a type and metadata',
    method: 'PUT',
    rawUrl:
      '/bucket/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=fYKZ8%2BbDnLvyQqpqanSW7vCc%2Fiw%3D&content-type=text%2Fplain&x-amz-meta-colour=green&Expires=1795435800',
    headers: [
      ['host', 's3.test:9000'],
      ['content-length', '5'],
      ['Content-Type', 'text/plain'],
    ],
    frames: [Buffer.from('hello')],
  },
  {
    name: 'a presigned get with a temporary key',
    method: 'GET',
    rawUrl:
      '/bucket/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=hir6b5MpgeQ4nFrcwd1pCVyJ6pA%3D&x-amz-security-token=a%2Ftoken%2B%3D&Expires=1795435800',
    headers: [['host', 's3.test:9000']],
    frames: [],
  },
]
