/**
 * The text of the first element of a name, wherever it stands. What servers answer is read so, and no more of it: whatever else
 * there is does not matter, and what is no XML has no such element.
 */
export function findText(xml: string, name: string): string | undefined {
  const found = new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(xml)?.[1]
  return found === undefined ? undefined : unescapeXml(found.trim())
}

/** What stands in each element of a name that holds others. */
export function findAll(xml: string, name: string): string[] {
  const element = new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^>]*)?>(.*?)</(?:[\\w-]+:)?${name}>`, 'gs')
  return [...xml.matchAll(element)].map(([, inside = '']) => inside)
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
