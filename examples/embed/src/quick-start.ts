import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { Engine, isEngineError } from '@aquifer/engine'

await using engine = await Engine.open({ directory: './data' })
const photos = engine.bucket('photos')
await engine.createBucket('photos').catch((error) => {
  if (!isEngineError(error, 'BucketAlreadyOwnedByYou')) throw error
})

const thisFile = createReadStream(import.meta.filename) // Any stream, iterable of bytes, Blob or Uint8Array.
await photos.put('2026/code.js', thisFile, { contentType: 'text/javascript' }) // From here on it survives a power cut.

await using code = await photos.get('2026/code.js', { range: { offset: 0, length: 6 } })
console.log(code.info.contentType, code.info.sizeBytes)
await pipeline(code.body, process.stdout)

for await (const entry of photos.list({ prefix: '2026/' })) {
  if (entry.type === 'object') console.log(entry.info.key, entry.info.etag)
}
