import { Buffer } from 'node:buffer'

/**
 * A version's place among those of its key, 16 bytes whose order is that of S3's lists: the newest first. Six are the
 * complement of its order, ten the random ones of its record's id, so that no place is ever given twice. Its text is
 * the version id that callers see.
 */
export type VersionPlace = Uint8Array

const ORDER_MAX = 2 ** 48 - 1

/** What a record says of its place. */
interface Placed {
  readonly recordId: Uint8Array
  readonly lastModifiedMs: number
  readonly versionOrder?: number | undefined
  readonly isNullVersion?: boolean
}

/** An only version has no order yet: it will be that of its time. */
const orderOf = ({ versionOrder, lastModifiedMs }: Placed): number => versionOrder ?? lastModifiedMs

/** Later than the newest there is, whatever the clock says. */
export const nextOrder = (newest: Placed | undefined, nowMs: number): number =>
  newest === undefined ? nowMs : Math.max(nowMs, orderOf(newest) + 1)

export function placeOf(record: Placed): VersionPlace {
  const place = new Uint8Array(record.recordId)
  const complement = ORDER_MAX - orderOf(record)
  const view = new DataView(place.buffer)
  view.setUint16(0, Math.floor(complement / 2 ** 32))
  view.setUint32(2, complement % 2 ** 32)
  return place
}

/** The order by which a version has its place. */
export function orderOfPlace(place: VersionPlace): number {
  const view = new DataView(place.buffer, place.byteOffset, place.byteLength)
  return ORDER_MAX - (view.getUint16(0) * 2 ** 32 + view.getUint32(2))
}

/** The null version is called so wherever it stands. Source: S3 User Guide, "Working with version IDs". */
export const versionIdOf = (record: Placed): string =>
  record.versionOrder === undefined || record.isNullVersion === true ? 'null' : formatPlace(placeOf(record))

/** A place as text: the version's id, unless it is the null one's. */
export const formatPlace = (place: VersionPlace): string =>
  Buffer.from(place.buffer, place.byteOffset, place.byteLength).toString('hex')

/** Whether this can be the id of a version, `null` among them; not whether there is one. */
export const isVersionId = (text: string): boolean => parseVersionId(text) !== undefined

/** Behind every version: nothing was made in 1970 by a record whose id is of ones alone. */
const NOBODYS_PLACE: VersionPlace = new Uint8Array(16).fill(0xff)

/** A UUID, which is what AIStor's ids are. */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * Undefined for a text that cannot be a version's id, whatever it is. The id of a version of another server can be one and is
 * nobody's: who brings it is told that there is no such version. It is not read as a second spelling of an id of
 * ours, which policies that name the id would miss.
 */
export function parseVersionId(text: string): VersionPlace | 'null' | undefined {
  if (text === 'null') return text
  if (uuid.test(text)) return NOBODYS_PLACE
  if (text.length !== 32) return undefined
  const bytes = Buffer.from(text, 'hex')
  return bytes.byteLength === 16 && bytes.toString('hex') === text ? new Uint8Array(bytes) : undefined
}
