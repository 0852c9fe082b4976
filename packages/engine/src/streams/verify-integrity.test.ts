import assert from 'node:assert/strict'
import test from 'node:test'
import { verifyIntegrity } from './verify-integrity.js'

const bytes = new TextEncoder().encode('123456789')

test('bytes that are what was said of them pass', async () => {
  await verifyIntegrity(bytes, {
    sizeBytes: 9,
    contentMd5: 'JfnnlDI7RTiF9RgfG2JNCw==',
    checksums: { crc32c: '4waSgw==', crc64nvme: Promise.resolve('rosUhgp5mIg=') },
  })
  await verifyIntegrity(new Uint8Array(), {})
})

test('bytes that are not are refused, whichever of the claims is wrong', async () => {
  await assert.rejects(verifyIntegrity(bytes, { sizeBytes: 8 }), { code: 'IncompleteBody' })
  await assert.rejects(verifyIntegrity(bytes, { contentMd5: '1B2M2Y8AsgTpgAmY7PhCfg==' }), {
    code: 'BadDigest',
  })
  await assert.rejects(verifyIntegrity(bytes, { contentMd5: 'x' }), { code: 'InvalidDigest' })
  await assert.rejects(verifyIntegrity(bytes, { checksums: { crc32: 'AAAAAA==' } }), { code: 'BadDigest' })
})
