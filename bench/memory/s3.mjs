// Just enough of S3 to load a server, with less work than the server has.
import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { requestSigner } from '../../scripts/sign-request.mjs'

const chunkBytes = 1024 * 1024

export function openS3(place) {
  const { hostname, port } = new URL(place.url)
  const sign = requestSigner(place)

  /** A signed request whose body is still to be written. */
  const open = (method, path, sizeBytes) => {
    const headers = { ...sign(method, path), 'content-length': sizeBytes }
    return request({ method, hostname, port, path, headers, agent: false })
  }
  const answerOf = (sent) =>
    new Promise((resolve, reject) => {
      sent.once('error', reject)
      sent.once('response', (answer) => {
        if (answer.statusCode === 200) return resolve(answer)
        reject(new Error(`${sent.method} ${sent.path}: ${answer.statusCode}`))
      })
    })

  return {
    open,
    async put(path, bytes) {
      const sent = open('PUT', path, bytes.length)
      const answered = answerOf(sent)
      sent.end(bytes)
      ;(await answered).resume()
    },
    /** Resolves to the digest of what was sent. */
    async putLarge(path, sizeBytes) {
      const hash = createHash('sha1')
      const sent = open('PUT', path, sizeBytes)
      const answered = answerOf(sent)
      await Promise.all([answered, pipeline(Readable.from(chunks(sizeBytes, hash)), sent)])
      ;(await answered).resume()
      return hash.digest('hex')
    },
    /** A form whose file is as large; resolves to the digest of what was sent and the text of the answer. */
    async postLarge(path, { contentType, head, tail }, sizeBytes) {
      const hash = createHash('sha1')
      const length = head.byteLength + sizeBytes + tail.byteLength
      const headers = { 'content-type': contentType, 'content-length': length }
      const sent = request({ method: 'POST', hostname, port, path, headers, agent: false })
      const answered = answerOf(sent)
      function* body() {
        yield head
        yield* chunks(sizeBytes, hash)
        yield tail
      }
      await Promise.all([answered, pipeline(Readable.from(body()), sent)])
      return { sha1: hash.digest('hex'), text: await text(await answered) }
    },
    /** Resolves to the digest of what came. */
    async getLarge(path) {
      const sent = open('GET', path, 0)
      sent.end()
      const hash = createHash('sha1')
      await pipeline(await answerOf(sent), hash)
      return hash.digest('hex')
    },
  }
}

function* chunks(sizeBytes, hash) {
  const chunk = randomBytes(chunkBytes)
  for (let offset = 0; offset < sizeBytes; offset += chunkBytes) {
    const bytes = Buffer.from(chunk.subarray(0, Math.min(chunkBytes, sizeBytes - offset)))
    bytes.writeUInt32LE(offset / chunkBytes) // No two chunks are alike, so that a misplaced one shows.
    hash.update(bytes)
    yield bytes
  }
}
