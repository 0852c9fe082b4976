import type { ObjectRecord } from '../catalog/records/object-record.js'
import type { ByteRange } from '../contract/source.js'
import { EngineError } from '../errors.js'
import { resolveRange } from '../rules/byte-range.js'
import type { Works } from '../works.js'
import { extentsFrom } from './extents.js'
import type { Stretch } from './stored-bytes.js'

/** The stretch of an object that a range or a part number means; undefined for the whole. */
export async function findStretch(
  works: Works,
  record: ObjectRecord,
  { range, partNumber }: { range?: ByteRange; partNumber?: number },
): Promise<Stretch | undefined> {
  if (partNumber === undefined) return range === undefined ? undefined : resolveRange(range, record.sizeBytes)
  if (range !== undefined) throw new TypeError('A range and a part number cannot be asked for together.')
  if (record.partCount === undefined) {
    if (partNumber === 1) return { offset: 0, length: record.sizeBytes }
  } else {
    for await (const { extent, at } of extentsFrom(works, record.body))
      if (extent.part?.number === partNumber) return { offset: at, length: extent.part.sizeBytes }
  }
  const partCount = record.partCount ?? 1
  throw new EngineError(
    'InvalidPartNumber',
    `The object has ${partCount} parts, and no part ${partNumber}.`,
    {
      partNumber,
      partCount,
    },
  )
}
