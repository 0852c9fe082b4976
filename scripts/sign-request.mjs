// The least of signature version 4 that a plain request needs: by header, with an unsigned payload.
import { createHash, createHmac } from 'node:crypto'

/** @returns a function that gives the headers of a request by its method and its encoded path */
export function requestSigner({ url, region, accessKeyId, secretAccessKey }) {
  const { host } = new URL(url)
  return (method, path) => {
    const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
    const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`
    const signed = { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'x-amz-date': time }
    const names = Object.keys(signed).join(';')
    const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`)
    const canonical = [method, path, '', lines.join(''), names, 'UNSIGNED-PAYLOAD'].join('\n')
    const hash = createHash('sha256').update(canonical).digest('hex')
    const signingKey = scope.split('/').reduce(hmac, `AWS4${secretAccessKey}`)
    const signature = hmac(signingKey, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash}`).toString('hex')
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}`
    return { ...signed, authorization }
  }
}

function hmac(key, text) {
  return createHmac('sha256', key).update(text).digest()
}
