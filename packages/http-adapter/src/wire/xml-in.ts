import { SaxesParser } from 'saxes'
import { limits } from '../limits.js'
import { S3Error } from '../s3-error.js'

/** An element as S3's documents need it: attributes and namespaces carry no meaning in requests. */
export class XmlElement {
  /** Without its prefix. */
  readonly name: string
  readonly children: XmlElement[] = []
  /** What stands directly in the element, as written. */
  text = ''

  constructor(name: string) {
    this.name = name
  }

  find(name: string): XmlElement | undefined {
    return this.children.find((child) => child.name === name)
  }

  all(name: string): XmlElement[] {
    return this.children.filter((child) => child.name === name)
  }

  /** The text of a child, without the white space around it. */
  textOf(name: string): string | undefined {
    return this.find(name)?.text.trim()
  }
}

export const malformedXml = (
  message = 'The XML you provided was not well-formed or did not validate against our published schema',
): S3Error => new S3Error('MalformedXML', message)

/**
 * Nothing else may stand in an element, and of some things one at the most.
 *
 * @throws {@link S3Error} `MalformedXML`
 */
export function checkChildren(
  element: XmlElement,
  { one = [], many = [] }: { one?: readonly string[]; many?: readonly string[] },
): void {
  const seen = new Set<string>()
  for (const { name } of element.children) {
    if (many.includes(name)) continue
    if (!one.includes(name) || seen.has(name)) throw malformedXml()
    seen.add(name)
  }
}

/**
 * Reads a document strictly. Refused are a document type, processing instructions, entities beyond XML's own five,
 * another root, and more depth or elements than any document of S3 has.
 *
 * @throws {@link S3Error} `MalformedXML`
 */
export function parseXml(bytes: Uint8Array, root: string | readonly string[]): XmlElement {
  const parser = new SaxesParser()
  const open: XmlElement[] = []
  let document: XmlElement | undefined
  let elements = 0
  const refuse = (): never => {
    throw malformedXml()
  }
  parser.on('error', refuse)
  parser.on('doctype', refuse)
  parser.on('processinginstruction', refuse)
  parser.on('opentag', ({ name }) => {
    if (++elements > limits.xmlMaxElements || open.length === limits.xmlMaxDepth) refuse()
    const element = new XmlElement(name.slice(name.indexOf(':') + 1))
    open.at(-1)?.children.push(element)
    document ??= element
    open.push(element)
  })
  parser.on('closetag', () => {
    open.pop()
  })
  const keep = (text: string): void => {
    const element = open.at(-1)
    if (element !== undefined) element.text += text
  }
  parser.on('text', keep)
  parser.on('cdata', keep)
  try {
    parser.write(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).close()
  } catch (error) {
    if (error instanceof S3Error) throw error
    throw malformedXml()
  }
  if (document === undefined || ![root].flat().includes(document.name)) throw malformedXml()
  return document
}
