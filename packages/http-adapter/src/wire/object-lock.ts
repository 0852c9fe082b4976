import type { DefaultRetention, ObjectInfo, ObjectLock, Retention, RetentionMode } from '@aquifer/engine'
import { limits } from '../limits.js'
import type { Call } from '../operation.js'
import { invalidArgument } from '../s3-error.js'
import { parseDate } from './dates.js'
import { requireDigest } from './required-digest.js'
import { readXmlBody } from './xml-body.js'
import { malformedXml, type XmlElement } from './xml-in.js'
import { date, element, text, xmlDocument } from './xml-out.js'

const modeHeader = 'x-amz-object-lock-mode'
const dateHeader = 'x-amz-object-lock-retain-until-date'
const holdHeader = 'x-amz-object-lock-legal-hold'

export interface AskedLock {
  readonly retention?: Retention
  readonly legalHold?: boolean
}

/**
 * How a request asks that the version it writes be locked. It needs a digest of the body where one comes with it.
 *
 * @throws {@link S3Error} `InvalidArgument`, `InvalidRequest`
 */
export function readLockHeaders(call: Call, { hasBody = false } = {}): AskedLock {
  const { headers } = call
  const retention = readRetention(headers.get(modeHeader) || undefined, headers.get(dateHeader) || undefined)
  const legalHold = readHold(headers.get(holdHeader) || undefined)
  if (retention === undefined && legalHold === undefined) return {}
  if (hasBody) requireDigest(call, missingDigest)
  return { ...(retention && { retention }), ...(legalHold === undefined ? {} : { legalHold }) }
}

const missingDigest =
  'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters'

function readRetention(mode: string | undefined, until: string | undefined): Retention | undefined {
  if (mode === undefined && until === undefined) return undefined
  if (mode === undefined || until === undefined) {
    const missing = mode === undefined ? modeHeader : dateHeader
    throw invalidArgument(`${dateHeader} and ${modeHeader} must both be supplied`, missing, undefined)
  }
  const known = modeOf(mode)
  if (known === undefined) throw invalidArgument('Unknown wormMode directive.', modeHeader, mode)
  const retainUntil = readIsoDate(until)
  if (retainUntil === undefined)
    throw invalidArgument('The retain until date must be provided in ISO 8601 format', dateHeader, until)
  return { mode: known, retainUntil }
}

function readHold(hold: string | undefined): boolean | undefined {
  if (hold === undefined) return undefined
  const on = holdOf(hold)
  if (on === undefined) throw invalidArgument("Legal Hold must be either of 'ON' or 'OFF'", holdHeader, hold)
  return on
}

const modeLabels: Readonly<Record<RetentionMode, string>> = {
  governance: 'GOVERNANCE',
  compliance: 'COMPLIANCE',
}

function modeOf(label: string | undefined): RetentionMode | undefined {
  if (label === modeLabels.governance) return 'governance'
  return label === modeLabels.compliance ? 'compliance' : undefined
}

function holdOf(label: string | undefined): boolean | undefined {
  if (label === 'ON') return true
  return label === 'OFF' ? false : undefined
}

const readIsoDate = (value: string): Date | undefined =>
  /^\d{4}-/.test(value) ? parseDate(value) : undefined

/** The headers that tell of a version's lock, to those who have the right to each. */
export async function writeLockHeaders(
  { rights, target }: Call,
  { retention, legalHold }: ObjectInfo,
): Promise<Record<string, string>> {
  const headers: Record<string, string> = {}
  if (retention !== undefined && (await rights.may('s3:GetObjectRetention', target))) {
    headers[modeHeader] = modeLabels[retention.mode]
    headers[dateHeader] = retention.retainUntil.toISOString()
  }
  if (legalHold !== undefined && (await rights.may('s3:GetObjectLegalHold', target)))
    headers[holdHeader] = legalHold ? 'ON' : 'OFF'
  return headers
}

/**
 * Whether the request asks to go past governance and may. Who may not is refused only where that would be needed, and
 * so by the engine.
 */
export async function readBypass(
  { headers, rights, target }: Call,
  { key, versionId }: { readonly key: string; readonly versionId?: string } = target,
): Promise<boolean> {
  if (headers.get('x-amz-bypass-governance-retention')?.toLowerCase() !== 'true') return false
  const version = versionId === undefined ? {} : { versionId }
  return rights.may('s3:BypassGovernanceRetention', { bucket: target.bucket, key, ...version })
}

const readSmallDocument = (call: Call, ...roots: readonly string[]): Promise<XmlElement> => {
  requireDigest(call)
  return readXmlBody(call, roots, { maxBytes: limits.lockXmlMaxBytes })
}

/** An empty one takes a retention away. @throws {@link S3Error} `MalformedXML`, `InvalidRequest` */
export async function readRetentionDocument(call: Call): Promise<Retention | undefined> {
  const document = await readSmallDocument(call, 'Retention')
  const mode = document.textOf('Mode')
  const until = document.textOf('RetainUntilDate')
  if (mode === undefined && until === undefined) return undefined
  const known = modeOf(mode)
  const retainUntil = until === undefined ? undefined : readIsoDate(until)
  if (known === undefined || retainUntil === undefined) throw malformedXml()
  return { mode: known, retainUntil }
}

export const retentionDocument = ({ mode, retainUntil }: Retention): string =>
  xmlDocument('Retention', text('Mode', modeLabels[mode]), date('RetainUntilDate', retainUntil))

/** Older clients give the document another name. @throws {@link S3Error} `MalformedXML`, `InvalidRequest` */
export async function readLegalHoldDocument(call: Call): Promise<boolean> {
  const document = await readSmallDocument(call, 'LegalHold', 'ObjectLockLegalHold')
  const on = holdOf(document.textOf('Status'))
  if (on === undefined) throw malformedXml()
  return on
}

export const legalHoldDocument = (on: boolean): string =>
  xmlDocument('LegalHold', text('Status', on ? 'ON' : 'OFF'))

/** @throws {@link S3Error} `MalformedXML`, `InvalidRequest` */
export async function readObjectLockDocument(call: Call): Promise<ObjectLock> {
  const document = await readSmallDocument(call, 'ObjectLockConfiguration')
  if (document.textOf('ObjectLockEnabled') !== 'Enabled') throw malformedXml()
  const rule = document.find('Rule')
  return rule === undefined ? {} : { defaultRetention: readDefault(rule.find('DefaultRetention')) }
}

function readDefault(retention: XmlElement | undefined): DefaultRetention {
  const mode = modeOf(retention?.textOf('Mode'))
  const days = retention?.textOf('Days')
  const years = retention?.textOf('Years')
  if (mode === undefined || (days === undefined) === (years === undefined)) throw malformedXml()
  const period = days ?? years!
  if (!/^-?\d{1,10}$/.test(period)) throw malformedXml()
  return days === undefined ? { mode, years: Number(period) } : { mode, days: Number(period) }
}

export function objectLockDocument({ defaultRetention: rule }: ObjectLock): string {
  const period = rule && ('days' in rule ? text('Days', rule.days) : text('Years', rule.years))
  return xmlDocument(
    'ObjectLockConfiguration',
    text('ObjectLockEnabled', 'Enabled'),
    rule === undefined
      ? ''
      : element('Rule', element('DefaultRetention', text('Mode', modeLabels[rule.mode]), period!)),
  )
}
