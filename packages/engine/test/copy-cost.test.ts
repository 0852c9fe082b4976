import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { type Bucket, Engine } from '@aquifer/engine'

const MiB = 1024 * 1024
const COPIES = 15

async function diskBytes(directory: string): Promise<number> {
  let sum = 0
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) sum += (await stat(join(entry.parentPath, entry.name))).size
  return sum
}

function* megabytes(count: number): Generator<Uint8Array> {
  const chunk = new Uint8Array(MiB).fill(7)
  for (let n = 0; n < count; n++) yield chunk
}

async function msOfCopy(bucket: Bucket, from: string, to: string): Promise<number> {
  const started = performance.now()
  await bucket.copy({ key: from }, to)
  return performance.now() - started
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!

test('copying 1 GiB takes the time of copying 1 MiB, and no disk', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-copy-'))
  try {
    await using engine = await Engine.open({ directory })
    await engine.createBucket('films')
    const films = engine.bucket('films')
    await films.put('1 MiB', toAsync(megabytes(1)))
    await films.put('1 GiB', toAsync(megabytes(1_024)))
    const before = await diskBytes(join(directory, 'blobs'))
    const small: number[] = []
    const large: number[] = []
    // In turn, so that whatever else the machine does slows both.
    for (let n = 0; n < COPIES; n++) {
      small.push(await msOfCopy(films, '1 MiB', `small copy ${n}`))
      large.push(await msOfCopy(films, '1 GiB', `large copy ${n}`))
    }
    const ratio = median(large) / median(small)
    t.diagnostic(`a copy of 1 GiB takes ${ratio.toFixed(2)} times one of 1 MiB (medians of ${COPIES})`)
    assert.ok(ratio < 3, `the time of a copy grows with its size: ${ratio}`)
    assert.equal(await diskBytes(join(directory, 'blobs')), before)
    await films.delete('1 GiB')
    await engine.reclaim()
    assert.equal((await films.head('large copy 0')).sizeBytes, 1_024 * MiB)
    assert.equal(await diskBytes(join(directory, 'blobs')), before, 'what a copy needs stays')
  } finally {
    await rm(directory, { recursive: true })
  }
})

async function* toAsync(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks
}
