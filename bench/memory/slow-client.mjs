// Clients on bad lines: a little now and then, for as long as they are let.
import { setTimeout as pause } from 'node:timers/promises'

const pieceBytes = 4 * 1024
/** More than any of them will send, so that none comes to its end. */
const announcedBytes = 64 * 1024 * 1024

/** Uploads a piece at a time, of 4 KiB. */
export function dribbleUp(s3, path, pauseMs) {
  const sent = s3.open('PUT', path, announcedBytes)
  let alive = true
  const dead = () => {
    alive = false
  }
  sent.once('error', dead).once('response', dead).once('close', dead)
  const piece = Buffer.alloc(pieceBytes, 'up')
  const underWay = new Promise((resolve) => sent.once('socket', () => sent.write(piece, resolve)))
  void (async () => {
    for (await underWay; alive; await pause(pauseMs)) sent.write(piece)
  })()
  return { underWay, isAlive: () => alive, leave: () => sent.destroy() }
}

/** Downloads a piece at a time; the rest waits in the server, or in the buffers between. */
export function dribbleDown(s3, path, pauseMs) {
  const sent = s3.open('GET', path, 0)
  let alive = true
  const dead = () => {
    alive = false
  }
  sent.once('error', dead)
  const underWay = new Promise((resolve, reject) => {
    sent.once('error', reject)
    sent.once('response', (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`GET ${path}: ${answer.statusCode}`))
      answer.once('error', dead).once('end', dead)
      void (async () => {
        for (; alive; await pause(pauseMs)) answer.read(pieceBytes)
      })()
      resolve()
    })
  })
  sent.end()
  return { underWay, isAlive: () => alive, leave: () => sent.destroy() }
}
