/** Large bodies over sockets: chunks go out from memory that is used again and again, whatever becomes of a client. */
import assert from 'node:assert/strict'
import { open } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { RawClient } from './raw-client.js'
import { owner } from './s3-in-memory.js'
import { serveDirectory } from './s3-on-disk.js'

const MiB = 1024 ** 2
const serving = () => serveDirectory({ authenticate: () => owner })

/** No two stretches of it are alike. */
function bytesOf(sizeBytes: number, seed: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes)
  for (let at = 0; at + 8 <= sizeBytes; at += 8) {
    bytes.writeUInt32LE(at / 8, at)
    bytes.writeUInt32LE(seed, at + 4)
  }
  return bytes
}

const urlOf = (server: Server, key: string): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket/${key}`

/** What came of an answer's body before it ended, and whether it ended as it should. */
async function receive(response: Response): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of response.body!) chunks.push(chunk)
    return { bytes: Buffer.concat(chunks), isWhole: true }
  } catch {
    return { bytes: Buffer.concat(chunks), isWhole: false }
  }
}

test('damage in the middle of a GET breaks it off there: no wrong byte is sent, and the client is not told it is whole', async () => {
  await using at = await serving()
  const bytes = bytesOf(12 * MiB, 1)
  await at.engine.bucket('bucket').put('large', bytes)
  const [path] = await at.findBlobs()
  const damagedAt = 7 * MiB + 12_345
  await using file = await open(path!, 'r+')
  await file.write(Buffer.from([bytes[damagedAt]! ^ 1]), 0, 1, damagedAt)

  const { bytes: received, isWhole } = await receive(await fetch(urlOf(at.server, 'large')))
  assert.equal(isWhole, false)
  assert.ok(received.byteLength <= damagedAt, `${received.byteLength} bytes`)
  assert.ok(received.equals(bytes.subarray(0, received.byteLength)))
  assert.equal((await at.nextRecord()).bytes, 7 * MiB)

  assert.equal((await fetch(urlOf(at.server, 'large'), { method: 'HEAD' })).status, 200)
  const before = { headers: { range: `bytes=${MiB + 1}-${7 * MiB - 1}` } }
  const range = await receive(await fetch(urlOf(at.server, 'large'), before))
  assert.ok(range.isWhole && range.bytes.equals(bytes.subarray(MiB + 1, 7 * MiB)))
})

test('whatever clients do that leave or dawdle, all others get their own bytes', async () => {
  await using at = await serving()
  const sizes = new Map([
    ['a', MiB],
    ['b', MiB],
    ['c', 700_001],
    ['d', 9 * MiB + 5],
  ])
  const contents = new Map([...sizes].map(([key, sizeBytes], seed) => [key, bytesOf(sizeBytes, seed)]))
  for (const [key, bytes] of contents) await at.engine.bucket('bucket').put(key, bytes)
  const dawdlers = await Promise.all(Array.from({ length: 12 }, () => RawClient.connect(at.server)))
  for (const client of dawdlers) {
    client.socket.pause()
    client.say('GET /bucket/d HTTP/1.1', 'Host: x', '', '')
  }
  const readRight = async (key: string, offset: number): Promise<void> => {
    const { bytes, isWhole } = await receive(
      await fetch(urlOf(at.server, key), { headers: { range: `bytes=${offset}-` } }),
    )
    assert.ok(isWhole && bytes.equals(contents.get(key)!.subarray(offset)), `${key} from ${offset}`)
  }
  for (let round = 0; round < 6; round++) {
    const leavers = await Promise.all(Array.from({ length: 4 }, () => RawClient.connect(at.server)))
    for (const client of leavers) {
      client.socket.pause()
      client.say('GET /bucket/d HTTP/1.1', 'Host: x', '', '')
    }
    const reading = [...contents.keys()].flatMap((key) => [
      readRight(key, 0),
      readRight(key, round * 60_000 + 1),
    ])
    for (const client of leavers) client.socket.resetAndDestroy()
    await Promise.all(reading)
  }
  for (const client of dawdlers) client.socket.destroy()
})
