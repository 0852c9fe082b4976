import { toObjectPart } from '../catalog/object-info.js'
import type { ObjectRecord } from '../catalog/records/object-record.js'
import type { ObjectPart } from '../contract/multipart.js'
import type { ByteRange } from '../contract/source.js'
import { EngineError } from '../errors.js'
import { resolveRange } from '../rules/byte-range.js'
import type { Works } from '../works.js'
import { extentsFrom } from './extents.js'
import type { Stretch } from './stored-bytes.js'

export interface FoundStretch extends Stretch {
  /** The part that it is, from its first byte to its last. */
  readonly part?: ObjectPart
}

/** The stretch of an object that a range or a part number means; undefined for the whole. */
export async function findStretch(
  works: Works,
  record: ObjectRecord,
  { range, partNumber }: { range?: ByteRange; partNumber?: number },
): Promise<FoundStretch | undefined> {
  if (partNumber !== undefined) {
    if (range !== undefined) throw new TypeError('A range and a part number cannot be asked for together.')
    return findPart(works, record, partNumber)
  }
  const stretch = range === undefined ? undefined : resolveRange(range, record.sizeBytes)
  if (stretch === undefined || record.partCount === undefined) return stretch
  for await (const { extent, at } of extentsFrom(works, record.body, stretch.offset)) {
    const isPart = at === stretch.offset && extent.part?.sizeBytes === stretch.length
    if (isPart) return { ...stretch, part: toObjectPart(extent.part!, record) }
    if (extent.length > 0) break
  }
  return stretch
}

async function findPart(works: Works, record: ObjectRecord, partNumber: number): Promise<FoundStretch> {
  if (record.partCount === undefined) {
    if (partNumber === 1) return { offset: 0, length: record.sizeBytes }
  } else {
    for await (const { extent, at } of extentsFrom(works, record.body))
      if (extent.part?.number === partNumber)
        return { offset: at, length: extent.part.sizeBytes, part: toObjectPart(extent.part, record) }
  }
  const partCount = record.partCount ?? 1
  throw new EngineError(
    'InvalidPartNumber',
    `The object has ${partCount} parts, and no part ${partNumber}.`,
    { partNumber, partCount },
  )
}
