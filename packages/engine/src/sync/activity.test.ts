import assert from 'node:assert/strict'
import test from 'node:test'
import { isEngineError } from '../errors.js'
import { Activity } from './activity.js'

/** Work that lasts until its signal fires, and then fails with the reason. */
const untilStopped = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason))
  })

test('closing refuses what is new and waits for what runs', async () => {
  const activity = new Activity()
  let finish = (_: string): void => {}
  const running = activity.run(undefined, () => new Promise<string>((resolve) => (finish = resolve)))
  let closed = false
  const closing = activity.close().then(() => {
    closed = true
  })
  await assert.rejects(
    activity.run(undefined, async () => 'new'),
    (error) => isEngineError(error, 'EngineClosed'),
  )
  assert.equal(closed, false)
  finish('done')
  assert.equal(await running, 'done')
  await closing
})

test('work is stopped by its caller’s signal, fired before or meanwhile', async () => {
  const activity = new Activity()
  const reason = new Error('enough')
  await assert.rejects(activity.run(AbortSignal.abort(reason), untilStopped), reason)
  const controller = new AbortController()
  const running = activity.run(controller.signal, untilStopped)
  controller.abort(reason)
  await assert.rejects(running, reason)
})

test('a close that does not wait stops all work, whether it has a signal or not', async () => {
  const activity = new Activity()
  const running = [undefined, new AbortController().signal].map((signal) =>
    activity.run(signal, untilStopped),
  )
  const outcomes = Promise.allSettled(running)
  await activity.close(AbortSignal.abort())
  for (const outcome of await outcomes) {
    assert.ok(outcome.status === 'rejected' && isEngineError(outcome.reason, 'EngineClosed'))
  }
})

test('work that is done leaves nothing on its caller’s signal', async () => {
  const { signal } = new AbortController()
  let listeners = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...given: Parameters<typeof add>) => {
    listeners++
    add(...given)
  }
  signal.removeEventListener = (...given: Parameters<typeof remove>) => {
    listeners--
    remove(...given)
  }
  await new Activity().run(signal, async () => 'done')
  assert.equal(listeners, 0)
})
