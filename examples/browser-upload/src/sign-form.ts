// What createPresignedPost of the AWS SDK does, for applications that have no SDK: sign what a form may upload.
import { createHmac } from 'node:crypto'

export interface Uploads {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly bucket: string
  /** Whoever has the form may choose the rest of the key. */
  readonly keyPrefix: string
  readonly maxBytes: number
  readonly validForSeconds: number
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** The fields of the form, all of which go before its file. */
export function signForm(uploads: Uploads): Record<string, string> {
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = [timestamp.slice(0, 8), 'us-east-1', 's3', 'aws4_request']
  const fields = {
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': [uploads.accessKeyId, ...scope].join('/'),
    'x-amz-date': timestamp,
  }
  const document = {
    expiration: new Date(Date.now() + uploads.validForSeconds * 1_000).toISOString(),
    conditions: [
      { bucket: uploads.bucket },
      ['starts-with', '$key', uploads.keyPrefix],
      ['content-length-range', 1, uploads.maxBytes],
      ...Object.entries(fields).map(([name, value]) => ({ [name]: value })),
    ],
  }
  const policy = Buffer.from(JSON.stringify(document)).toString('base64')
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${uploads.secretAccessKey}`)
  return {
    // The server puts the file's own name there.
    key: `${uploads.keyPrefix}$\{filename}`,
    ...fields,
    policy,
    'x-amz-signature': hmac(key, policy).toString('hex'),
  }
}
