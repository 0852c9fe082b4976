// Every way of signing × every payload mode × every way to spoil it. Only what is unspoilt may pass.
import { crc32 } from 'node:zlib'
import {
  type PayloadKind,
  type SignedMessage,
  type Signer,
  signMessage,
  type ToSign,
} from './signing-client.js'

export interface Case {
  readonly name: string
  readonly message: SignedMessage
  /** The code that must refuse it, or `'accepted'`. */
  readonly expected: string
}

const FORMS = ['header', 'query'] as const
const KINDS: readonly PayloadKind[] = [
  'hashed',
  'unsigned',
  'unsigned-chunked',
  'unsigned-chunked-trailer',
  'signed-chunked',
  'signed-chunked-trailer',
]

const MINUTE = 60_000
const CHUNK_BYTES = 8 * 1024

/** Three chunks, each of other bytes. */
export const MATRIX_BODY = Buffer.from(
  Array.from({ length: 2 * CHUNK_BYTES + 5_000 }, (_, at) => (at * 7 + (at >> 13) * 31) & 0xff),
)

export interface MatrixSettings {
  readonly signer: Signer
  readonly host: string
  /** A new path for each case, so that what was refused can be looked for. */
  path(name: string): string
  readonly now: number
}

export function* signatureMatrix(settings: MatrixSettings): Generator<Case> {
  for (const form of FORMS) {
    for (const payload of KINDS) {
      for (const [fault, { spoil, expected }] of Object.entries(FAULTS)) {
        const name = `${form}, ${payload}: ${fault}`
        const what = ask(settings, form, payload, settings.path(name))
        const message = spoil(settings, what)
        setLength(message)
        yield { name, message, expected: expected(what) }
      }
    }
  }
}

/** Where neither hash nor chunk signature vouches for the bytes, a checksum does, as the SDKs send it. */
function ask(settings: MatrixSettings, form: 'header' | 'query', payload: PayloadKind, path: string): ToSign {
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(MATRIX_BODY))
  const value = checksum.toString('base64')
  const byHeader = payload === 'unsigned' || payload === 'unsigned-chunked'
  return {
    form,
    method: 'PUT',
    host: settings.host,
    path,
    payload,
    body: MATRIX_BODY,
    chunkBytes: CHUNK_BYTES,
    date: new Date(settings.now),
    headers: { 'x-amz-meta-colour': 'green', ...(byHeader ? { 'x-amz-checksum-crc32': value } : {}) },
    ...(payload.endsWith('trailer') ? { trailer: ['x-amz-checksum-crc32', value] as const } : {}),
  }
}

interface Fault {
  spoil(settings: MatrixSettings, what: ToSign): SignedMessage
  expected(what: ToSign): string
}

const sign = ({ signer }: MatrixSettings, what: ToSign): SignedMessage => signMessage(signer, what)
const isFramed = ({ payload }: ToSign): boolean => payload.includes('chunked')

/** How each mode finds out that its bytes are not those that were signed. */
const bytesDiffer = ({ payload }: ToSign): string => {
  if (payload === 'hashed') return 'XAmzContentSHA256Mismatch'
  return payload.startsWith('signed') ? 'SignatureDoesNotMatch' : 'BadDigest'
}

const always = (code: string) => () => code

