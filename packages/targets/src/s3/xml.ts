/** Bounded, so that a text of many beginnings without an end is looked through once. */
const opening = (name: string): string => `<(?:[\\w-]{1,32}:)?${name}(?:\\s[^>]{0,256})?>`
const closing = (name: string): string => `</(?:[\\w-]{1,32}:)?${name}>`

/**
 * The text of the first element of a name, wherever it stands. What servers answer is read so, and no more of it: whatever else
 * there is does not matter, and what is no XML has no such element.
 */
export function findText(xml: string, name: string): string | undefined {
  const found = new RegExp(opening(name)).exec(xml)
  if (found === null) return undefined
  const start = found.index + found[0].length
  const end = xml.indexOf('<', start)
  return end === -1 ? undefined : unescapeXml(xml.slice(start, end).trim())
}

/** What stands in each element of a name that holds others. */
export function findAll(xml: string, name: string): string[] {
  const tag = new RegExp(`(${opening(name)})|${closing(name)}`, 'g')
  const found: string[] = []
  let start: number | undefined
  for (const { 0: text, 1: isOpening, index } of xml.matchAll(tag)) {
    if (isOpening !== undefined) start ??= index + text.length
    else if (start !== undefined) {
      found.push(xml.slice(start, index))
      start = undefined
    }
  }
  return found
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return named[name] ?? whole
    const code = Number.parseInt(hex ?? decimal, hex === undefined ? 10 : 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

/** An element with text in it. */
export const textElement = (name: string, text: string | number): string =>
  `<${name}>${String(text).replace(/[&<>"'\r\n\t]/g, (found) => `&#${found.charCodeAt(0)};`)}</${name}>`

export const s3Document = (name: string, ...inside: readonly string[]): Uint8Array =>
  Buffer.from(`<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside.join('')}</${name}>`)
