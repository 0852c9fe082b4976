import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import type { Principal } from '@aquifer/http-adapter'
import { linesOf, listHeaders, listOf } from '../replica-list.js'
import { S3InMemory } from '../s3-in-memory.js'

const anyone: Principal = { anonymous: true, ownerId: '', displayName: '' }
const keys = Array.from({ length: 50 }, (_, at) => `key ${at}`)
const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::bucket/*' }],
})

const lists = {
  PutReplicas: async (s3: S3InMemory) => {
    const headers = {
      'x-minio-source-replication-request': 'true',
      'x-minio-source-mtime': '2026-11-23T12:00:00Z',
    }
    const body = listOf(
      keys.map((key) => ({ key, versionId: '0'.repeat(32), headers, bytes: Buffer.from('bytes') })),
    )
    const { text } = await s3.ask('POST', '/bucket?aquifer-replicas', { headers: listHeaders, body })
    return linesOf(text).filter(({ code }) => code === 'AccessDenied').length
  },
  DeleteObjects: async (s3: S3InMemory) => {
    const body = `<Delete>${keys.map((key) => `<Object><Key>${key}</Key></Object>`).join('')}</Delete>`
    const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
    const { text } = await s3.ask('POST', '/bucket?delete', { headers, body })
    return text.split('<Code>AccessDenied</Code>').length - 1
  },
}

for (const [operation, ask] of Object.entries(lists))
  test(`the policy of a bucket is read once for all that a request lists (${operation})`, async (t) => {
    await using s3 = await S3InMemory.open({ authenticate: () => anyone })
    await s3.engine.createBucket('bucket', { objectLock: true })
    await s3.engine.bucket('bucket').setConfiguration('policy', policy)
    const parse = t.mock.method(JSON, 'parse')
    assert.equal(await ask(s3), keys.length)
    // The policy's own word, by which each reading of it shows.
    const readings = parse.mock.calls.filter(({ arguments: [text] }) => text === '"Statement"')
    assert.equal(readings.length, 1)
  })