const FAULTS: Record<string, Fault> = {
  good: { spoil: sign, expected: always('accepted') },
  'altered body': {
    spoil(settings, what) {
      const message = sign(settings, what)
      message.frames[0]!.writeUInt8(message.frames[0]!.readUInt8(4_000) ^ 1, 4_000)
      return message
    },
    expected: bytesDiffer,
  },
  'altered header': {
    spoil: (settings, what) => {
      const message = sign(settings, what)
      return { ...message, headers: replaced(message.headers, 'x-amz-meta-colour', 'red') }
    },
    expected: always('SignatureDoesNotMatch'),
  },
  'added header': {
    spoil: (settings, what) => sign(settings, { ...what, unsignedHeaders: { 'x-amz-meta-size': 'large' } }),
    expected: always('AccessDenied'),
  },
  'added query': {
    spoil: (settings, what) => {
      const message = sign(settings, what)
      const mark = message.rawUrl.includes('?') ? '&' : '?'
      return { ...message, rawUrl: `${message.rawUrl}${mark}x-id=PutObject` }
    },
    expected: always('SignatureDoesNotMatch'),
  },
  'altered path': {
    spoil: (settings, what) => {
      const message = sign(settings, what)
      return { ...message, rawUrl: message.rawUrl.replace(what.path, `${what.path}-`) }
    },
    expected: always('SignatureDoesNotMatch'),
  },
  'altered method': {
    spoil: (settings, what) => ({ ...sign(settings, what), method: 'POST' }),
    expected: always('SignatureDoesNotMatch'),
  },
  'altered trailer': {
    spoil(settings, what) {
      const message = sign(settings, what)
      const last = message.frames.at(-1)!
      const spoilt = what.trailer
        ? last.toString('latin1').replace(what.trailer[1], 'AAAAAA==')
        : `${last.toString('latin1').replace(/\r\n$/, '')}x-amz-checksum-crc32:AAAAAA==\r\n\r\n`
      message.frames.splice(-1, 1, Buffer.from(spoilt, 'latin1'))
      return message
    },
    expected: (what) =>
      isFramed(what) && what.trailer === undefined ? 'MalformedTrailerError' : bytesDiffer(what),
  },
  'wrong key': {
    spoil: ({ signer }, what) => signMessage({ ...signer, secretAccessKey: 'another' }, what),
    expected: always('SignatureDoesNotMatch'),
  },
  'unknown key': {
    spoil: ({ signer }, what) => signMessage({ ...signer, accessKeyId: 'AKIDUNKNOWN' }, what),
    expected: always('InvalidAccessKeyId'),
  },
  expired: {
    spoil: (settings, what) => sign(settings, at(what, settings.now - 61 * MINUTE)),
    expected: ({ form }) => (form === 'query' ? 'AccessDenied' : 'RequestTimeTooSkewed'),
  },
  skewed: {
    spoil: (settings, what) => sign(settings, at(what, settings.now + 16 * MINUTE)),
    expected: ({ form }) => (form === 'query' ? 'AccessDenied' : 'RequestTimeTooSkewed'),
  },
  'replayed chunk': {
    spoil(settings, what) {
      const message = sign(settings, what)
      if (isFramed(what)) message.frames.splice(1, 1, message.frames[0]!)
      else message.frames[0]!.copyWithin(CHUNK_BYTES, 0, CHUNK_BYTES)
      return message
    },
    expected: bytesDiffer,
  },
  'chunks in another order': {
    spoil(settings, what) {
      const message = sign(settings, what)
      if (isFramed(what)) message.frames.splice(0, 2, message.frames[1]!, message.frames[0]!)
      else message.frames[0]!.swap16()
      return message
    },
    expected: bytesDiffer,
  },
  'missing final chunk': {
    spoil(settings, what) {
      const message = sign(settings, what)
      if (isFramed(what)) message.frames.pop()
      else message.frames[0] = message.frames[0]!.subarray(0, -1)
      return message
    },
    expected: (what) => (isFramed(what) ? 'IncompleteBody' : bytesDiffer(what)),
  },
  'one chunk short': {
    spoil(settings, what) {
      const message = sign(settings, what)
      if (isFramed(what)) message.frames.splice(2, 1)
      else message.frames[0] = message.frames[0]!.subarray(0, 2 * CHUNK_BYTES)
      return message
    },
    expected: (what) => (isFramed(what) ? 'IncompleteBody' : bytesDiffer(what)),
  },
}

const at = (what: ToSign, time: number): ToSign => ({ ...what, date: new Date(time), expiresSeconds: 3_600 })

const replaced = (headers: SignedMessage['headers'], name: string, value: string): [string, string][] =>
  headers.map(([other, former]) => [other, other === name ? value : former])

/** An attacker would send a length that fits. */
function setLength(message: SignedMessage): void {
  const length = message.frames.reduce((sum, { byteLength }) => sum + byteLength, 0)
  for (const header of message.headers) if (header[0] === 'content-length') header[1] = String(length)
}
