import type { CorsMethod, CorsRule } from '@aquifer/engine'
import { limits } from '../limits.js'
import type { Call } from '../operation.js'
import { readXmlBody } from '../wire/xml-body.js'
import { malformedXml, type XmlElement } from '../wire/xml-in.js'
import { element, optional, text, xmlDocument } from '../wire/xml-out.js'

/** @throws {@link S3Error} `MalformedXML`, `MaxMessageLengthExceeded` */
export async function readCorsDocument(call: Call): Promise<CorsRule[]> {
  const document = await readXmlBody(call, 'CORSConfiguration', { maxBytes: limits.corsMaxBytes })
  const rules = document.all('CORSRule')
  if (rules.length === 0) throw malformedXml()
  return rules.map(readRule)
}

function readRule(rule: XmlElement): CorsRule {
  const all = (name: string): string[] => rule.all(name).map((element) => element.text.trim())
  const allowedOrigins = all('AllowedOrigin')
  // Which methods there are is the engine's to say.
  const allowedMethods = all('AllowedMethod') as CorsMethod[]
  if (allowedOrigins.length === 0 || allowedMethods.length === 0) throw malformedXml()
  const [allowedHeaders, exposeHeaders] = [all('AllowedHeader'), all('ExposeHeader')]
  const id = rule.textOf('ID')
  const maxAge = rule.textOf('MaxAgeSeconds')
  if (maxAge !== undefined && !/^\d{1,10}$/.test(maxAge)) throw malformedXml()
  return {
    ...(id === undefined ? {} : { id }),
    allowedOrigins,
    allowedMethods,
    ...(allowedHeaders.length === 0 ? {} : { allowedHeaders }),
    ...(exposeHeaders.length === 0 ? {} : { exposeHeaders }),
    ...(maxAge === undefined ? {} : { maxAgeSeconds: Number(maxAge) }),
  }
}

export const corsDocument = (rules: readonly CorsRule[]): string =>
  xmlDocument('CORSConfiguration', ...rules.map(ruleElement))

function ruleElement(rule: CorsRule): string {
  const each = (name: string, values: readonly string[] = []): string =>
    values.map((value) => text(name, value)).join('')
  return element(
    'CORSRule',
    optional('ID', rule.id),
    each('AllowedHeader', rule.allowedHeaders),
    each('AllowedMethod', rule.allowedMethods),
    each('AllowedOrigin', rule.allowedOrigins),
    each('ExposeHeader', rule.exposeHeaders),
    optional('MaxAgeSeconds', rule.maxAgeSeconds),
  )
}
