import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { PassThrough } from 'node:stream'
import test from 'node:test'
import { type ByteSource, Engine, isEngineError } from '@aquifer/engine'

const verbs: [string, (engine: Engine, source: ByteSource) => Promise<unknown>][] = [
  ['put', (engine, source) => engine.bucket('photos').put('cat.jpg', source)],
  [
    'putPart',
    async (engine, source) => (await engine.bucket('photos').createUpload('cat.jpg')).putPart(1, source),
  ],
]

for (const [name, write] of verbs) {
  test(`a file that is not there refuses ${name}, and does not end the process`, async () => {
    await using engine = await Engine.open()
    await engine.createBucket('photos')
    await assert.rejects(write(engine, createReadStream('/there/is/no/such/file')), { code: 'ENOENT' })
  })

  test(`a sender that goes away in the middle refuses ${name}`, async () => {
    await using engine = await Engine.open()
    await engine.createBucket('photos')
    const sender = new PassThrough()
    sender.write('half of it')
    const writing = write(engine, sender)
    setImmediate(() => sender.destroy())
    await assert.rejects(writing, { code: 'ERR_STREAM_PREMATURE_CLOSE' })
    await assert.rejects(engine.bucket('photos').head('cat.jpg'), (error) =>
      isEngineError(error, 'NoSuchKey'),
    )
  })
}

test('a write that is refused before its bytes are asked for closes their source', async () => {
  await using engine = await Engine.open()
  await engine.createBucket('photos')
  const photos = engine.bucket('photos')
  await photos.put('cat.jpg', new Uint8Array(1))
  const refused: ((source: ByteSource) => Promise<unknown>)[] = [
    (source) => photos.put('cat.jpg', source, { ifNoneMatch: '*' }),
    (source) => photos.put('', source),
    (source) => engine.bucket('nowhere').put('cat.jpg', source),
    (source) => photos.upload('cat.jpg', 'nothing').putPart(1, source),
    (source) => photos.upload('cat.jpg', 'nothing').putPart(0, source),
  ]
  for (const write of refused) {
    const source = new PassThrough()
    await assert.rejects(write(source))
    assert.equal(source.destroyed, true)
  }
})

test('a signal given to get stops the reading of the bytes too', async () => {
  await using engine = await Engine.open({ inlineMaxBytes: 0 })
  await engine.createBucket('photos')
  const photos = engine.bucket('photos')
  await photos.put('cat.jpg', new Uint8Array(3_000_000))
  const controller = new AbortController()
  await using object = await photos.get('cat.jpg', { signal: controller.signal })
  controller.abort()
  await assert.rejects(object.bytes(), { name: 'AbortError' })
})
