import { createReadStream } from 'node:fs'
import { text } from 'node:stream/consumers'
import { Engine, isEngineError } from '@aquifer/engine'

await using engine = await Engine.open({ directory: './data' })
const photos = engine.bucket('photos')
await engine.createBucket('photos').catch((error) => {
  if (!isEngineError(error, 'BucketAlreadyOwnedByYou')) throw error
})

const file = createReadStream('package.json') // Any stream, iterable of bytes, Blob or Uint8Array.
await photos.put('2026/a.json', file, { contentType: 'application/json' }) // From here on it survives a power cut.

await using object = await photos.get('2026/a.json', { range: { offset: 4, length: 23 } })
console.log(object.info.contentType, object.info.sizeBytes, await text(object.body))

for await (const entry of photos.list({ prefix: '2026/' })) {
  if (entry.type === 'object') console.log(entry.info.key, entry.info.etag)
}
