import { xmlDate } from './dates.js'

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
}
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that need a reference.
const special = /[&<>"'\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff]/
const specials = new RegExp(special.source, 'g')

/**
 * Text as element content. XML 1.0 has no way to write most control characters: like S3 we write references to
 * them, and whoever may have such keys asks for `encoding-type=url`.
 */
export function escapeXml(text: string): string {
  if (!special.test(text)) return text
  return text.replace(
    specials,
    (char) => escapes[char] ?? `&#x${char.charCodeAt(0).toString(16).toUpperCase()};`,
  )
}

/** An element around content that is XML already. */
export const element = (name: string, ...content: readonly string[]): string =>
  `<${name}>${content.join('')}</${name}>`

/** An element that holds text. */
export const text = (name: string, value: string | number | boolean): string =>
  `<${name}>${typeof value === 'string' ? escapeXml(value) : value}</${name}>`

/** An element that holds text, or nothing at all when there is no value. */
export const optional = (name: string, value: string | number | boolean | undefined): string =>
  value === undefined ? '' : text(name, value)

export const date = (name: string, value: Date): string => `<${name}>${xmlDate(value)}</${name}>`

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** A whole document in S3's namespace. */
export const xmlDocument = (root: string, ...content: readonly string[]): string =>
  documentIn('http://s3.amazonaws.com/doc/2006-03-01/', root, ...content)

/** A whole document in a namespace. */
export function documentIn(namespace: string, root: string, ...content: readonly string[]): string {
  let xml = `${declaration}<${root} xmlns="${namespace}">`
  for (const part of content) xml += part // Joining would copy a long listing once more.
  return `${xml}</${root}>`
}

/** Error documents have no namespace. */
export const plainDocument = (root: string, ...content: readonly string[]): string =>
  `${declaration}<${root}>${content.join('')}</${root}>`
