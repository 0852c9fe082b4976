// Forms as browsers send them and signers sign them, written from the published rules and sharing no code with the
// adapter.
import { createHmac } from 'node:crypto'
import { EXAMPLE } from './auth/requests.js'

export type Fields = readonly (readonly [name: string, value: string | Uint8Array])[]

const BOUNDARY = '----WebKitFormBoundary7MA4YWxkTrZu0gW'
export const contentType = `multipart/form-data; boundary=${BOUNDARY}`

export interface FormFile {
  readonly name?: string
  readonly filename?: string
  readonly type?: string
  readonly bytes: string | Uint8Array
}

/** `${filename}`, which is no template here. */
export const FILENAME = '$' + '{filename}'

const part = (disposition: string, bytes: string | Uint8Array, more = ''): Buffer =>
  Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n`),
    Buffer.from(bytes),
    Buffer.from('\r\n'),
  ])

export const closing = Buffer.from(`--${BOUNDARY}--\r\n`)

export const fileParts = ({
  name = 'file',
  filename = 'a file.txt',
  type = 'text/plain',
  bytes,
}: FormFile): Buffer => part(`name="${name}"; filename="${filename}"`, bytes, `Content-Type: ${type}\r\n`)

export function formBody(fields: Fields, file?: FormFile, after: Fields = []): Buffer {
  const plain = (list: Fields): Buffer[] => list.map(([name, value]) => part(`name="${name}"`, value))
  return Buffer.concat([
    ...plain(fields),
    ...(file === undefined ? [] : [fileParts(file)]),
    ...plain(after),
    closing,
  ])
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

export interface ToSignForm {
  readonly conditions: readonly unknown[]
  readonly date: Date
  readonly expiresSeconds?: number
  readonly secretAccessKey?: string
  readonly sessionToken?: string
  readonly accessKeyId?: string
  readonly region?: string
  /** In place of the document that the conditions make. */
  readonly policy?: string
}

/** The fields that sign, with their own conditions, as SDKs add them. */
export function signForm({
  conditions,
  date,
  expiresSeconds = 3600,
  ...given
}: ToSignForm): [string, string][] {
  const { secretAccessKey = EXAMPLE.secretAccessKey, accessKeyId = EXAMPLE.accessKeyId } = given
  const { sessionToken, region = 'us-east-1' } = given
  const timestamp = date.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = [timestamp.slice(0, 8), region, 's3', 'aws4_request']
  const signing: [string, string][] = [
    ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
    ['x-amz-credential', [accessKeyId, ...scope].join('/')],
    ['x-amz-date', timestamp],
    ...(sessionToken === undefined ? [] : [['x-amz-security-token', sessionToken] as [string, string]]),
  ]
  const document = JSON.stringify({
    expiration: new Date(date.getTime() + expiresSeconds * 1_000).toISOString(),
    conditions: [...conditions, ...signing.map(([name, value]) => ({ [name]: value }))],
  })
  const policy = Buffer.from(given.policy ?? document).toString('base64')
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`)
  return [...signing, ['policy', policy], ['x-amz-signature', hmac(key, policy).toString('hex')]]
}

/** Signature Version 2. */
export function signFormVersion2(conditions: readonly unknown[], date: Date): [string, string][] {
  const expiration = new Date(date.getTime() + 3_600_000).toISOString()
  const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64')
  const signature = createHmac('sha1', EXAMPLE.secretAccessKey).update(policy).digest('base64')
  return [
    ['AWSAccessKeyId', EXAMPLE.accessKeyId],
    ['policy', policy],
    ['signature', signature],
  ]
}
