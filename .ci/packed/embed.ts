// A stranger's first program, compiled against the packed types and run on the packed code.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine, isEngineError } from '@aquifer/engine'

const directory = await mkdtemp(join(tmpdir(), 'aquifer-packed-'))
try {
  {
    await using engine = await Engine.open({ directory })
    await engine.createBucket('photos')
    const stored = await engine.bucket('photos').put('cat.txt', new TextEncoder().encode('a small cat'))
    assert.equal(stored.sizeBytes, 11)
  }
  await using engine = await Engine.open({ directory })
  const photos = engine.bucket('photos')
  await using cat = await photos.get('cat.txt', { range: { offset: 2, length: 5 } })
  assert.equal(new TextDecoder().decode(await cat.bytes()), 'small')
  const keys: string[] = []
  for await (const entry of photos.list()) if (entry.type === 'object') keys.push(entry.info.key)
  assert.deepEqual(keys, ['cat.txt'])
  await assert.rejects(photos.get('dog.txt'), (error) => isEngineError(error, 'NoSuchKey'))
  console.log('the packed engine stores, survives a close and reads back')
} finally {
  await rm(directory, { recursive: true, force: true })
}
