import { timingSafeEqual } from 'node:crypto'
import { S3Error } from '../s3-error.js'

/** In a time that does not tell how much of it was right. */
export function sameSignature(expected: string, given: string): boolean {
  const a = Buffer.from(expected, 'latin1')
  const b = Buffer.from(given, 'latin1')
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}

/** Tells the client what was signed here, so that it can find where its own text differs. */
export function signatureMismatch(
  accessKeyId: string,
  stringToSign: string,
  signature: string,
  canonicalRequest?: string,
): S3Error {
  return new S3Error(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    {
      AWSAccessKeyId: accessKeyId,
      StringToSign: readable(stringToSign),
      SignatureProvided: signature,
      StringToSignBytes: hexBytes(stringToSign),
      ...(canonicalRequest === undefined
        ? {}
        : {
            CanonicalRequest: readable(canonicalRequest),
            CanonicalRequestBytes: hexBytes(canonicalRequest),
          }),
    },
  )
}

const readable = (text: string): string => Buffer.from(text, 'latin1').toString('utf8')

const hexBytes = (text: string): string =>
  Buffer.from(text, 'latin1')
    .toString('hex')
    .replace(/..(?!$)/g, '$& ')
