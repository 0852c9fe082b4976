import assert from 'node:assert/strict'
import test from 'node:test'
import { MATRIX_BODY, signatureMatrix } from '../signature-matrix.js'
import { authenticatorAt, EXAMPLE, outcome, read } from './requests.js'

const now = Date.UTC(2026, 10, 23, 12)
const authenticator = authenticatorAt(now)

for (const { name, message, expected } of signatureMatrix({
  signer: EXAMPLE,
  host: 'localhost:9000',
  path: () => '/bucket/key',
  now,
})) {
  test(`${name}: ${expected}`, async () => {
    assert.equal(await outcome(authenticator, message), expected)
    if (expected === 'accepted') assert.deepEqual((await read(authenticator, message)).bytes, MATRIX_BODY)
  })
}
