import assert from 'node:assert/strict'
import test from 'node:test'
import { sessionPolicy } from './bucket-session.js'
import { decide } from './policy/decide.js'
import { parsePolicy } from './policy/parse-policy.js'

const bucket = 'logs--az1--x-s3'
const cases: [action: string, resource: string, readOnly: boolean, readWrite: boolean][] = [
  ['s3:GetObject', `${bucket}/a`, true, true],
  ['s3:GetObjectAttributes', `${bucket}/a`, true, true],
  ['s3:ListBucket', bucket, true, true],
  ['s3:ListMultipartUploadParts', `${bucket}/a`, true, true],
  ['s3:ListBucketMultipartUploads', bucket, true, true],
  ['s3:PutObject', `${bucket}/a`, false, true],
  ['s3:DeleteObject', `${bucket}/a`, false, true],
  ['s3:AbortMultipartUpload', `${bucket}/a`, false, true],
  ['s3:DeleteBucket', bucket, false, true],
  ['s3:PutBucketPolicy', bucket, false, true],
  ['s3:GetBucketPolicy', bucket, false, true],
  ['s3express:CreateSession', bucket, false, false],
  ['s3:GetObject', `${bucket}-2/a`, false, false],
  ['s3:ListBucket', `${bucket}-2`, false, false],
  ['s3:PutObject', 'logs/a', false, false],
  ['s3:DeleteBucket', `${bucket}-2`, false, false],
  ['s3:ListAllMyBuckets', '*', false, false],
  ['admin:CreateUser', '*', false, false],
]

for (const [at, mode] of (['read-only', 'read-write'] as const).entries())
  test(`a session that is ${mode} is held to its bucket and its mode, though it is root's`, () => {
    const boundary = { name: 'session', policy: parsePolicy(sessionPolicy(bucket, mode), 'session') }
    for (const [action, resource, ...allowed] of cases) {
      const { allowed: found } = decide(
        { identity: [], boundaries: [[boundary]] },
        {
          principal: { type: 'root', userId: 'r', userName: 'root', accessKeyId: 'K' },
          action,
          resource: `arn:aws:s3:::${resource}`,
          context: new Map(),
        },
      )
      assert.equal(found, allowed[at], `${action} ${resource}`)
    }
  })
