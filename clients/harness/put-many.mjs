// Thousands of small objects at a tenth of what an SDK would spend on them: each client's test needs them anew.
import { Agent, request } from 'node:http'
import { requestSigner } from '../../scripts/sign-request.mjs'

const concurrency = 16

/** Stores each key with its own name as its bytes. */
export async function putMany(place, bucket, keys) {
  const { hostname, port } = new URL(place.url)
  const sign = requestSigner(place)
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const put = (key) =>
    new Promise((resolve, reject) => {
      const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
      const headers = { ...sign('PUT', path), 'content-length': Buffer.byteLength(key) }
      request({ method: 'PUT', hostname, port, path, headers, agent }, (answer) => {
        answer.resume().once('error', reject)
        answer.once('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`${key}: ${answer.statusCode}`)),
        )
      })
        .once('error', reject)
        .end(key)
    })
  await Promise.all(keys.map(put)).finally(() => agent.destroy())
}
