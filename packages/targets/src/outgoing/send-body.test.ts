import assert from 'node:assert/strict'
import type { ClientRequest } from 'node:http'
import { Writable } from 'node:stream'
import test from 'node:test'
import { IdleTimer } from './idle-timer.js'
import { sendBody } from './send-body.js'

class WatchedTimer extends IdleTimer {
  isCounting = false
  override restart(): void {
    this.isCounting = true
  }
  override stop(): void {
    this.isCounting = false
  }
}

test('a body that lets wait is not the silence of the server, and its memory is its own again when it is asked for more', async () => {
  const idle = new WatchedTimer(1_000, () => {})
  const taken: Buffer[] = []
  const call = new Writable({
    write(chunk: Buffer, _, done) {
      assert.ok(idle.isCounting)
      setImmediate(() => {
        taken.push(Buffer.from(chunk))
        done()
      })
    },
  })
  async function* body() {
    const memory = Buffer.alloc(150_000)
    for (let i = 1; i <= 3; i++) {
      assert.ok(!idle.isCounting)
      yield memory.fill(i)
    }
  }
  await sendBody(call as unknown as ClientRequest, body(), { idle, isWanted: () => true })
  assert.ok(idle.isCounting)
  const expected = [1, 2, 3].map((byte) => Buffer.alloc(150_000, byte))
  assert.ok(Buffer.concat(taken).equals(Buffer.concat(expected)))
  assert.ok(taken.every((piece) => piece.byteLength <= 65_536)) // So that a slow line is seen to move.
})

test('a body that nobody wants any more is let go', async () => {
  let isLetGo = false
  async function* body() {
    try {
      for (;;) yield Buffer.alloc(10)
    } finally {
      isLetGo = true
    }
  }
  let wanted = 3
  const call = new Writable({ write: (_chunk, _encoding, done) => done() })
  const idle = new WatchedTimer(1_000, () => {})
  await sendBody(call as unknown as ClientRequest, body(), { idle, isWanted: () => wanted-- > 0 })
  assert.ok(isLetGo)
  assert.ok(!call.writableEnded)
})
