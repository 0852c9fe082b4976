// The form by which S3 servers take a fan-out: an upload by POST, signed for one key, with a list of the objects to be made.
import { createHmac, randomUUID } from 'node:crypto'

export interface FanOutEntry {
  readonly key: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly tags?: Readonly<Record<string, string>>
  readonly contentType?: string
  readonly contentEncoding?: string
  readonly contentDisposition?: string
  readonly contentLanguage?: string
  readonly cacheControl?: string
  readonly retention?: 'GOVERNANCE' | 'COMPLIANCE'
  readonly retainUntil?: Date
}

export interface Signing {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of temporary keys. */
  readonly sessionToken?: string
  /** @defaultValue `us-east-1` */
  readonly region?: string
}

/** What stands before and behind the bytes of the stream, so that the body is head, stream, tail. */
export interface FanOutForm {
  readonly contentType: string
  readonly head: Uint8Array
  readonly tail: Uint8Array
}

/**
 * @param entries One object each, at most 1,000 unless the server says otherwise.
 * @param fields Of the form besides, which hold for every entry: `content-type`, or the stream's `x-amz-checksum-sha256`.
 */
export function fanOutForm(
  bucket: string,
  entries: readonly FanOutEntry[],
  signing: Signing,
  fields: Readonly<Record<string, string>> = {},
): FanOutForm {
  if (entries.length === 0) throw new RangeError('Without entries it would be an upload of one object.')
  // Nothing is stored under the form's own key. It is signed, and the signer must be allowed to fan out to it.
  const signed = signPolicy({ bucket, key: randomUUID(), ...fields }, signing)
  const boundary = `fan-out-${randomUUID()}`
  const parts = Object.entries({ ...signed, 'x-minio-fanout-list': entries.map(toLine).join('') }).map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const file = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="content"\r\n\r\n`
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    head: Buffer.from(parts.join('') + file),
    tail: Buffer.from(`\r\n--${boundary}--\r\n`),
  }
}

const toLine = (entry: FanOutEntry): string => `${JSON.stringify(entry)}\n`

/** The fields, with a policy that allows just them for a quarter of an hour. */
function signPolicy(fields: Readonly<Record<string, string>>, signing: Signing): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken, region = 'us-east-1' } = signing
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = [time.slice(0, 8), region, 's3', 'aws4_request']
  const all = {
    ...fields,
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': [accessKeyId, ...scope].join('/'),
    'x-amz-date': time,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  }
  const expiration = new Date(Date.now() + 15 * 60_000).toISOString()
  const conditions = Object.entries(all).map(([name, value]) => ['eq', `$${name}`, value])
  const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64')
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`)
  return { ...all, policy, 'x-amz-signature': hmac(key, policy).toString('hex') }
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
