import assert from 'node:assert/strict'
import test from 'node:test'
import { readAddress } from './address.js'
import { mendSdkPath } from './sdk-path.js'

const sdk = new Map([['user-agent', 'aws-sdk-js/3.1169.0 ua/2.1']])
const inSession = new Map([...sdk, ['x-amz-s3session-token', 'T']])
const other = new Map([['user-agent', 'Boto3/1.43.11']])
const cases: [
  path: string,
  service: string,
  form: 'header' | 'query',
  headers: typeof sdk,
  key: string,
  host?: string,
][] = [
  ['/b//k', 's3express', 'header', sdk, 'k'],
  ['/b//', 's3express', 'header', sdk, ''],
  ['/b//a//b', 's3express', 'header', sdk, 'a//b'],
  ['/b/k', 's3express', 'header', sdk, 'k'],
  ['/b//k', 's3express', 'query', other, 'k'],
  ['/b//k', 's3express', 'header', other, '/k'],
  ['/b//k', 's3', 'header', sdk, '/k'],
  ['/b//k', 's3', 'header', inSession, 'k'],
  ['//k', 's3express', 'header', sdk, '/k', 'b.s3.test'],
]
for (const [path, service, form, headers, key, host = 's3.test'] of cases)
  test(`${path} at ${host}, by ${headers.get('user-agent')} for ${service} by ${form}, is the key "${key}"`, () => {
    const domains = ['s3.test']
    const address = readAddress(path, host, { domains, basePath: '' })
    const mended = mendSdkPath(
      address,
      { signature: { version: 'AWS4-HMAC-SHA256', service }, form, headers },
      domains,
    )
    assert.deepEqual([mended.bucket, mended.key, mended.level], ['b', key, key === '' ? 'bucket' : 'object'])
  })
