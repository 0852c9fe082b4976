import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { type Bucket, Engine } from '@aquifer/engine'

const OBJECTS = 10_000
const DUE_EACH = 10

async function count(bucket: Bucket, prefix: string): Promise<number> {
  let found = 0
  for await (const _ of bucket.list({ prefix, summary: true })) found++
  return found
}

test('of ten thousand objects the thousand that fall due go by themselves, and no other, under writers', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-crowd-'))
  const engine = await Engine.open({ directory, lifecycleDaySeconds: 1 })
  t.after(async () => {
    await engine.close()
    await rm(directory, { recursive: true, force: true })
  })
  await engine.createBucket('many')
  const bucket = engine.bucket('many')
  await bucket.setConfiguration('lifecycle', {
    rules: [
      { id: 'due', status: 'enabled', filter: { prefix: 'due/' }, expiration: { days: 1 } },
      { id: 'kept', status: 'enabled', filter: { prefix: 'kept/' }, expiration: { days: 36_500 } },
    ],
  })
  let next = 0
  const write = async () => {
    for (let at = next++; at < OBJECTS; at = next++)
      await bucket.put(`${at % DUE_EACH === 0 ? 'due' : 'kept'}/${at}`, Buffer.alloc(100))
  }
  await Promise.all(Array.from({ length: 32 }, write))
  let isGone = false
  const goOn = async (writer: number) => {
    for (let at = 0; !isGone; at++) await bucket.put(`new/${writer}/${at}`, Buffer.alloc(100))
  }
  const writers = Promise.all([1, 2, 3, 4].map(goOn))
  while ((await count(bucket, 'due/')) > 0) await new Promise((resolve) => setTimeout(resolve, 50))
  isGone = true
  await writers
  assert.equal(await count(bucket, 'kept/'), OBJECTS - OBJECTS / DUE_EACH)
})
