import assert from 'node:assert/strict'
import test from 'node:test'
import { meaningOf, type Refusal } from './refusal.js'

const cases: readonly (readonly [Refusal, ReturnType<typeof meaningOf>])[] = [
  [{ status: 403, code: 'InvalidAccessKeyId' }, 'AccessDenied'],
  [{ status: 403, code: 'SignatureDoesNotMatch' }, 'AccessDenied'],
  [{ status: 403, code: 'RequestTimeTooSkewed' }, 'AccessDenied'],
  [{ status: 400, code: 'AuthorizationHeaderMalformed' }, 'AccessDenied'],
  [{ status: 400, code: 'ExpiredToken' }, 'AccessDenied'],
  [{ status: 401 }, 'AccessDenied'],
  [{ status: 404, code: 'NoSuchBucket' }, 'NoSuchBucket'],
  [{ status: 404, code: 'NoSuchKey' }, 'NoSuchVersion'],
  [{ status: 404, code: 'NoSuchVersion' }, 'NoSuchVersion'],
  [{ status: 404 }, 'unclear'],
  [{ status: 200, code: 'InternalError' }, 'Refused'],
  [{ status: 301, code: 'PermanentRedirect' }, 'Unreachable'],
  [{ status: 307 }, 'Unreachable'],
  [{ status: 403, code: 'AccessDenied', message: 'Access Denied' }, 'unclear'],
  [
    {
      ...{ status: 403, code: 'AccessDenied' },
      message: 'Access Denied because object protected by object lock.',
    },
    'Locked',
  ],
  [{ status: 400, code: 'InvalidRequest', message: 'Object is WORM protected' }, 'Locked'],
  [
    { status: 400, code: 'InvalidRequest', message: 'Bucket is missing Object Lock Configuration' },
    'InvalidBucketState',
  ],
  [
    {
      ...{ status: 400, code: 'InvalidRequest' },
      message: 'Versioning must be enabled in a bucket that takes versions of another store.',
    },
    'InvalidBucketState',
  ],
  [{ status: 500, code: 'InternalError' }, 'unclear'],
  [{ status: 503, code: 'SlowDown' }, 'Unreachable'],
  [{ status: 507, code: 'XMinioStorageFull' }, 'Unreachable'],
  [{ status: 502 }, 'unclear'],
  [{ status: 501, code: 'NotImplemented' }, 'Refused'],
  [{ status: 400, code: 'BadDigest' }, 'Refused'],
  [{ status: 412, code: 'PreconditionFailed' }, 'Refused'],
]

for (const [refusal, meaning] of cases)
  test(`${JSON.stringify(refusal)} means ${meaning}`, () => assert.equal(meaningOf(refusal), meaning))
