import assert from 'node:assert/strict'
import test from 'node:test'
import { Engine, isEngineError } from '@aquifer/engine'

const code = (expected: string) => (error: unknown) => isEngineError(error) && error.code === expected

test('versioning was never set, then is enabled, suspended and enabled again, and cannot be taken back', async () => {
  await using engine = await Engine.open()
  await engine.createBucket('photos')
  const photos = engine.bucket('photos')
  assert.equal(await photos.getConfiguration('versioning'), undefined)
  for (const state of ['enabled', 'enabled', 'suspended', 'enabled'] as const) {
    await photos.setConfiguration('versioning', state)
    assert.equal(await photos.getConfiguration('versioning'), state)
  }
  await assert.rejects(
    photos.setConfiguration('versioning', undefined),
    code('IllegalVersioningConfigurationException'),
  )
  assert.equal(await photos.getConfiguration('versioning'), 'enabled')
})

test('a bucket that is not there has no configuration and takes none', async () => {
  await using engine = await Engine.open()
  const nowhere = engine.bucket('nowhere')
  await assert.rejects(nowhere.getConfiguration('versioning'), code('NoSuchBucket'))
  await assert.rejects(nowhere.setConfiguration('versioning', 'enabled'), code('NoSuchBucket'))
})
