import type { Tags } from '@aquifer/engine'
import { limits } from '../limits.js'
import type { Call } from '../operation.js'
import { invalidArgument, S3Error } from '../s3-error.js'
import { readXmlBody } from './xml-body.js'
import { malformedXml, type XmlElement } from './xml-in.js'
import { element, text, xmlDocument } from './xml-out.js'

/**
 * `x-amz-tagging`: tags as a URL's query. An empty one says nothing.
 *
 * @throws {@link S3Error} `InvalidArgument`
 */
export function readTaggingHeader(headers: ReadonlyMap<string, string>): Tags | undefined {
  const header = headers.get('x-amz-tagging')
  if (header === undefined || header === '') return undefined
  const refuse = () =>
    invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      'x-amz-tagging',
      header,
    )
  const tags = new Map<string, string>()
  for (const pair of header.split('&')) {
    const equals = pair.includes('=') ? pair.indexOf('=') : pair.length
    const name = decode(pair.slice(0, equals), refuse)
    if (tags.has(name)) throw refuse()
    tags.set(name, decode(pair.slice(equals + 1), refuse))
  }
  return Object.fromEntries(tags)
}

export const writeTaggingHeader = (tags: Tags): string =>
  Object.entries(tags)
    .map((tag) => tag.map(encodeURIComponent).join('='))
    .join('&')

function decode(piece: string, refuse: () => S3Error): string {
  if (!/^[\x20-\x7e\x80-\xff]*$/.test(piece)) throw refuse()
  try {
    // What is beyond ASCII came one character a byte, and is UTF-8 as it is: long tags fit into headers in no other way.
    return decodeURIComponent(piece.replaceAll('+', ' ').replace(/[\x80-\xff]/g, escapeByte))
  } catch {
    throw refuse()
  }
}

const escapeByte = (char: string): string => `%${char.charCodeAt(0).toString(16)}`

/** @throws {@link S3Error} `MalformedXML`, `InvalidTag` */
export async function readTaggingDocument(call: Call): Promise<Tags> {
  const document = await readXmlBody(call, 'Tagging', { maxBytes: limits.taggingMaxBytes })
  const tagSet = document.find('TagSet')
  if (tagSet === undefined) throw malformedXml()
  return readTagElements(tagSet.all('Tag'))
}

/**
 * @param unsaid The value of a tag that is there without one. @defaultValue refused
 * @throws {@link S3Error} `MalformedXML`, `InvalidTag`
 */
export function readTagElements(elements: readonly XmlElement[], unsaid?: string): Tags {
  const tags = new Map<string, string>()
  for (const tag of elements) {
    const name = tag.find('Key')?.text
    const value = tag.find('Value')?.text ?? unsaid
    if (name === undefined || value === undefined) throw malformedXml()
    if (tags.has(name))
      throw new S3Error('InvalidTag', 'Cannot provide multiple Tags with the same key', { TagKey: name })
    tags.set(name, value)
  }
  return Object.fromEntries(tags)
}

export const taggingDocument = (tags: Tags): string =>
  xmlDocument(
    'Tagging',
    element(
      'TagSet',
      ...Object.entries(tags).map(([name, value]) => element('Tag', text('Key', name), text('Value', value))),
    ),
  )
