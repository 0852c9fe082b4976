/** Writes and removes blob files until it is killed, telling what it was told: `finished <id> <size>`, `removed <id>`. */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { FileBlobStore } from '@aquifer/engine/stores'
import { seededRandom } from '@aquifer/engine/testing'

const [directory = '', firstId = '', seed = ''] = process.argv.slice(2)
const tell = (line: string) => writeSync(1, `${line}\n`)
const random = seededRandom(Number(seed))
const store = await FileBlobStore.open({ directory: join(directory, 'blobs') })
tell('open')
let nextId = Number(firstId)

async function work(): Promise<void> {
  const mine: number[] = []
  for (;;) {
    const id = nextId++
    const sizeBytes = Math.floor(random() ** 3 * 1_500_000)
    const writer = await store.create(id)
    for (let written = 0; written < sizeBytes; written += 60_000) {
      await writer.write(new Uint8Array(Math.min(60_000, sizeBytes - written)).fill(id))
    }
    if (random() < 0.1) {
      await writer.abort()
      continue
    }
    await writer.finish()
    tell(`finished ${id} ${sizeBytes}`)
    mine.push(id)
    if (random() < 0.4) {
      const [gone] = mine.splice(Math.floor(random() * mine.length), 1)
      tell(`removing ${gone}`)
      await store.remove([gone!])
      tell(`removed ${gone}`)
    }
  }
}

await Promise.all([work(), work(), work(), work()])
