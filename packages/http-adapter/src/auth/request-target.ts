import { S3Error } from '../s3-error.js'

/** One name of the query, as the canonical request writes it and as it reads. */
export interface QueryParameter {
  readonly encodedName: string
  readonly encodedValue: string
  /** Decoded, one character a byte, like a header's value. */
  readonly name: string
  readonly value: string
}

export interface RequestTarget {
  /** Exactly as sent. */
  readonly rawPath: string
  /** Decoded once and encoded again with S3's alphabet. Empty is `/`. */
  readonly canonicalPath: string
  /** In the order sent. */
  readonly parameters: readonly QueryParameter[]
}

const invalidUri = (): S3Error => new S3Error('InvalidURI', "Couldn't parse the specified URI.")

/** @throws {@link S3Error} `InvalidURI` for a `%` that two hex digits do not follow. */
export function readTarget(rawUrl: string): RequestTarget {
  const url = withoutOrigin(rawUrl)
  const queryStart = url.indexOf('?')
  const rawPath = queryStart === -1 ? url : url.slice(0, queryStart)
  return {
    rawPath,
    canonicalPath: rawPath === '' ? '/' : encode(decode(rawPath, false), PATH),
    parameters: queryStart === -1 ? [] : readParameters(url.slice(queryStart + 1)),
  }
}

/** A client that speaks to a proxy may write the whole URL; only its path and query are signed. */
function withoutOrigin(rawUrl: string): string {
  if (rawUrl.startsWith('/')) return rawUrl
  const origin = /^https?:\/\/[^/?]*/i.exec(rawUrl)
  return origin === null ? rawUrl : rawUrl.slice(origin[0].length)
}

function readParameters(query: string): QueryParameter[] {
  const parameters: QueryParameter[] = []
  for (const text of query.split('&')) {
    if (text === '') continue
    const equals = text.indexOf('=')
    const name = decode(equals === -1 ? text : text.slice(0, equals), true)
    const value = equals === -1 ? '' : decode(text.slice(equals + 1), true)
    parameters.push({ name, value, encodedName: encode(name, QUERY), encodedValue: encode(value, QUERY) })
  }
  return parameters
}

/** Percent-decodes once, to one character a byte. */
function decode(text: string, plusIsSpace: boolean): string {
  if (!/[%+\u0100-\uffff]/.test(text)) return text
  let decoded = ''
  for (let at = 0; at < text.length; at++) {
    let code = text.charCodeAt(at)
    if (code > 0xff) throw invalidUri()
    if (code === 0x25) {
      const high = hexDigit(text.charCodeAt(at + 1))
      const low = hexDigit(text.charCodeAt(at + 2))
      if (high === -1 || low === -1) throw invalidUri()
      code = high * 16 + low
      at += 2
    } else if (code === 0x2b && plusIsSpace) {
      code = 0x20
    }
    decoded += String.fromCharCode(code)
  }
  return decoded
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

interface Alphabet {
  readonly plain: RegExp
  /** What each byte is written as. */
  readonly written: readonly string[]
}

function alphabet(plain: RegExp, kept: RegExp): Alphabet {
  const written = Array.from({ length: 256 }, (_, byte) => {
    const char = String.fromCharCode(byte)
    return kept.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  })
  return { plain, written }
}

const PATH = alphabet(/^[A-Za-z0-9\-._~/]*$/, /[A-Za-z0-9\-._~/]/)
const QUERY = alphabet(/^[A-Za-z0-9\-._~]*$/, /[A-Za-z0-9\-._~]/)

function encode(text: string, { plain, written }: Alphabet): string {
  if (plain.test(text)) return text
  let encoded = ''
  for (let at = 0; at < text.length; at++) encoded += written[text.charCodeAt(at)]
  return encoded
}
