import assert from 'node:assert/strict'
import test from 'node:test'
import { refuseUnhonoured } from './unhonoured-headers.js'

const refuse = (name: string, value: string) => () => refuseUnhonoured(new Map([[name, value]]))

test('an ACL that says what holds anyway is accepted: clients send it unasked', () => {
  for (const acl of ['private', 'bucket-owner-full-control', '']) refuse('x-amz-acl', acl)()
})

const table: [name: string, value: string, code: string][] = [
  ['x-amz-acl', 'public-read', 'AccessControlListNotSupported'],
  ['x-amz-acl', 'authenticated-read', 'AccessControlListNotSupported'],
  ['x-amz-acl', 'nonsense', 'InvalidArgument'],
  ['x-amz-grant-read', 'id=x', 'AccessControlListNotSupported'],
  ['x-amz-tagging', 'a=b', 'NotImplemented'],
  ['x-amz-server-side-encryption', 'AES256', 'NotImplemented'],
  ['x-amz-server-side-encryption-customer-algorithm', 'AES256', 'NotImplemented'],
  ['x-amz-copy-source-server-side-encryption-customer-key', 'x', 'NotImplemented'],
  ['x-amz-object-lock-mode', 'COMPLIANCE', 'InvalidRequest'],
  ['x-amz-object-lock-retain-until-date', '2030-01-01T00:00:00Z', 'InvalidRequest'],
  ['x-amz-object-lock-legal-hold', 'ON', 'InvalidRequest'],
  ['x-amz-mfa', '1 2', 'NotImplemented'],
  ['x-amz-if-match-size', '1', 'NotImplemented'],
  ['x-minio-source-mtime', 'x', 'NotImplemented'],
  ['x-minio-replication-server-side-encryption-sealed-key', 'x', 'NotImplemented'],
  ['x-amz-replication-status', 'REPLICA', 'NotImplemented'],
  ['x-minio-internal-x', 'x', 'InvalidArgument'],
]
for (const [name, value, code] of table) {
  test(`${name}: ${value} is refused with ${code}`, () => {
    assert.throws(refuse(name, value), { code })
  })
}
