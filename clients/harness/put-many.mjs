// Thousands of small objects at a tenth of what an SDK would spend on them: each client's test needs them anew.
import { createHash, createHmac } from 'node:crypto'
import { Agent, request } from 'node:http'

const concurrency = 16

/** Stores each key with its own name as its bytes. */
export async function putMany({ url, region, accessKeyId, secretAccessKey }, bucket, keys) {
  const { host, hostname, port } = new URL(url)
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`
  const signingKey = scope.split('/').reduce(hmac, `AWS4${secretAccessKey}`)
  const signed = { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'x-amz-date': time }
  const names = Object.keys(signed).join(';')
  const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`)

  const authorization = (path) => {
    const canonical = ['PUT', path, '', lines.join(''), names, 'UNSIGNED-PAYLOAD'].join('\n')
    const hash = createHash('sha256').update(canonical).digest('hex')
    const signature = hmac(signingKey, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash}`).toString('hex')
    return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}`
  }
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const put = (key) =>
    new Promise((resolve, reject) => {
      const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
      const headers = {
        ...signed,
        authorization: authorization(path),
        'content-length': Buffer.byteLength(key),
      }
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

function hmac(key, text) {
  return createHmac('sha256', key).update(text).digest()
}
