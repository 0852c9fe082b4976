import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { ReplicationTargetStatus } from '@aquifer/engine'
import type { Mortal } from '../mortal-server.js'
import { Running } from '../running-server.js'

/** Each bucket is the target of the other's rule, by the command, with each server's root key. */
export async function connectBothWays(
  t: TestContext,
  [one, other]: readonly [Mortal, Mortal],
  bucket: string,
): Promise<void> {
  await connect(t, one, other, bucket)
  await connect(t, other, one, bucket)
}

async function connect(t: TestContext, from: Mortal, to: Mortal, bucket: string): Promise<void> {
  const { accessKeyId, secretAccessKey } = to.signer
  const running = new Running(t, [
    ...['replicate', 'add', `s3://${bucket}`, '--target', new URL(bucket, to.url).href],
    ...['--access-key', accessKeyId, '--secret-key', secretAccessKey],
    ...['--url', from.url.href, '--data', from.directory],
  ])
  assert.equal(await running.ended, 0, running.err)
}

/** What a server says of its targets. */
export async function statusOf(server: Mortal): Promise<readonly ReplicationTargetStatus[]> {
  const answer = await server.ask('POST', '/-/admin/replicate/status', { body: Buffer.from('{}') })
  if (answer === 'lost') return statusOf(server)
  assert.equal(answer.status, 200, answer.body.toString())
  return JSON.parse(answer.body.toString()).targets
}
