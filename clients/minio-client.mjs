import { Client } from 'minio'

/** minio-js for a server that runs, as its users make it. */
export function minioClient({ url, region, accessKeyId, secretAccessKey }, options = {}) {
  const { hostname, port } = new URL(url)
  const keys = { accessKey: accessKeyId, secretKey: secretAccessKey }
  return new Client({ endPoint: hostname, port: Number(port), useSSL: false, region, ...keys, ...options })
}
