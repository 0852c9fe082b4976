// The least of signature version 4 that a plain request needs: by header, with the payload's digest or unsigned.
import { createHash, createHmac } from 'node:crypto'

/**
 * @returns a function that gives the headers of a request by its method, its encoded path, its query in canonical
 *   order and the SHA-256 of its payload in hex
 */
export function requestSigner({ url, region, accessKeyId, secretAccessKey }) {
  const { host } = new URL(url)
  let key = { scope: '', bytes: undefined }
  return (method, path, { query = '', payloadHash = 'UNSIGNED-PAYLOAD' } = {}) => {
    const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
    const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`
    if (key.scope !== scope) key = { scope, bytes: scope.split('/').reduce(hmac, `AWS4${secretAccessKey}`) }
    const signed = { host, 'x-amz-content-sha256': payloadHash, 'x-amz-date': time }
    const names = Object.keys(signed).join(';')
    const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`)
    const canonical = [method, path, query, lines.join(''), names, payloadHash].join('\n')
    const hash = createHash('sha256').update(canonical).digest('hex')
    const signature = hmac(key.bytes, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash}`).toString('hex')
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}`
    return { ...signed, authorization }
  }
}

function hmac(key, text) {
  return createHmac('sha256', key).update(text).digest()
}
