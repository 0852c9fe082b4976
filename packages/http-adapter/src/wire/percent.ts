import { S3Error } from '../s3-error.js'

/** Percent-decodes once, as UTF-8. @throws {@link S3Error} `InvalidURI` for a bad escape or what is not UTF-8. */
export function decodePercent(text: string): string {
  const ascii = isAscii(text) ? text : escapeBytes(text)
  if (!ascii.includes('%')) return ascii
  try {
    return decodeURIComponent(ascii)
  } catch {
    throw invalidUri()
  }
}

const invalidUri = (): S3Error => new S3Error('InvalidURI', "Couldn't parse the specified URI.")

/** The alphabet that `encoding-type=url` leaves alone; a space is `%20`, which every decoder reads rightly. */
export function encodePercent(text: string): string {
  if (/^[A-Za-z0-9\-._~/*]*$/.test(text)) return text
  return encodeURIComponent(text).replace(/%2F|[!'()]/g, (found) =>
    found === '%2F' ? '/' : `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

const isAscii = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

/** A client that sent raw bytes beyond ASCII meant the UTF-8 they are; they arrive one character a byte. */
const escapeBytes = (text: string): string =>
  text.replace(/[\x80-\uffff]/g, (char) => {
    const code = char.charCodeAt(0)
    if (code > 0xff) throw invalidUri()
    return `%${code.toString(16)}`
  })
